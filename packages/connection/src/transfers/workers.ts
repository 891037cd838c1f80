/**
 * Does something for each item, `concurrency` at a time. Once one has failed, or `outer` has aborted, no
 * other is begun, and those under way are stopped through the signal they were given. Throws the first
 * failure, when all are at rest.
 *
 * A worker, numbered from 0, that `mayGoOn` sends home takes no other item. What nobody took is left in
 * `items`, if that is an iterator.
 */
export async function forEach<T>(
  items: Iterable<T>,
  concurrency: number,
  outer: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  mayGoOn: (worker: number) => boolean = () => true,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  await runWorkers(concurrency, outer, async (signal, worker) => {
    while (mayGoOn(worker)) {
      signal.throwIfAborted();
      const { done, value } = waiting.next();
      if (done) return;
      await work(value, signal);
    }
  });
}

/**
 * Lets `concurrency` workers run side by side until all have returned. The first one that throws stops the
 * others through the signal they were given, and its error is thrown once they are all at rest: nothing of a
 * failed transfer goes on in the background.
 */
export async function runWorkers(
  concurrency: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal, worker: number) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  let failed: { readonly error: unknown } | undefined;
  const guarded = async (worker: number) => {
    try {
      await work(signal, worker);
    } catch (error) {
      failed ??= { error };
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, worker) => guarded(worker)));
  if (failed) throw failed.error;
}
