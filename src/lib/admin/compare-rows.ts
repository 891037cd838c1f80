import type { Segment } from '@sluice/contract/admin';
import { isSettled } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { type MissingDeps, missingFrom } from '../quota/missing.ts';
import type { Ledger, Objects } from '../upload/ports.ts';
import { type Repairs, toDone } from './compare-objects.ts';
import type { AdminLedger } from './ports.ts';
import { eachOf, type Tally } from './tally.ts';

export type CompareRowDeps = Pick<MissingDeps, 'settings' | 'policies' | 'countIn'> & {
  readonly ledger: Pick<Ledger, 'postpone' | 'move'>;
  readonly table: Pick<AdminLedger, 'scan'>;
  readonly objects: Pick<Objects, 'facts'>;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

const STEP_ROWS = 200;

/** A row that is still due after so long is one that the sweep does not get to, or cannot end. */
const OVERDUE_AFTER_MS = 3_600_000;

/**
 * Compares some rows with the store; returns where the next ones begin.
 * @param madeAt files of accepted uploads are not looked up, but listed, unless they were accepted after this
 * time: then whoever asks knows by a report what was in the store
 */
export async function compareRows(
  deps: CompareRowDeps,
  repairs: Repairs,
  tally: Tally,
  {
    after,
    segment,
    madeAt,
  }: {
    readonly after?: string | undefined;
    readonly segment?: Segment | undefined;
    readonly madeAt?: number;
  },
): Promise<string | undefined> {
  const { uploads, unreadable, next } = await deps.table.scan({}, after, STEP_ROWS, segment);
  for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
  await eachOf(
    tally,
    uploads,
    ({ id }) => id,
    async (row) => {
      if (row.state !== 'accepted') return compareDue(deps, repairs, tally, row);
      if (madeAt === undefined) return compareFile(deps, repairs, tally, row);
      if ((row.settledAt ?? 0) > madeAt) return tally.note('recent');
      await compareCounters(deps, repairs, tally, row);
      tally.note('accepted', { id: row.key });
    },
  );
  return next;
}

/** Compares an accepted row with the file in the store, and its counters with what is counted today. */
export async function compareFile(
  deps: CompareRowDeps,
  repairs: Repairs,
  tally: Tally,
  row: Upload,
): Promise<void> {
  if ((await deps.objects.facts('store', row.key)) !== undefined) {
    if (await compareCounters(deps, repairs, tally, row)) tally.note('row in order');
    return;
  }
  const isEnded = repairs.missing && (await endMissing(deps, row));
  const detail = `accepted, not in the store${toDone(isEnded, '; ended')}`;
  tally.note('file missing', { id: row.id, detail });
}

async function compareDue(
  deps: CompareRowDeps,
  { repair }: Repairs,
  tally: Tally,
  row: Upload,
): Promise<void> {
  const { id, state, dueAt } = row;
  const now = deps.now();
  const isLate = dueAt === undefined || dueAt < now - OVERDUE_AFTER_MS;
  if (isSettled(state) || !isLate) return tally.note('row in order');
  if (repair && dueAt === undefined) await deps.ledger.postpone(row, now);
  const what = dueAt === undefined ? 'never due' : `due since ${new Date(dueAt).toISOString()}`;
  tally.note('overdue', { id, detail: `${state}, ${what}` });
}

/** False for a file that is in no counter: it was accepted before its owner or its policy was counted. */
async function compareCounters(
  { settings, policies, countIn }: CompareRowDeps,
  { repair }: Repairs,
  tally: Tally,
  row: Upload,
): Promise<boolean> {
  const policy = Object.hasOwn(policies, row.policy) ? policies[row.policy] : undefined;
  const counters = missingFrom(settings, policy, row);
  if (counters.length === 0) return true;
  const isDone = repair && (await countIn(row, counters));
  tally.note('not counted', { id: row.id, detail: `in no quota${toDone(isDone, '; counted')}` });
  return false;
}

/** Whoever reads the upload is told that it is gone, as by its owner's deletion; the event says so, too. */
async function endMissing(deps: CompareRowDeps, row: Upload): Promise<boolean> {
  const settledAt = deps.now();
  const { moved } = await deps.ledger.move(row, 'deleted', {
    settledAt,
    dueAt: settledAt,
    forgetAt: Math.floor(settledAt / 1000) + deps.rowRetentionInSeconds,
    detail: 'The file was lost from the store, and an operator has ended the upload.',
  });
  return moved;
}
