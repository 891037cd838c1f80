/**
 * Runs `work` and, for as long as it takes, calls `renew` again and again, so that what the worker holds does not run out
 * under it. The signal that `work` is given aborts as well once `renew` answers that it is lost. A `renew` that throws
 * is tried again at its next turn: whatever was lost meanwhile, the epoch fences.
 */
export type Keep = <T>(
  renew: () => Promise<boolean>,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;
