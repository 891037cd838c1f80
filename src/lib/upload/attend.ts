import type { Upload } from '@sluice/contract/upload';
import { endExcess, isUnsized, LOOK_AGAIN_AFTER_MS } from './excess.ts';
import { CopyUnfinished } from './faults.ts';
import { toLastLook } from './last-look.ts';
import type { Policies } from './policy.ts';
import type { ForgetCopies, Ledger, Multipart, ObjectFacts, Objects, Scanners } from './ports.ts';
import { finishRecall } from './recall.ts';
import { freeEnded, removeStrays } from './remove.ts';
import { askAgain, HELD_LOOK_MS } from './scan.ts';
import { readStanding, type Standing, takeOver } from './standing.ts';

export type AttendDeps = {
  readonly ledger: Ledger;
  readonly objects: Pick<Objects, 'facts' | 'copy' | 'remove'>;
  /** absent where the deployment has no scanners */
  readonly scanners?: Scanners | undefined;
  readonly multipart: Pick<Multipart, 'list' | 'abort'>;
  readonly forgetCopies?: ForgetCopies | undefined;
  readonly policies: Policies;
  /** sends an arrival to the queue that S3's own notifications use; false where that has no room */
  readonly announce: (upload: Upload) => Promise<boolean>;
  readonly now: () => number;
  readonly newId: () => string;
  readonly rowRetentionInSeconds: number;
};

/** How many rows ended how. */
export type Endings = {
  expired: number;
  /** in parts of no declared size, and too large: freed */
  excessive: number;
  /** in parts of no declared size, and within their limit so far */
  open: number;
  announced: number;
  /** arrived and not verified, and looked at again later: the queue has no room for more announcements */
  deferred: number;
  /** scanners that have not answered in time are asked again */
  asked: number;
  /** a scanner has failed too often, now or before: they wait for a person */
  held: number;
  /** settled before; what they left is removed */
  removed: number;
  /** given the verdict in the buckets: a worker died, or a backup brought back an older row */
  restored: number;
  /** recalled, and on their way to quarantine: too large to be copied in one run */
  recalling: number;
  /** settled and due without a reason; there was nothing to do */
  kept: number;
  /** accepted, and not in the store: nothing was done, and the row stays due */
  missing: number;
  overtaken: number;
};

export type Ending = keyof Endings;

/** An arrival that was announced, or for which there was no room, is looked at again after this at least. */
const LEAST_PAUSE_MS = 15 * 60_000;

// A claim leaves a row alone that is due within three hours (verify.ts).
const LONGEST_PAUSE_MS = 2 * 3_600_000;

/**
 * Does for a row that is due what its state and the buckets ask for. Safe to repeat and to run twice at once.
 * @param signal ends the copy of a large file: it is `recalling`, and the next run goes on
 */
export async function attend(deps: AttendDeps, row: Upload, signal: AbortSignal): Promise<Ending> {
  switch (row.state) {
    case 'requested':
    case 'verifying':
      return settle(deps, row);
    case 'scanning':
    case 'held':
      return wait(deps, row);
    case 'accepted':
    case 'rejected':
      return keep(deps, row);
    case 'recalled':
      return recall(deps, row, signal);
    case 'expired':
    case 'aborted':
    case 'deleted':
      await freeEnded(deps, row);
      await finish(deps, row);
      return 'removed';
  }
}

async function wait(deps: AttendDeps, row: Upload): Promise<Ending> {
  const { ledger, objects, now } = deps;
  const there = await objects.facts('incoming', row.key, row.versionId);
  if (there === undefined || there.etag !== row.evidence?.etag) {
    // What scanners were asked about is gone: what is there instead decides, as if nobody had been asked.
    const { moved, upload } = await ledger.move(row, 'verifying', { dueAt: now() });
    return moved && upload !== undefined ? settle(deps, upload) : 'overtaken';
  }
  if (row.state === 'held') {
    await ledger.postpone(row, now() + HELD_LOOK_MS);
    return 'held';
  }
  let isAnnounced = true;
  // Where there is no room, the row is `verifying` by then, and due in a quarter of an hour.
  const announce = async (upload: Upload) => {
    isAnnounced = await deps.announce(upload);
  };
  const taken = await askAgain({ ...deps, announce }, row);
  switch (taken?.kind) {
    case 'asked_again':
      return 'asked';
    case 'held':
      return 'held';
    case 'announced':
      return isAnnounced ? 'announced' : 'deferred';
    default:
      return 'overtaken';
  }
}

