import { forEach as eachOf } from '@sluice/connection/transfers/workers';

/**
 * Does something for each item, a few at a time, and resolves with the results in the order of the items. After one that
 * failed no other is begun.
 */
export async function forEach<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  await eachOf(items.entries(), Math.min(atOnce, items.length), undefined, async ([index, item]) => {
    results[index] = await work(item, index);
  });
  return results;
}
