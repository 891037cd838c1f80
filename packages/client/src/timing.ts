import { abortable } from './abortable.ts';

/** Time and chance, as a dependency. */
export type Timing = {
  /** Resolves after a while; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** from 0 up to, not including, 1 */
  random(): number;
  /** milliseconds since the epoch */
  now(): number;
};

/** The real ones, of browsers and Node alike. */
export const realTiming: Timing = {
  sleep: (milliseconds, signal) =>
    abortable(signal, (resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      return () => clearTimeout(timer);
    }),
  random: Math.random,
  now: Date.now,
};
