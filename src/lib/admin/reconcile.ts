import { isSettled, type State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { type MissingDeps, missingFrom } from '../quota/missing.ts';
import { parseKey } from '../upload/key.ts';
import type { Ledger, Objects, Place } from '../upload/ports.ts';
import type { AdminLedger, Buckets, Listed } from './ports.ts';
import { setOrphanAside } from './set-orphan-aside.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import { BadCall, type Step } from './walk.ts';

export type ReconcileDeps = Pick<MissingDeps, 'settings' | 'policies' | 'countIn'> & {
  readonly ledger: Pick<Ledger, 'readMany' | 'postpone' | 'move'>;
  readonly table: Pick<AdminLedger, 'scan'>;
  readonly objects: Pick<Objects, 'facts' | 'copy' | 'remove'>;
  readonly signal: () => AbortSignal;
  readonly buckets: Pick<Buckets, 'list'>;
  readonly announce: (arrival: Pick<Upload, 'key'>) => Promise<void>;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

/** What to do beside looking. Without any of these, nothing is changed. */
export type Repairs = {
  /** everything that the sweep and verification would do if they knew */
  readonly repair: boolean;
  readonly orphans: boolean;
  readonly missing: boolean;
};

const STEP_KEYS = 100;
const STEP_ROWS = 200;
// A younger object may be on its way: its worker writes the row after the copy, and an overtaken one within
// an hour.
const SETTLED_AFTER_MS = 3_600_000;
const WAITS_AFTER_MS = 10 * 60_000;
/** The states in which a copy is where it belongs. */
const HOMES: Readonly<Record<Place, readonly State[]>> = {
  incoming: [],
  store: ['accepted'],
  quarantine: ['rejected', 'recalled'],
};

/** A row that is still due after so long is one that the sweep does not get to, or cannot end. */
const OVERDUE_AFTER_MS = 3_600_000;

const PHASES = ['incoming', 'store', 'quarantine', 'rows'] as const;

type Phase = (typeof PHASES)[number];

/**
 * Compares the buckets with the ledger, both ways: first what each bucket holds, then every row. What is
 * found is counted and listed. A repair makes the row due, or announces the arrival: the sweep and
 * verification decide, as ever. Whatever this version cannot read is left alone.
 */
export function reconcile(deps: ReconcileDeps, repairs: Repairs): Step {
  return async (cursor) => {
    const { phase, after } = parseCursor(cursor);
    const tally = createTally();
    const end =
      phase === 'rows'
        ? await compareRows(deps, repairs, tally, after)
        : await compareBucket(deps, repairs, tally, phase, after);
    return tally.page(toCursor(phase, end));
  };
}

function parseCursor(cursor: string | undefined): { readonly phase: Phase; readonly after?: string } {
  if (cursor === undefined) return { phase: 'incoming' };
  const [name, ...rest] = cursor.split(':');
  const phase = PHASES.find((known) => known === name);
  if (phase === undefined) throw new BadCall('the cursor is not one of this command');
  const after = rest.join(':');
  return { phase, ...(after !== '' && { after }) };
}

function toCursor(phase: Phase, end: string | undefined): string | undefined {
  if (end !== undefined) return `${phase}:${end}`;
  const next = PHASES[PHASES.indexOf(phase) + 1];
  return next === undefined ? undefined : `${next}:`;
}

async function compareBucket(
  deps: ReconcileDeps,
  repairs: Repairs,
  tally: Tally,
  place: Place,
  after: string | undefined,
): Promise<string | undefined> {
  const listed = await deps.buckets.list(place, after, STEP_KEYS);
  const ids = listed.flatMap(({ key }) => parseKey(key)?.id ?? []);
  const { uploads, unreadable } = await deps.ledger.readMany(ids);
  const rows = new Map(uploads.map((upload) => [upload.key, upload]));
  const broken = new Set(unreadable.map(({ id }) => id));
  await eachOf(
    tally,
    listed,
    ({ key }) => key,
    async (one) => {
      const id = parseKey(one.key)?.id;
      if (id !== undefined && broken.has(id)) return tally.note('unreadable', { id });
      const row = rows.get(one.key);
      if (place === 'incoming') return compareArrived(deps, repairs, tally, one, row);
      if (row === undefined) return compareUnknown(deps, repairs, tally, { place, one });
      return compareCopy(deps, repairs, tally, { place, one, row });
    },
  );
  return listed.length < STEP_KEYS ? undefined : listed.at(-1)?.key;
}

/** Verification knows what to do with whatever is in incoming; it has only to be told. */
async function compareArrived(
  { announce, now }: ReconcileDeps,
  { repair }: Repairs,
  tally: Tally,
  { key, modifiedAt = 0 }: Listed,
  row: Upload | undefined,
): Promise<void> {
  if (modifiedAt > now() - WAITS_AFTER_MS) return tally.note('recent');
  if (row !== undefined && row.state === 'scanning') return tally.note('in order');
  const outcome =
    row === undefined
      ? 'unrequested'
      : row.state === 'requested' || row.state === 'verifying'
        ? 'not verified'
        : row.state === 'held'
          ? 'held'
          : 'left behind';
  if (repair && outcome !== 'held') await announce({ key });
  tally.note(outcome, { id: row?.id ?? key, detail: `in incoming${toDone(repair, ', and announced')}` });
}

async function compareCopy(
  { ledger, now }: ReconcileDeps,
  { repair }: Repairs,
  tally: Tally,
  { place, one, row }: { readonly place: Place; readonly one: Listed; readonly row: Upload },
): Promise<void> {
  const { state } = row;
  if (HOMES[place].includes(state)) return tally.note('in order');
  if ((one.modifiedAt ?? 0) > now() - SETTLED_AFTER_MS) return tally.note('recent');
  if (repair) await ledger.postpone(row, now());
  const outcome = state === 'requested' || state === 'verifying' ? 'verdict lost' : 'contradicts';
  tally.note(outcome, {
    id: row.id,
    detail: `in ${place}, and the row is ${state}${toDone(repair, '; the sweep looks at it')}`,
  });
}

async function compareUnknown(
  deps: ReconcileDeps,
  { orphans }: Repairs,
  tally: Tally,
  { place, one: { key, modifiedAt = 0 } }: { readonly place: Place; readonly one: Listed },
): Promise<void> {
  // Quarantine drops what is in it, and ends before or after its row by a day.
  if (place === 'quarantine') return tally.note('in order');
  if (modifiedAt > deps.now() - SETTLED_AFTER_MS) return tally.note('recent');
  const isAside = orphans && (await setOrphanAside(deps, key));
  tally.note('orphan', { id: key, detail: `in ${place}, without a row${toDone(isAside, '; set aside')}` });
}

async function compareRows(
  deps: ReconcileDeps,
  repairs: Repairs,
  tally: Tally,
  after: string | undefined,
): Promise<string | undefined> {
  const { uploads, unreadable, next } = await deps.table.scan({}, after, STEP_ROWS);
  for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
  await eachOf(
    tally,
    uploads,
    ({ id }) => id,
    (row) => compareRow(deps, repairs, tally, row),
  );
  return next;
}

async function compareRow(
  deps: ReconcileDeps,
  { repair, missing }: Repairs,
  tally: Tally,
  row: Upload,
): Promise<void> {
  const { id, state, dueAt } = row;
  const now = deps.now();
  if (state === 'accepted') {
    if ((await deps.objects.facts('store', row.key)) !== undefined)
      return compareCounters(deps, repair, tally, row);
    const isEnded = missing && (await endMissing(deps, row));
    return tally.note('file missing', {
      id,
      detail: `accepted, not in the store${toDone(isEnded, '; ended')}`,
    });
  }
  const isOpen = !isSettled(state);
  if (isOpen && (dueAt === undefined || dueAt < now - OVERDUE_AFTER_MS)) {
    if (repair && dueAt === undefined) await deps.ledger.postpone(row, now);
    const what = dueAt === undefined ? 'never due' : `due since ${new Date(dueAt).toISOString()}`;
    return tally.note('overdue', { id, detail: `${state}, ${what}` });
  }
  tally.note('row in order');
}

/** A file that was accepted before its owner or its policy was counted is in no counter. */
async function compareCounters(
  { settings, policies, countIn }: ReconcileDeps,
  repair: boolean,
  tally: Tally,
  row: Upload,
): Promise<void> {
  const policy = Object.hasOwn(policies, row.policy) ? policies[row.policy] : undefined;
  const counters = missingFrom(settings, policy, row);
  if (counters.length === 0) return tally.note('row in order');
  const isDone = repair && (await countIn(row, counters));
  tally.note('not counted', { id: row.id, detail: `in no quota${toDone(isDone, '; counted')}` });
}

/** Whoever reads the upload is told that it is gone, as by its owner's deletion; the event says so, too. */
async function endMissing(deps: ReconcileDeps, row: Upload): Promise<boolean> {
  const settledAt = deps.now();
  const { moved } = await deps.ledger.move(row, 'deleted', {
    settledAt,
    dueAt: settledAt,
    forgetAt: Math.floor(settledAt / 1000) + deps.rowRetentionInSeconds,
    detail: 'The file was lost from the store, and an operator has ended the upload.',
  });
  return moved;
}

function toDone(isDone: boolean, text: string): string {
  return isDone ? text : '';
}
