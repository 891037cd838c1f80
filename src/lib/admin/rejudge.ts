import type { RejectedSo, Segment } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import type { OwnerLimits } from '../quota/owner-limits.ts';
import { CopyUnfinished } from '../upload/faults.ts';
import { isUploadId } from '../upload/key.ts';
import type { Policies } from '../upload/policy.ts';
import type { Ledger, Objects } from '../upload/ports.ts';
import { freeHeld } from '../upload/scan.ts';
import { isOf } from '../upload/standing.ts';
import type { AdminLedger, Buckets } from './ports.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import { overList, type Step } from './walk.ts';

export type RejudgeDeps = {
  readonly ledger: Pick<Ledger, 'read' | 'readMany' | 'recordScan' | 'move'>;
  readonly table: AdminLedger;
  readonly objects: Pick<Objects, 'facts'>;
  readonly buckets: Pick<Buckets, 'bringBack'>;
  readonly announce: (arrival: Pick<Upload, 'key'>) => Promise<void>;
  readonly limits: Pick<OwnerLimits, 'countsOf'>;
  readonly policies: Policies;
  readonly now: () => number;
  /** when a call has to end, for copies that take longer */
  readonly signal: () => AbortSignal;
};

// Rows are looked at, most of which are of others.
const SCANNED_ROWS = 500;
const STEP_ROWS = 50;

/** The sweep comes when the copy's notification is lost. Until then this call has the upload. */
const SWEPT_AFTER_MS = 15 * 60_000;

/** Has these uploads judged again, by the policies of today. */
export function rejudgeIds(deps: RejudgeDeps, ids: readonly string[], dryRun: boolean): Step {
  return overList(ids, STEP_ROWS, async (some) => {
    const tally = createTally();
    const { uploads, unreadable, missing } = await deps.ledger.readMany(some.filter(isUploadId));
    for (const id of [...some.filter((one) => !isUploadId(one)), ...missing]) {
      tally.note('unknown', { id, detail: 'There is no such upload.' });
    }
    for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
    await eachOf(tally, uploads, idOf, (upload) => judgeAgain(deps, tally, upload, dryRun));
    return tally.page();
  });
}

/** Has whatever was rejected so judged again, by a walk through the table. */
export function rejudgeWhere(deps: RejudgeDeps, which: RejectedSo, dryRun: boolean, segment?: Segment): Step {
  const { policy, since = 0, reason } = which;
  return async (after) => {
    const tally = createTally();
    const filter = {
      // One that this command left half-way has lost its reason, and is `verifying`.
      states: ['rejected', 'held', 'verifying'] as const,
      ...(policy !== undefined && { policy }),
    };
    const isMeant = ({ state, createdAt, settledAt = createdAt, reason: was }: Upload) =>
      state === 'verifying' || (settledAt >= since && (reason === undefined || was === reason));
    const scan = (limit: number) => deps.table.scan(filter, after, limit, segment);
    let page = await scan(SCANNED_ROWS);
    // Each may take seconds in a slow store, and a step has to be over before the call ends.
    if (page.uploads.filter(isMeant).length > STEP_ROWS) page = await scan(STEP_ROWS);
    const { uploads, unreadable, next } = page;
    for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
    const meant = uploads.filter(isMeant);
    await eachOf(tally, meant, idOf, async (upload) => {
      if (upload.state !== 'verifying' || (await isHalfWay(deps, upload))) {
        await judgeAgain(deps, tally, upload, dryRun);
      }
    });
    return tally.page(next);
  };
}

function idOf({ id }: Upload): string {
  return id;
}

/**
 * The row comes first, then the object. Killed in between, the row waits with nothing in incoming: this goes
 * on where it stopped, and if nobody asks again, the sweep gives it back the verdict of its quarantined copy.
 * The other way round, an arrival might be looked at while the row still says rejected, and be removed as a
 * leftover.
 */
async function judgeAgain(deps: RejudgeDeps, tally: Tally, upload: Upload, dryRun: boolean): Promise<void> {
  const { id, key, state } = upload;
  if (state === 'held') {
    if (!dryRun && (await freeHeld(deps, upload)) === undefined) return tally.note('overtaken', { id });
    return tally.note('judged again', { id, detail: upload.detail ?? 'It was held.' });
  }
  if (state === 'verifying') {
    if (!(await isHalfWay(deps, upload))) return tally.note('under way', { id });
  } else if (state !== 'rejected') {
    return tally.note('not rejected', { id, detail: `It is ${state}.` });
  }
  const facts = await deps.objects.facts('quarantine', key);
  if (facts === undefined || !isOf(facts, upload)) {
    return tally.note('gone', { id, detail: 'Quarantine has no object of it any more.' });
  }
  if (!dryRun) {
    const reopened = state === 'verifying' ? upload : await reopen(deps, upload, facts.size);
    if (reopened === undefined) return tally.note('overtaken', { id });
    try {
      const copied = await deps.buckets.bringBack(reopened, facts, deps.signal());
      // S3 has notified of a copy; what was there before may have been looked at too early.
      if (copied === 'taken') await deps.announce(reopened);
    } catch (error) {
      if (!(error instanceof CopyUnfinished)) throw error;
      return tally.note('unfinished', { id, detail: `${error.message}: ask for it again to go on.` });
    }
  }
  tally.note('judged again', { id, detail: upload.detail ?? upload.reason ?? 'It was half-way.' });
}

/** It was given back to its quotas when it was rejected, and takes from those of today again. */
async function reopen(deps: RejudgeDeps, upload: Upload, bytes: number): Promise<Upload | undefined> {
  const { tenant, subject, policy: name } = upload;
  const all = await deps.limits.countsOf({ tenant, subject }, { name, rules: deps.policies[name] ?? {} });
  // How many uploads somebody has under way is no matter of an operator's.
  const counts = all.filter(({ counter }) => counter !== 'unfinished');
  return deps.table.reopen(upload, deps.now() + SWEPT_AFTER_MS, { bytes, counts });
}

/** Whether a row was taken back by this command, and its object was not. */
async function isHalfWay({ objects }: RejudgeDeps, upload: Upload): Promise<boolean> {
  if ((await objects.facts('incoming', upload.key)) !== undefined) return false;
  const quarantined = await objects.facts('quarantine', upload.key);
  return quarantined !== undefined && isOf(quarantined, upload);
}
