import type { AdminItem, AdminPage } from '@sluice/contract/admin';
import { addCounts } from './tally.ts';

/** Lambda answers with 6 MB at most. */
const ANSWER_BYTES = 4_000_000;

/** One step of a command's work: short, and safe to repeat, since a run may end in its middle. */
export type Step = (cursor: string | undefined) => Promise<AdminPage>;

/**
 * Takes step after step until the work is done, the time is over, or the answer is large enough; then the
 * page says where the next one begins.
 * @param hasTime whether there is time for one more step
 */
export async function walk(step: Step, from: string | undefined, hasTime: () => boolean): Promise<AdminPage> {
  const counts: Record<string, number> = {};
  const items: AdminItem[] = [];
  let bytes = 0;
  for (let cursor = from; ; ) {
    const page = await step(cursor);
    addCounts(counts, page.counts);
    items.push(...page.items);
    bytes += Buffer.byteLength(JSON.stringify(page.items));
    if (page.cursor === undefined) return { counts, items, ...(page.notes && { notes: page.notes }) };
    cursor = page.cursor;
    if (!hasTime() || bytes >= ANSWER_BYTES) return { counts, items, cursor };
  }
}

/** The step of a command that was given a list: a slice of it, from the place that the cursor says. */
export function overList<T>(
  list: readonly T[],
  size: number,
  work: (slice: readonly T[]) => Promise<AdminPage>,
): Step {
  return async (cursor) => {
    const at = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isSafeInteger(at) || at < 0) throw new BadCall('the cursor is not one of this command');
    const page = await work(list.slice(at, at + size));
    const next = at + size;
    return next < list.length ? { ...page, cursor: String(next) } : page;
  };
}

/** A call that cannot be done as it stands: the operator has to change it. */
export class BadCall extends Error {
  override readonly name = 'BadCall';
}
