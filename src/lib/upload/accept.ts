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
 * Copies the verified bytes into the store, then says so in the ledger, then removes the original.
 * In that order, so that a worker that dies at any point leaves something to finish and nothing to miss:
 * an uncommitted copy is unreadable, and a committed row's original is removed when its event comes again.
 * What an earlier worker brought into the store stays: it was verified for this very upload.
 * @throws Superseded when a later worker has taken the upload over
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
    // An earlier worker may have begun to reject these bytes, or others. Not before the verdict counts is that copy removed.
    dueAt: toLastLook({ ...upload, state: 'accepted', settledAt }, settledAt),
    evidence: verdict.evidence,
    servedType: verdict.servedType,
  });
  if (!moved || after === undefined) {
    // Overtaken. Where the owner has deleted the upload meanwhile, this copy came too late to go with the rest.
    if (after !== undefined) await removeLeftovers(objects, after, facts);
    throw new Superseded(upload);
  }
  await objects.remove('incoming', upload.key, facts);
  return after;
}

/** What is in the store under this key, if it is this upload's. Anything else was put there by nobody that Sluice knows. */
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