/** Finishes what the worker that recalled it has not. */
async function recall(deps: AttendDeps, row: Upload, signal: AbortSignal): Promise<Ending> {
  try {
    await finishRecall(deps, row, signal);
    return 'removed';
  } catch (error) {
    if (error instanceof CopyUnfinished) return 'recalling';
    throw error;
  }
}

async function keep(deps: AttendDeps, row: Upload): Promise<Ending> {
  if (row.state === 'accepted' && (await deps.objects.facts('store', row.key)) === undefined)
    return 'missing';
  return (await finish(deps, row)) === 'removed' ? 'removed' : 'kept';
}

/** Checks whether a copy contradicts the verdict, and checks again when no more copies can arrive. */
async function finish({ ledger, objects, now }: AttendDeps, row: Upload): Promise<'removed' | 'none'> {
  const strays = await removeStrays(objects, row);
  await ledger.postpone(row, toLastLook(row, now()));
  return strays;
}

async function settle(deps: AttendDeps, row: Upload): Promise<Ending> {
  const { ledger, objects, now } = deps;
  const arrived = await objects.facts('incoming', row.key);
  if (arrived !== undefined) return announceAgain(deps, row, arrived);
  if (row.state === 'requested' && isUnsized(row) && row.expiresAt > now()) {
    const { arrived, tooMuch } = await endExcess(deps, row);
    if (tooMuch !== undefined) return 'excessive';
    // If S3 no longer knows the upload, it has ended somehow, and is settled like any other.
    if (arrived !== undefined) {
      await ledger.postpone(row, now() + LOOK_AGAIN_AFTER_MS);
      return 'open';
    }
  }
  const standing = await readStanding(objects, row);
  return standing === undefined ? expire(deps, row) : restore(deps, row, standing);
}

/**
 * Announces it, or puts it off where there is no room. Either way it is looked at again when it has waited
 * for twice as long: what waits for verification to run again is asked for ever less often, and what was
 * lost is found no later than it was late already.
 */
async function announceAgain(
  { ledger, announce, now }: AttendDeps,
  row: Upload,
  { modifiedAt }: ObjectFacts,
): Promise<Ending> {
  // Announced first: if the postponing fails, the row is announced twice, and a repeated arrival is harmless.
  const isAnnounced = await announce(row);
  const waited = Math.min(Math.max(now() - modifiedAt, LEAST_PAUSE_MS), LONGEST_PAUSE_MS);
  await ledger.postpone(row, now() + (Number.isFinite(waited) ? waited : LEAST_PAUSE_MS));
  return isAnnounced ? 'announced' : 'deferred';
}

async function restore(deps: AttendDeps, row: Upload, standing: Standing): Promise<Ending> {
  return (await takeOver(deps, row, standing)) === undefined ? 'overtaken' : 'restored';
}

async function expire(deps: AttendDeps, row: Upload): Promise<Ending> {
  if (row.multipart) {
    // The client may have completed it since this row was read. Once it is given up, S3 itself refuses that,
    // so nothing can arrive after what is there then.
    await deps.multipart.abort({ key: row.key, uploadId: row.multipart.uploadId });
    const arrived = await deps.objects.facts('incoming', row.key);
    if (arrived !== undefined) return announceAgain(deps, row, arrived);
  }
  const settledAt = deps.now();
  const { moved, upload } = await deps.ledger.move(row, 'expired', {
    settledAt,
    // A worker that has only lost its lease may still be working.
    dueAt: toLastLook({ ...row, state: 'expired', settledAt }, settledAt),
    forgetAt: Math.floor(settledAt / 1000) + deps.rowRetentionInSeconds,
    detail:
      row.state === 'requested'
        ? `Nothing had arrived by ${new Date(settledAt).toISOString()}. What arrives later is removed unread: request the upload again.`
        : 'The object vanished before it was verified.',
  });
  return moved && upload !== undefined ? 'expired' : 'overtaken';
}
