import { isEnded, type State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { toLastLook } from './last-look.ts';
import type { ForgetCopies, Ledger, Multipart, ObjectFacts, Objects, Place } from './ports.ts';
import { isFalse, isOf } from './standing.ts';

/**
 * The places from which an upload's object may be removed, by the state of its row. Only this table says so,
 * and what it does not name stays: only its owner's deletion removes an accepted file from the store. What
 * scanners look at, or wait for, stays in incoming. A recalled file leaves the store by the table below:
 * once its copy is in quarantine.
 */
const REMOVABLE: Readonly<Record<State, readonly Place[]>> = {
  requested: [],
  verifying: [],
  scanning: [],
  held: [],
  accepted: ['incoming'],
  rejected: ['incoming'],
  expired: ['incoming'],
  aborted: ['incoming'],
  deleted: ['store', 'incoming'],
  recalled: ['incoming'],
};

/** The places from which the object of an upload in this state may be removed; none for an unknown state. */
export function removableFrom(state: State): readonly Place[] {
  return Object.hasOwn(REMOVABLE, state) ? REMOVABLE[state] : [];
}

/**
 * Removes the objects that an upload's row no longer needs, and first reads which version of each that is.
 * Safe to repeat.
 * @param seen the incoming object, if it has already been read
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
 * The place of a copy that contradicts the verdict: a worker that died left it, or one that was overtaken
 * made it. In quarantine, nobody needs it once the upload is accepted, aborted or deleted. The file that was
 * recalled is such a copy itself.
 */
const STRAYS: Readonly<Record<State, readonly Place[]>> = {
  requested: [],
  verifying: [],
  scanning: [],
  held: [],
  accepted: ['quarantine'],
  rejected: ['store'],
  expired: ['store', 'quarantine'],
  aborted: ['store', 'quarantine'],
  deleted: ['quarantine'],
  recalled: ['store'],
};

/** Where the one copy of a settled upload is. */
const HOME: Readonly<Partial<Record<State, Place>>> = {
  accepted: 'store',
  rejected: 'quarantine',
  recalled: 'quarantine',
};

/** How far a worker's clock and S3's may differ. */
const CLOCKS_APART_MS = 15 * 60_000;

/**
 * Removes copies of a settled upload that contradict its verdict. Its own copy has to be where it belongs,
 * and both copies have to name this upload. The store is checked before an upload is rejected or expires, so
 * a copy that is removed from there has to be later than that check: anything older is an accepted file, and
 * then the row is wrong. Safe to repeat.
 * @throws Error if a copy has to stay although it contradicts the row: a person has to look
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

// Only an accepted upload is recalled, so that its copy in the store is always older.
function mayBeOld(state: State, place: Place): boolean {
  return state === 'recalled' || (place === 'quarantine' && state !== 'expired');
}

function isLate({ modifiedAt }: ObjectFacts, { settledAt }: Upload): boolean {
  return settledAt !== undefined && Number.isFinite(modifiedAt) && modifiedAt >= settledAt - CLOCKS_APART_MS;
}

type EndedDeps = {
  readonly ledger: Pick<Ledger, 'postpone'>;
  readonly objects: Pick<Objects, 'facts' | 'remove'>;
  readonly multipart: Pick<Multipart, 'abort'>;
  /** absent where nothing stands before the store */
  readonly forgetCopies?: ForgetCopies | undefined;
  readonly now: () => number;
};

/**
 * Removes what an ended upload may have left in S3. Then its row is no longer due, or due once more. Safe to
 * repeat.
 */
export async function removeEnded(deps: EndedDeps, upload: Upload): Promise<void> {
  await freeEnded(deps, upload);
  await deps.ledger.postpone(upload, toLastLook(upload, deps.now()));
}

/** Removes what an ended upload may have left in S3. Safe to repeat. */
export async function freeEnded(
  { objects, multipart, forgetCopies }: Pick<EndedDeps, 'objects' | 'multipart' | 'forgetCopies'>,
  upload: Upload,
): Promise<void> {
  if (!isEnded(upload.state)) throw new Error(`an upload that is ${upload.state} has not ended`);
  if (upload.multipart) await multipart.abort({ key: upload.key, uploadId: upload.multipart.uploadId });
  await removeLeftovers(objects, upload);
  // Now that there is nothing left to make a copy of. Also where there was nothing to remove: a run before
  // may have ended in between.
  if (upload.state === 'deleted') await forgetCopies?.(upload);
}
