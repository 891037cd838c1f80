import type { Counter } from '@sluice/contract/quota';
import type { Upload } from '@sluice/contract/upload';
import { type Counted, parseCounterId } from './count.ts';
import type { Counters } from './ports.ts';

type Sum = { readonly files: number; readonly bytes: number };

export type RecountDeps = {
  readonly counters: Pick<Counters, 'read' | 'correct'>;
  /** every upload of a tenant, or of one owner of it, in pages */
  readonly uploadsOf: (whose: Counted) => AsyncIterable<readonly Upload[]>;
  /** waits until an index has heard of what was written before */
  readonly settle: () => Promise<unknown>;
};

/**
 * What came of counting again: `right`, or `wrong` and left so, or `corrected`, or `moving`, when uploads
 * came and went meanwhile and nothing can be said.
 */
export type Recounted = {
  readonly id: string;
  readonly counted: Sum;
  readonly found: Sum;
  readonly outcome: 'right' | 'wrong' | 'corrected' | 'moving';
};

/**
 * Holds a counter against the rows of the uploads that are in it. Uploads go on meanwhile: a counter that
 * changed during the count is not judged, and none is corrected that has changed since. Safe to repeat.
 * @param id of a counter, as toCounterId makes it
 */
export async function recount(
  { counters, uploadsOf, settle }: RecountDeps,
  id: string,
  { repair }: { readonly repair: boolean },
): Promise<Recounted> {
  const counted = parseCounterId(id);
  if (counted === undefined) throw new Error(`${id} is the id of no counter`);
  const seen = await counters.read(id);
  await settle();
  let found: Sum = { files: 0, bytes: 0 };
  for await (const uploads of uploadsOf(counted)) found = uploads.reduce(adderFor(counted), found);
  const after = await counters.read(id);
  const result = { id, counted: { files: after.files, bytes: after.bytes }, found };
  if (after.changes !== seen.changes) return { ...result, outcome: 'moving' };
  if (found.files === after.files && found.bytes === after.bytes) return { ...result, outcome: 'right' };
  if (!repair) return { ...result, outcome: 'wrong' };
  return { ...result, outcome: (await counters.correct(id, after, found)) ? 'corrected' : 'moving' };
}

function adderFor({ counter, policy }: Counted & { readonly counter: Counter }) {
  return (sum: Sum, { counters = [], reserved, evidence, policy: itsPolicy }: Upload): Sum => {
    if (!counters.includes(counter) || (policy !== undefined && policy !== itsPolicy)) return sum;
    const bytes = counter === 'unfinished' ? 0 : (reserved ?? evidence?.size ?? 0);
    return { files: sum.files + 1, bytes: sum.bytes + bytes };
  };
}
