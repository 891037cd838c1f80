import type { ScanResult } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { toHarm } from './judge-scans.ts';
import { toLastLook } from './last-look.ts';
import type { ForgetCopies, Ledger, Objects } from './ports.ts';
import { removeLeftovers, removeStrays } from './remove.ts';
import { isOf } from './standing.ts';

export type RecallDeps = {
  readonly ledger: Pick<Ledger, 'read' | 'move' | 'postpone'>;
  readonly objects: Pick<Objects, 'facts' | 'copy' | 'remove'>;
  /** absent where nothing stands before the store */
  readonly forgetCopies?: ForgetCopies | undefined;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

/**
 * Takes what a scanner said of an object in the store: if it found harm in the very file that is there, the
 * upload is recalled. Everything else changes nothing: late and repeated results, those of other files and
 * other outcomes. Safe to repeat.
 */
export async function takeRescan(
  deps: RecallDeps,
  result: ScanResult,
  signal: AbortSignal,
): Promise<{ readonly kind: 'ignored' | 'recalled'; readonly upload?: Upload }> {
  const row = await deps.ledger.read(result.uploadId);
  if (row === undefined || row.key !== result.key || result.outcome !== 'infected') {
    return { kind: 'ignored', ...(row && { upload: row }) };
  }
  // Its first message may have been cut short.
  if (row.state === 'recalled') {
    await finishRecall(deps, row, signal);
    return { kind: 'ignored', upload: row };
  }
  if (row.state !== 'accepted' || !(await isStored(deps, row, result)))
    return { kind: 'ignored', upload: row };
  const upload = await endReading(deps, row, result);
  if (upload === undefined) return { kind: 'ignored', upload: row };
  await finishRecall(deps, upload, signal);
  return { kind: 'recalled', upload };
}

/** Whether the file in the store is the one that was scanned. */
async function isStored(
  { objects }: RecallDeps,
  row: Upload,
  { etag, versionId }: ScanResult,
): Promise<boolean> {
  const stored = await objects.facts('store', row.key);
  return (
    stored !== undefined &&
    isOf(stored, row) &&
    stored.etag === etag &&
    (versionId === undefined || versionId === stored.versionId)
  );
}

type Finding = Pick<ScanResult, 'scanner' | 'etag' | 'versionId' | 'threats' | 'detail'>;

/**
 * Moves an accepted upload to `recalled`, in one write: from then on nobody gets an address of its file. The
 * row stays due until the file has left the store. Undefined if the row has moved on since it was seen.
 */
export async function endReading(
  { ledger, now, rowRetentionInSeconds }: Pick<RecallDeps, 'ledger' | 'now' | 'rowRetentionInSeconds'>,
  seen: Upload,
  { scanner, etag, versionId, threats, detail }: Finding,
): Promise<Upload | undefined> {
  const settledAt = now();
  const scan = {
    outcome: 'infected',
    etag,
    ...(versionId !== undefined && { versionId }),
    at: settledAt,
    attempt: (seen.scans?.[scanner]?.attempt ?? 0) + 1,
    ...(threats !== undefined && { threats }),
    ...(detail !== undefined && { detail }),
  } as const;
  const { moved, upload } = await ledger.move(seen, 'recalled', {
    settledAt,
    dueAt: settledAt,
    forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
    reason: 'infected',
    detail: toHarm([[scanner, scan]]),
    scans: { ...seen.scans, [scanner]: scan },
  });
  return moved ? upload : undefined;
}

/**
 * Moves a recalled file from the store to quarantine, and has what stands before the store forget it. Then
 * its row is no longer due, or due once more. Safe to repeat.
 * @throws CopyUnfinished for a large file when `signal` aborts: call again to go on
 */
export async function finishRecall(deps: RecallDeps, upload: Upload, signal: AbortSignal): Promise<void> {
  const { ledger, objects, forgetCopies, now } = deps;
  await quarantine(objects, upload, signal);
  await removeStrays(objects, upload);
  await removeLeftovers(objects, upload);
  // Also where there was nothing to remove: a run before may have ended in between.
  await forgetCopies?.(upload);
  await ledger.postpone(upload, toLastLook(upload, now()));
}

async function quarantine(
  objects: Pick<Objects, 'facts' | 'copy'>,
  upload: Upload,
  signal: AbortSignal,
): Promise<void> {
  const { key } = upload;
  const stored = await objects.facts('store', key);
  if (stored === undefined || !isOf(stored, upload)) return;
  const there = await objects.facts('quarantine', key);
  if (there !== undefined && isOf(there, upload) && there.metadata.recalled !== undefined) return;
  await objects.copy(
    { place: 'store', key, facts: stored },
    {
      place: 'quarantine',
      key,
      headers: {
        contentType: 'application/octet-stream',
        contentDisposition: 'attachment',
        // Its digests as well: they are those of the bytes that were accepted.
        metadata: { ...stored.metadata, reason: upload.reason ?? 'infected', recalled: 'true' },
      },
    },
    signal,
  );
}
