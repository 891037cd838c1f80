import { toDisposition } from './disposition.ts';
import { toServedName } from './filename.ts';
import type { Ledger, ObjectFacts, Objects } from './ports.ts';
import { Superseded } from './superseded.ts';
import type { Evidence, Upload } from './upload.ts';

type Deps = { readonly ledger: Ledger; readonly objects: Objects; readonly now: () => number };

/**
 * Copies the verified bytes into the store, then says so in the ledger, then removes the original.
 * In that order, so that a worker that dies at any point leaves something to finish and nothing to miss:
 * an uncommitted copy is unreadable, and a committed row's original is removed when its event comes again.
 * @throws Superseded when a later worker has taken the upload over
 */
export const accept = async (
  { ledger, objects, now }: Deps,
  upload: Upload,
  facts: ObjectFacts,
  verdict: { readonly servedType: string; readonly evidence: Evidence },
  signal: AbortSignal,
): Promise<Upload> => {
  await objects.copy(
    { key: upload.key, facts },
    {
      place: 'store',
      key: upload.key,
      headers: {
        contentType: verdict.servedType,
        contentDisposition: toDisposition(toServedName(upload.filename, verdict.servedType)),
        metadata: { 'upload-id': upload.id },
      },
    },
    signal,
  );
  // An earlier worker may have begun to reject these bytes under an older policy. Only a second epoch can know of a first.
  if (upload.epoch > 1) await objects.remove('quarantine', upload.key);
  const { moved, upload: after } = await ledger.move(upload, 'accepted', {
    settledAt: now(),
    dueAt: null,
    evidence: verdict.evidence,
    servedType: verdict.servedType,
  });
  if (!moved || after === undefined) throw new Superseded(upload);
  await objects.remove('incoming', upload.key);
  return after;
};
