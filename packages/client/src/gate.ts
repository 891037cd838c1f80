import { abortable } from './abortable.ts';

/** Does something as soon as it is its turn. Rejects with the signal's reason when it aborts before that. */
export type Gate = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

// The worker pool of the connection layer hands out the items of one list. This serves callers that know
// nothing of each other, several uploads of a page, and the client depends on no other package.

/**
 * Lets a number of things be done at once, and has the others wait in the order they came. A connection that
 * a browser itself makes wait for its turn looks as if it stood still, and would be given up.
 */
export function createGate(width: number): Gate {
  let free = width;
  const waiting = new Set<() => void>();

  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    abortable(signal, (enter: () => void) => {
      waiting.add(enter);
      return () => waiting.delete(enter);
    });

  return async (work, signal) => {
    signal?.throwIfAborted();
    if (free > 0) free--;
    else await turn(signal);
    try {
      return await work();
    } finally {
      const [next] = waiting;
      // The place is handed on, so that nobody who comes later can take it.
      if (next === undefined) free++;
      else {
        waiting.delete(next);
        next();
      }
    }
  };
}
