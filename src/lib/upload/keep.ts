/**
 * Runs `work` and calls `renew` again and again until it ends, so that the worker's hold does not run out.
 * The signal that `work` gets also aborts once `renew` answers that the hold is lost. If `renew` throws, it
 * is called again at its next turn: if the hold was lost in the meantime, the epoch stops this worker.
 */
export type Keep = <T>(
  renew: () => Promise<boolean>,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;
