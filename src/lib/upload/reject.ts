import type { Evidence, Upload } from '@sluice/contract/upload';
import type { RejectReason } from '@sluice/contract/verdict';
import { Superseded } from './faults.ts';
import { toLastLook } from './last-look.ts';
import type { Ledger, ObjectFacts, Objects } from './ports.ts';
import { adopt, isCopyOf, isFalse, isOf, toCopyMetadata } from './standing.ts';

type Deps = {
  readonly ledger: Ledger;
  readonly objects: Objects;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

/**
 * Moves the object to quarantine with its reason, then records that in the ledger, then removes the original.
 * Safe to repeat, for the same reason as accept. If the store already has a copy of the upload, it was
 * accepted before, by a worker that died or in a row that is newer than the backup: then that verdict is
 * final, and these bytes are a leftover. If they are the very bytes in the store, and scanners have found
 * harm in them since, it is recalled.
 * @throws Superseded if a later worker has taken the upload over
 */
export async function reject(
  deps: Deps,
  upload: Upload,
  facts: ObjectFacts,
  verdict: { readonly reason: RejectReason; readonly detail: string; readonly evidence: Evidence },
  signal: AbortSignal,
): Promise<Upload> {
  const { ledger, objects, now, rowRetentionInSeconds } = deps;
  const stored = await objects.facts('store', upload.key);
  if (stored !== undefined && isOf(stored, upload)) {
    const accepted = await adopt(deps, upload, { state: 'accepted', facts: stored });
    await objects.remove('incoming', upload.key, facts);
    return verdict.reason === 'infected' && isCopyOf(stored, facts)
      ? recallAgain(deps, accepted, verdict)
      : accepted;
  }
  if (stored !== undefined && isFalse(stored, upload)) await objects.remove('store', upload.key, stored);
  await objects.copy(
    { key: upload.key, facts },
    {
      place: 'quarantine',
      key: upload.key,
      headers: {
        contentType: 'application/octet-stream',
        contentDisposition: 'attachment',
        metadata: { ...toCopyMetadata(upload, facts), reason: verdict.reason },
      },
    },
    signal,
  );
  const settledAt = now();
  const { moved, upload: after } = await ledger.move(upload, 'rejected', {
    settledAt,
    // An earlier worker's copy may have arrived in the store since it was checked.
    dueAt: toLastLook({ ...upload, state: 'rejected', settledAt }, settledAt),
    forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
    evidence: verdict.evidence,
    reason: verdict.reason,
    detail: verdict.detail,
  });
  if (!moved || after === undefined) throw new Superseded(upload);
  await objects.remove('incoming', upload.key, facts);
  return after;
}

/** The sweep takes the file out of the store. */
async function recallAgain(
  { ledger, now, rowRetentionInSeconds }: Deps,
  accepted: Upload,
  { reason, detail }: { readonly reason: RejectReason; readonly detail: string },
): Promise<Upload> {
  const settledAt = now();
  const { moved, upload } = await ledger.move(accepted, 'recalled', {
    settledAt,
    dueAt: settledAt,
    forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
    reason,
    detail,
  });
  return moved && upload !== undefined ? upload : accepted;
}
