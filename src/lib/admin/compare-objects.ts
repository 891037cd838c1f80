import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { parseKey } from '../upload/key.ts';
import type { Ledger, Objects, Place } from '../upload/ports.ts';
import type { Listed } from './ports.ts';
import { setOrphanAside } from './set-orphan-aside.ts';
import { eachOf, type Tally } from './tally.ts';

export type CompareDeps = {
  readonly ledger: Pick<Ledger, 'readMany' | 'postpone'>;
  readonly objects: Pick<Objects, 'facts' | 'copy' | 'remove'>;
  readonly signal: () => AbortSignal;
  readonly announce: (arrival: Pick<Upload, 'key'>) => Promise<void>;
  readonly now: () => number;
};

/** What to do beside looking. Without any of these, nothing is changed. */
export type Repairs = {
  /** everything that the sweep and verification would do if they knew */
  readonly repair: boolean;
  readonly orphans: boolean;
  readonly missing: boolean;
};

/** An object of a bucket, by a listing of just now or by an older report. */
export type Found = Pick<Listed, 'key' | 'size' | 'modifiedAt'>;

// A younger object may be on its way: its worker writes the row after the copy, and an overtaken one within
// an hour.
const SETTLED_AFTER_MS = 3_600_000;
const WAITS_AFTER_MS = 10 * 60_000;
/** The states in which a copy is where it belongs. */
const HOMES: Readonly<Record<Place, readonly State[]>> = {
  incoming: ['scanning'],
  store: ['accepted'],
  quarantine: ['rejected', 'recalled'],
};

/**
 * Compares some objects of a bucket with their rows.
 * @param isOld whether they are from a report: what looks wrong is then looked up once more, and what is said
 * and done follows from what is there now
 */
export async function compareObjects(
  deps: CompareDeps,
  repairs: Repairs,
  tally: Tally,
  {
    place,
    found,
    isOld,
  }: { readonly place: Place; readonly found: readonly Found[]; readonly isOld: boolean },
): Promise<void> {
  const ids = found.flatMap(({ key }) => parseKey(key)?.id ?? []);
  const { uploads, unreadable } = await deps.ledger.readMany(ids);
  const rows = new Map(uploads.map((upload) => [upload.key, upload]));
  const broken = new Set(unreadable.map(({ id }) => id));
  await eachOf(
    tally,
    found,
    ({ key }) => key,
    async (one) => {
      const id = parseKey(one.key)?.id;
      if (id !== undefined && broken.has(id)) return tally.note('unreadable', { id });
      const row = rows.get(one.key);
      if (isInOrder(place, one, row)) return tally.note('in order');
      const now = isOld ? await lookUp(deps, place, one) : one;
      if (now === undefined) return tally.note('changed since');
      if (isOld && isInOrder(place, now, row)) return tally.note('in order');
      if (place === 'incoming') return compareArrived(deps, repairs, tally, now, row);
      if (row === undefined) return compareUnknown(deps, repairs, tally, now);
      return compareCopy(deps, repairs, tally, { place, one: now, row });
    },
  );
}

function isInOrder(place: Place, { size }: Found, row: Upload | undefined): boolean {
  // Quarantine drops what is in it, and ends before or after its row by a day.
  if (row === undefined) return place === 'quarantine';
  return HOMES[place].includes(row.state) && !(place === 'store' && isOfOtherSize(size, row));
}

function isOfOtherSize(size: number, { evidence }: Upload): boolean {
  return evidence !== undefined && evidence.size !== size;
}

async function lookUp({ objects }: CompareDeps, place: Place, { key }: Found): Promise<Found | undefined> {
  const facts = await objects.facts(place, key);
  return facts && { key, size: facts.size, modifiedAt: facts.modifiedAt };
}

/** Verification knows what to do with whatever is in incoming; it has only to be told. */
async function compareArrived(
  { announce, now }: CompareDeps,
  { repair }: Repairs,
  tally: Tally,
  { key, modifiedAt = 0 }: Found,
  row: Upload | undefined,
): Promise<void> {
  if (modifiedAt > now() - WAITS_AFTER_MS) return tally.note('recent');
  const outcome =
    row === undefined
      ? 'unrequested'
      : row.state === 'requested' || row.state === 'verifying'
        ? 'not verified'
        : row.state === 'held'
          ? 'held'
          : 'left behind';
  if (repair && outcome !== 'held') await announce({ key });
  tally.note(outcome, {
    id: row?.id ?? key,
    detail: `in incoming${toDone(repair && outcome !== 'held', ', and announced')}`,
  });
}

async function compareCopy(
  { ledger, now }: CompareDeps,
  { repair }: Repairs,
  tally: Tally,
  { place, one, row }: { readonly place: Place; readonly one: Found; readonly row: Upload },
): Promise<void> {
  const { id, state } = row;
  if (HOMES[place].includes(state)) {
    const detail = `${one.size} bytes in the store, and ${row.evidence?.size} were verified`;
    return tally.note('wrong size', { id, detail });
  }
  if ((one.modifiedAt ?? 0) > now() - SETTLED_AFTER_MS) return tally.note('recent');
  if (repair) await ledger.postpone(row, now());
  const outcome = state === 'requested' || state === 'verifying' ? 'verdict lost' : 'contradicts';
  tally.note(outcome, {
    id,
    detail: `in ${place}, and the row is ${state}${toDone(repair, '; the sweep looks at it')}`,
  });
}

async function compareUnknown(
  deps: CompareDeps,
  { orphans }: Repairs,
  tally: Tally,
  { key, modifiedAt = 0 }: Found,
): Promise<void> {
  if (modifiedAt > deps.now() - SETTLED_AFTER_MS) return tally.note('recent');
  const isAside = orphans && (await setOrphanAside(deps, key));
  tally.note('orphan', { id: key, detail: `in store, without a row${toDone(isAside, '; set aside')}` });
}

/** What was done, for a detail, if it was. */
export function toDone(isDone: boolean, text: string): string {
  return isDone ? text : '';
}
