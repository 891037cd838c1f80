/** Bytes that may be under way at once. */
export type Room = {
  /**
   * Waits until so many bytes fit beside those that are under way, in the order of asking, and gives what
   * frees them again. What is larger than the room gets all of it.
   * @throws the reason of the signal
   */
  readonly take: (bytes: number, signal: AbortSignal) => Promise<() => void>;
};

type Waiting = { readonly bytes: number; readonly begin: () => void };

/** A room of so many bytes. clamd puts each file on a disk before it looks at it, and that is not endless. */
export function createRoom(capacity: number): Room {
  let free = capacity;
  let waiting: readonly Waiting[] = [];

  const letIn = () => {
    for (;;) {
      const [first, ...rest] = waiting;
      // Whoever is next waits for its place, however little the others need: a large file would wait for
      // ever.
      if (first === undefined || first.bytes > free) return;
      waiting = rest;
      free -= first.bytes;
      first.begin();
    }
  };

  return {
    async take(wanted, signal) {
      signal.throwIfAborted();
      const bytes = Math.min(wanted, capacity);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const place: Waiting = { bytes, begin: resolve };
      const leave = () => {
        waiting = waiting.filter((one) => one !== place);
        letIn();
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting = [...waiting, place];
      letIn();
      await promise.finally(() => signal.removeEventListener('abort', leave));
      return () => {
        free += bytes;
        letIn();
      };
    },
  };
}
