import { toServedName } from '@sluice/contract/filename';
import type { Evidence, Upload } from '@sluice/contract/upload';
import { toDisposition } from './disposition.ts';
import { ObjectChanged, Superseded } from './faults.ts';
import { toLastLook } from './last-look.ts';
import type { Ledger, ObjectFacts, Objects } from './ports.ts';
import { removeLeftovers } from './remove.ts';
import { adopt, isFalse, isOf, toCopyMetadata } from './standing.ts';

type Deps = {
  readonly ledger: Ledger;
  readonly objects: Objects;
  readonly now: () => number;
  readonly rowRetentionInSeconds: number;
};

/**
 * Copies the verified bytes into the store, then records that in the ledger, then removes the original. The
 * order matters: a worker that dies at any point leaves something to finish, and nothing is lost. Nobody can
 * read an uncommitted copy, and a committed row's original is removed when its event comes again. A copy that
 * an earlier worker made in the store stays: it was verified for this upload.
 * @throws Superseded if a later worker has taken the upload over
 */
export async function accept(
  deps: Deps,
  upload: Upload,
  facts: ObjectFacts,
  verdict: { readonly servedType: string; readonly evidence: Evidence },
  signal: AbortSignal,
): Promise<Upload> {
  const { ledger, objects, now } = deps;
  const copied = await objects.copy(
    { key: upload.key, facts },
    {
      place: 'store',
      key: upload.key,
      headers: {
        contentType: verdict.servedType,
        contentDisposition: toDisposition(toServedName(upload.filename, verdict.servedType)),
        metadata: toCopyMetadata(upload, facts),
      },
    },
    signal,
  );
  if (copied === 'taken') return adoptStored(deps, upload, facts);
  const settledAt = now();
  const { moved, upload: after } = await ledger.move(upload, 'accepted', {
    settledAt,
    // An earlier worker may have begun to reject these bytes, or others. Its copy is removed only once the
    // verdict counts.
    dueAt: toLastLook({ ...upload, state: 'accepted', settledAt }, settledAt),
    evidence: verdict.evidence,
    servedType: verdict.servedType,
  });
  if (!moved || after === undefined) {
    // Overtaken. If the owner has deleted the upload in the meantime, this copy came too late to be removed
    // with the rest.
    if (after !== undefined) await removeLeftovers(objects, after, facts);
    throw new Superseded(upload);
  }
  await objects.remove('incoming', upload.key, facts);
  return after;
}

/** The object in the store under this key, if it is this upload's. Sluice did not put anything else there. */
async function adoptStored(deps: Deps, upload: Upload, facts: ObjectFacts): Promise<Upload> {
  const stored = await deps.objects.facts('store', upload.key);
  if (stored === undefined) throw new ObjectChanged('being found in the store');
  if (isFalse(stored, upload)) {
    await deps.objects.remove('store', upload.key, stored);
    throw new ObjectChanged('being copied before');
  }
  if (!isOf(stored, upload)) {
    throw new Error(`the store holds an object under the key of upload ${upload.id} that is not its copy`);
  }
  const after = await adopt(deps, upload, { state: 'accepted', facts: stored });
  await deps.objects.remove('incoming', upload.key, facts);
  return after;
}
