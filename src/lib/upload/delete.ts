import type { Caller } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import { readAgain, readUpload } from './access.ts';
import { ObjectChanged } from './faults.ts';
import type { ForgetCopies, Ledger, Multipart, Objects } from './ports.ts';
import { removeEnded } from './remove.ts';
import { isOf, takeOver } from './standing.ts';

export type DeleteDeps = {
  readonly ledger: Ledger;
  readonly objects: Pick<Objects, 'facts' | 'remove'>;
  readonly multipart: Pick<Multipart, 'abort'>;
  readonly forgetCopies?: ForgetCopies | undefined;
  readonly now: () => number;
  readonly newId: () => string;
  readonly rowRetentionInSeconds: number;
};

/**
 * Ends an upload: one that never arrived, or is held, is aborted; an accepted one is deleted with its
 * object. The ledger comes first: from then on nothing is readable, and if the removal fails, the row stays
 * due and the sweep finishes it. Deleting an upload that has already ended changes nothing. Refuses
 * `upload_not_found`, `verification_running`, `rejected_not_deletable`; of an accepted one
 * under a grant `caller_kind_refused`.
 */
export async function deleteUpload(deps: DeleteDeps, caller: Caller, id: string): Promise<Upload> {
  const upload = await readUpload(deps.ledger, caller, id, 'change');
  switch (upload.state) {
    case 'requested': {
      // A row from a backup may be older than its file, and the owner wants that gone as well.
      const stored = await deps.objects.facts('store', upload.key);
      if (stored !== undefined && isOf(stored, upload)) {
        await takeOver(deps, upload, { state: 'accepted', facts: stored });
        return deleteUpload(deps, caller, id);
      }
      // Somebody else was faster: the row as it is now decides. States only move forward, so this ends.
      return (await end(deps, upload, 'aborted')) ?? deleteUpload(deps, caller, id);
    }
    case 'accepted':
      if (caller.kind === 'grant') {
        throw new Refusal('caller_kind_refused', {
          state: upload.state,
          detail: 'A grant gives up what has not arrived. It deletes no accepted file.',
        });
      }
      return (await end(deps, upload, 'deleted')) ?? deleteUpload(deps, caller, id);
    case 'held': {
      // A worker that died under another policy may have left a copy in the store: then the file was
      // accepted.
      const stored = await deps.objects.facts('store', upload.key);
      if (stored !== undefined && isOf(stored, upload)) {
        await deps.ledger.move(upload, 'verifying', { dueAt: deps.now() });
        await takeOver(deps, upload, { state: 'accepted', facts: stored });
        return deleteUpload(deps, caller, id);
      }
      return (await end(deps, upload, 'aborted')) ?? deleteUpload(deps, caller, id);
    }
    case 'verifying':
    case 'scanning':
      throw new Refusal('verification_running', { state: upload.state, retryAfterSeconds: 2 });
    case 'rejected':
      throw new Refusal('rejected_not_deletable', { state: upload.state });
    case 'expired':
    case 'aborted':
    case 'deleted':
    case 'recalled':
      return upload;
  }
}

/**
 * Gives up an upload of which nothing has arrived. An upload that is past that does not change, whatever its
 * state: this never removes an accepted file. Safe to repeat. Refuses `upload_not_found`.
 */
export async function abortUpload(deps: DeleteDeps, caller: Caller, id: string): Promise<Upload> {
  const upload = await readUpload(deps.ledger, caller, id, 'change');
  if (upload.state !== 'requested') return upload;
  return (await end(deps, upload, 'aborted')) ?? readAgain(deps.ledger, upload);
}

/** Undefined if the row has changed its state since it was seen; then nothing is done. */
async function end(deps: DeleteDeps, seen: Upload, to: 'aborted' | 'deleted'): Promise<Upload | undefined> {
  const { ledger, now, rowRetentionInSeconds } = deps;
  const settledAt = now();
  const { moved, upload } = await ledger.move(seen, to, {
    settledAt,
    dueAt: settledAt,
    forgetAt: Math.floor(settledAt / 1000) + rowRetentionInSeconds,
  });
  if (!moved || upload === undefined) return undefined;
  try {
    await removeEnded(deps, upload);
  } catch (error) {
    // Overwritten at this moment, in a bucket without versions. The upload has ended all the same, and its
    // row is due.
    if (!(error instanceof ObjectChanged)) throw error;
  }
  return upload;
}
