import { isEnded, type State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { toLastLook } from './last-look.ts';
import type { Ledger, Multipart, ObjectFacts, Objects, Place } from './ports.ts';
import { isFalse, isOf } from './standing.ts';

/**
 * From where an upload's object may be removed once its row is in a state. This is the only place that says so, and what
 * it does not name stays: an accepted file leaves the store by its owner's deletion and by nothing else.
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

/**
 * Where a copy may lie that the verdict does not name: left by a worker that died, or made by one that had been overtaken.
 * In quarantine it is of no use to anybody once the upload is accepted or deleted.
 */
const STRAYS: Readonly<Record<State, readonly Place[]>> = {
  requested: [],
  verifying: [],
  accepted: ['quarantine'],
  rejected: ['store'],
  expired: ['store', 'quarantine'],
  aborted: [],
  deleted: ['quarantine'],
};

/** Where the one copy of a settled upload is. */
const HOME: Readonly<Partial<Record<State, Place>>> = { accepted: 'store', rejected: 'quarantine' };

/** How far a worker's clock and S3's may be apart. */
const CLOCKS_APART_MS = 15 * 60_000;

/**
 * Removes copies of a settled upload from where its verdict does not say. Its own copy has to be seen where it belongs,
 * and must name this upload, as must what is removed. The store is looked at before an upload is rejected or expires, so
 * what goes from there has to be later than that look: anything older is an accepted file, and then it is the row that is
 * wrong. Safe to repeat.
 * @throws Error when a copy has to stay though the row does not say so: a person is to look
 */
export async function removeStrays(
  objects: Pick<Objects, 'facts' | 'remove'>,
  upload: Upload,
): Promise<'removed' | 'none'> {
  const { id, state, key } = upload;
  const home = HOME[state];
  let result: 'removed' | 'none' = 'none';
  for (const place of STRAYS[state]) {
    const stray = await objects.facts(place, key);
    if (stray === undefined || !(isOf(stray, upload) || isFalse(stray, upload))) continue;
    const atHome = home && (await objects.facts(home, key));
    const isSafe = home === undefined || (atHome !== undefined && isOf(atHome, upload));
    const mayGo = mayBeOld(state, place) || isFalse(stray, upload) || isLate(stray, upload);
    if (!isSafe || !mayGo) {
      throw new Error(`${place} holds a copy of upload ${id}, which is ${state}: it is left there`);
    }
    await objects.remove(place, key, stray);
    result = 'removed';
  }
  return result;
}

function mayBeOld(state: State, place: Place): boolean {
  return place === 'quarantine' && state !== 'expired';
}

function isLate({ modifiedAt }: ObjectFacts, { settledAt }: Upload): boolean {
  return settledAt !== undefined && Number.isFinite(modifiedAt) && modifiedAt >= settledAt - CLOCKS_APART_MS;
}

type EndedDeps = {
  readonly ledger: Pick<Ledger, 'postpone'>;
  readonly objects: Pick<Objects, 'facts' | 'remove'>;
  readonly multipart: Pick<Multipart, 'abort'>;
  readonly now: () => number;
};

/** Removes what an ended upload may have left in S3, and has its row due no more, or once more. Safe to repeat. */
export async function removeEnded(deps: EndedDeps, upload: Upload): Promise<void> {
  await freeEnded(deps, upload);
  await deps.ledger.postpone(upload, toLastLook(upload, deps.now()));
}

/** Removes what an ended upload may have left in S3. Safe to repeat. */
export async function freeEnded(
  { objects, multipart }: Pick<EndedDeps, 'objects' | 'multipart'>,
  upload: Upload,
): Promise<void> {
  if (!isEnded(upload.state)) throw new Error(`an upload that is ${upload.state} has not ended`);
  if (upload.multipart) await multipart.abort({ key: upload.key, uploadId: upload.multipart.uploadId });
  await removeLeftovers(objects, upload);
}
