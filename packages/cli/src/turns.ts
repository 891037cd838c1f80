/** What is taken up together. */
export type Bounds = {
  /** this many, whatever their size */
  readonly least: number;
  /** no more than this many, however small they are */
  readonly most: number;
  /** beyond `least`, only while all of them together are no larger */
  readonly bytes: number;
};

type Sized = { readonly bytes: number };

/**
 * Does something with each item, in their order, several at once: few large ones, or many small ones. `work`
 * rejects only to end all of it: then no other is begun, and those under way come to rest first.
 */
export async function inTurns<T extends Sized>(
  items: readonly T[],
  { least, most, bytes }: Bounds,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let sum = 0;
  let failed: { readonly error: unknown } | undefined;
  for (const item of items) {
    while (running.size >= most || (running.size >= least && sum + item.bytes > bytes)) {
      await Promise.race(running);
    }
    if (failed) break;
    sum += item.bytes;
    const turn = work(item)
      .catch((error: unknown) => {
        failed ??= { error };
      })
      .finally(() => {
        sum -= item.bytes;
        running.delete(turn);
      });
    running.add(turn);
  }
  await Promise.all(running);
  if (failed) throw failed.error;
}
