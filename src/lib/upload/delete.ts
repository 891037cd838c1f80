import { Refusal } from '../refusals.ts';
import type { Ledger, Multipart, Objects } from './ports.ts';
import { readUpload } from './read.ts';
import type { Caller, Upload } from './upload.ts';

export type DeleteDeps = {
  readonly ledger: Ledger;
  readonly objects: Pick<Objects, 'remove'>;
  readonly multipart: Pick<Multipart, 'abort'>;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

/**
 * Ends an upload at its owner's wish: one that never arrived is aborted, an accepted one is deleted with its object.
 * The ledger first: from then on nothing is readable, and should the removal fail, the row stays due and the sweep
 * finishes it. Deleting what has ended already changes nothing.
 * Refuses `upload_not_found`, `verification_running`, `rejected_not_deletable`.
 */
export const deleteUpload = async (deps: DeleteDeps, caller: Caller, id: string): Promise<Upload> => {
  const upload = await readUpload(deps.ledger, caller, id);
  switch (upload.state) {
    case 'requested':
      return end(deps, upload, 'aborted');
    case 'accepted':
      return end(deps, upload, 'deleted');
    case 'verifying':
      throw new Refusal('verification_running', { state: upload.state, retryAfterSeconds: 2 });
    case 'rejected':
      throw new Refusal('rejected_not_deletable', { state: upload.state });
    case 'expired':
    case 'aborted':
    case 'deleted':
      return upload;
  }
};

const end = async (deps: DeleteDeps, seen: Upload, to: 'aborted' | 'deleted'): Promise<Upload> => {
  const { ledger, now, rowRetentionInSeconds } = deps;
  const settledAt = now();
  const { moved, upload } = await ledger.move(seen, to, {
    settledAt,
    dueAt: settledAt,
    forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
  });
  // An arrival came in between: what it made of the row is the caller's to read.
  if (!moved || upload === undefined) throw new Refusal('verification_running', { retryAfterSeconds: 2 });
  await removeEnded(deps, upload);
  return upload;
};

/** Removes what an ended upload may have left in S3, and takes its row off the due index. Safe to repeat. */
export const removeEnded = async (
  { ledger, objects, multipart }: Pick<DeleteDeps, 'ledger' | 'objects' | 'multipart'>,
  upload: Upload,
): Promise<void> => {
  if (upload.multipart) await multipart.abort({ key: upload.key, uploadId: upload.multipart.uploadId });
  await objects.remove('store', upload.key);
  await objects.remove('incoming', upload.key);
  await ledger.postpone(upload, null);
};
