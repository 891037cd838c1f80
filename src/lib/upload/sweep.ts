import { removeEnded } from './delete.ts';
import type { Ledger, Multipart, Objects } from './ports.ts';
import type { Upload } from './upload.ts';

export type SweepDeps = {
  readonly ledger: Ledger;
  readonly objects: Pick<Objects, 'facts' | 'remove'>;
  readonly multipart: Pick<Multipart, 'abort'>;
  /** sends an arrival down the same queue that S3's own notifications take */
  readonly announce: (upload: Upload) => Promise<void>;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

export type Swept = { expired: number; announced: number; removed: number; overtaken: number };

// An arrival announced by the sweep gets this long to be verified before it is announced again.
const ANNOUNCE_AGAIN_AFTER_IN_MS = 15 * 60_000;

/**
 * Looks after every row that is overdue: one whose object never came expires, one whose event was lost is announced
 * again, one whose object was to be removed is cleaned up. Safe to repeat and to run twice at once.
 * Stops when nothing is due or `signal` aborts; a row that fails is left due, reported, and does not stop the others.
 */
export const sweep = async (
  deps: SweepDeps,
  signal: AbortSignal,
  onFailure: (upload: Upload, error: unknown) => void,
): Promise<Swept> => {
  const swept: Swept = { expired: 0, announced: 0, removed: 0, overtaken: 0 };
  for await (const rows of deps.ledger.due(deps.now())) {
    if (signal.aborted) break;
    await Promise.all(
      rows.map(async (row) => {
        try {
          swept[await attend(deps, row)] += 1;
        } catch (error) {
          onFailure(row, error);
        }
      }),
    );
  }
  return swept;
};

const attend = async (deps: SweepDeps, row: Upload): Promise<keyof Swept> => {
  const { ledger, objects, announce, now, rowRetentionInSeconds } = deps;
  if (row.state !== 'requested' && row.state !== 'verifying') {
    await removeEnded(deps, row);
    return 'removed';
  }
  if (await objects.facts('incoming', row.key)) {
    // Announced first: should the postponing fail, the row is announced twice, and a repeated arrival is harmless.
    await announce(row);
    await ledger.postpone(row, now() + ANNOUNCE_AGAIN_AFTER_IN_MS);
    return 'announced';
  }
  const settledAt = now();
  const { moved, upload } = await ledger.move(row, 'expired', {
    settledAt,
    // Parts that came are still to be freed; the row stays due until they are.
    dueAt: row.multipart ? settledAt : null,
    forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
    detail:
      row.state === 'requested' ? 'Nothing arrived in time.' : 'The object vanished before it was verified.',
  });
  if (!moved || upload === undefined) return 'overtaken';
  if (upload.multipart) await removeEnded(deps, upload);
  return 'expired';
};
