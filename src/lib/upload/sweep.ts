import type { Upload } from '@sluice/contract/upload';
import { endExcess, isUnsized, LOOK_AGAIN_AFTER_MS } from './excess.ts';
import { CopyUnfinished, type UnreadableRow } from './faults.ts';
import { toLastLook } from './last-look.ts';
import type { Policies } from './policy.ts';
import type { ForgetCopies, Ledger, Multipart, Objects, Scanners } from './ports.ts';
import { finishRecall } from './recall.ts';
import { freeEnded, removeStrays } from './remove.ts';
import { askAgain, HELD_LOOK_MS } from './scan.ts';
import { readStanding, type Standing, takeOver } from './standing.ts';

export type SweepDeps = {
  readonly ledger: Ledger;
  readonly objects: Pick<Objects, 'facts' | 'copy' | 'remove'>;
  /** absent where the deployment has no scanners */
  readonly scanners?: Scanners | undefined;
  readonly multipart: Pick<Multipart, 'list' | 'abort'>;
  readonly forgetCopies?: ForgetCopies | undefined;
  readonly policies: Policies;
  /** sends an arrival to the queue that S3's own notifications use */
  readonly announce: (upload: Upload) => Promise<void>;
  readonly now: () => number;
  readonly newId: () => string;
  readonly rowRetentionInSeconds: number;
};

/** How many rows ended how. */
export type Swept = {
  expired: number;
  /** in parts of no declared size, and too large: freed */
  excessive: number;
  /** in parts of no declared size, and within their limit so far */
  open: number;
  announced: number;
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
  /** not understood: nothing was done, and the rows stay due */
  unreadable: number;
};

export type SweepReport = {
  /** hears of rows that are due, before anything is done about them */
  readonly onDue?: (uploads: readonly Upload[]) => void;
  readonly onFailure: (upload: Upload, error: unknown) => void;
  readonly onUnreadable: (row: UnreadableRow) => void;
  readonly onMissing: (upload: Upload) => void;
};

// An arrival announced by the sweep gets this long to be verified before it is announced again.
const ANNOUNCE_AGAIN_AFTER_IN_MS = 15 * 60_000;

/**
 * Handles every row that is due: if its object never came, it expires; if its event was lost, it is announced
 * again; if scanners have not answered, they are asked again; if its object had to be removed, it is removed;
 * if the buckets know better, the row is brought up to date; and an upload in parts of no declared size is
 * checked against its limit. Safe to repeat and to run twice at once. Stops when nothing is due or `signal`
 * aborts. A row that fails or cannot be read stays due, is reported, and does not stop the others.
 */
export async function sweep(deps: SweepDeps, signal: AbortSignal, report: SweepReport): Promise<Swept> {
  const swept: Swept = {
    expired: 0,
    excessive: 0,
    open: 0,
    announced: 0,
    asked: 0,
    held: 0,
    removed: 0,
    restored: 0,
    recalling: 0,
    kept: 0,
    missing: 0,
    overtaken: 0,
    unreadable: 0,
  };
  for await (const { uploads, unreadable } of deps.ledger.due(deps.now())) {
    if (signal.aborted) break;
    swept.unreadable += unreadable.length;
    report.onDue?.(uploads);
    for (const row of unreadable) report.onUnreadable(row);
    await Promise.all(
      uploads.map(async (row) => {
        try {
          const ending = await attend(deps, row, signal);
          swept[ending] += 1;
          if (ending === 'missing') report.onMissing(row);
        } catch (error) {
          report.onFailure(row, error);
        }
      }),
    );
  }
  return swept;
}

type Ending = Exclude<keyof Swept, 'unreadable'>;

async function attend(deps: SweepDeps, row: Upload, signal: AbortSignal): Promise<Ending> {
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

async function wait(deps: SweepDeps, row: Upload): Promise<Ending> {
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
  const taken = await askAgain(deps, row);
  switch (taken?.kind) {
    case 'asked_again':
      return 'asked';
    case 'held':
    case 'announced':
      return taken.kind;
    default:
      return 'overtaken';
  }
}

/** Finishes what the worker that recalled it has not. */
async function recall(deps: SweepDeps, row: Upload, signal: AbortSignal): Promise<Ending> {
  try {
    await finishRecall(deps, row, signal);
    return 'removed';
  } catch (error) {
    if (error instanceof CopyUnfinished) return 'recalling';
    throw error;
  }
}

async function keep(deps: SweepDeps, row: Upload): Promise<Ending> {
  if (row.state === 'accepted' && (await deps.objects.facts('store', row.key)) === undefined)
    return 'missing';
  return (await finish(deps, row)) === 'removed' ? 'removed' : 'kept';
}

/** Checks whether a copy contradicts the verdict, and checks again when no more copies can arrive. */
async function finish({ ledger, objects, now }: SweepDeps, row: Upload): Promise<'removed' | 'none'> {
  const strays = await removeStrays(objects, row);
  await ledger.postpone(row, toLastLook(row, now()));
  return strays;
}

async function settle(deps: SweepDeps, row: Upload): Promise<Ending> {
  const { ledger, objects, now } = deps;
  if (await objects.facts('incoming', row.key)) return announceAgain(deps, row);
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

async function announceAgain({ ledger, announce, now }: SweepDeps, row: Upload): Promise<Ending> {
  // Announced first: if the postponing fails, the row is announced twice, and a repeated arrival is harmless.
  await announce(row);
  await ledger.postpone(row, now() + ANNOUNCE_AGAIN_AFTER_IN_MS);
  return 'announced';
}

async function restore(deps: SweepDeps, row: Upload, standing: Standing): Promise<Ending> {
  return (await takeOver(deps, row, standing)) === undefined ? 'overtaken' : 'restored';
}

async function expire(deps: SweepDeps, row: Upload): Promise<Ending> {
  if (row.multipart) {
    // The client may have completed it since this row was read. Once it is given up, S3 itself refuses that,
    // so nothing can arrive after what is there then.
    await deps.multipart.abort({ key: row.key, uploadId: row.multipart.uploadId });
    if (await deps.objects.facts('incoming', row.key)) return announceAgain(deps, row);
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
