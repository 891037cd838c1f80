import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import type { Ledger, Multipart, ObjectFacts, Objects, Place } from './ports.ts';

/**
 * From where an upload's object may be removed once its row is in a state. This is the only place that says so, and what
 * it does not name stays: bytes in the store leave it by their owner's deletion and by nothing else.
 */
const REMOVABLE: Readonly<Record<State, readonly Place[]>> = {
  requested: [],
  verifying: [],
  accepted: ['incoming'],
  rejected: ['incoming'],
  expired: ['incoming'],
  aborted: ['incoming'],
  deleted: ['store', 'incoming'],
};

/** The places from which the object of an upload in this state may be removed; none for a state that is not known. */
export function removableFrom(state: State): readonly Place[] {
  return Object.hasOwn(REMOVABLE, state) ? REMOVABLE[state] : [];
}

/**
 * Removes what an upload's row says is not wanted any more, and reads of each object first which one that is.
 * Safe to repeat.
 * @param seen the incoming object, where it has been looked at already
 */
export async function removeLeftovers(
  objects: Pick<Objects, 'facts' | 'remove'>,
  { state, key }: Upload,
  seen?: ObjectFacts,
): Promise<void> {
  for (const place of removableFrom(state)) {
    const facts = place === 'incoming' && seen !== undefined ? seen : await objects.facts(place, key);
    if (facts !== undefined) await objects.remove(place, key, facts);
  }
}

const IS_ENDED: Readonly<Record<State, boolean>> = {
  requested: false,
  verifying: false,
  accepted: false,
  rejected: false,
  expired: true,
  aborted: true,
  deleted: true,
};

/** Removes what an ended upload may have left in S3, and takes its row off the due index. Safe to repeat. */
export async function removeEnded(
  {
    ledger,
    objects,
    multipart,
  }: {
    readonly ledger: Pick<Ledger, 'postpone'>;
    readonly objects: Pick<Objects, 'facts' | 'remove'>;
    readonly multipart: Pick<Multipart, 'abort'>;
  },
  upload: Upload,
): Promise<void> {
  if (!IS_ENDED[upload.state]) throw new Error(`an upload that is ${upload.state} has not ended`);
  if (upload.multipart) await multipart.abort({ key: upload.key, uploadId: upload.multipart.uploadId });
  await removeLeftovers(objects, upload);
  await ledger.postpone(upload, null);
}
