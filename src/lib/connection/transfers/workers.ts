/**
 * Lets `concurrency` workers run side by side until all have returned. The first one that throws stops the others through
 * the signal they were given, and its error is thrown once they are all at rest: nothing of a failed transfer goes on in the
 * background.
 */
export async function runWorkers(
  concurrency: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  let failed: { readonly error: unknown } | undefined;
  const guarded = async () => {
    try {
      await work(signal);
    } catch (error) {
      failed ??= { error };
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, guarded));
  if (failed) throw failed.error;
}
