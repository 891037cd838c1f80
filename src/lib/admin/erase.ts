import type { AdminPage } from '@sluice/contract/admin';
import { Refusal, type RefusalCode } from '@sluice/contract/refusals';
import { isEnded } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { type DeleteDeps, deleteUpload } from '../upload/delete.ts';
import { isUploadId } from '../upload/key.ts';
import { LAST_LOOK_AFTER_MS } from '../upload/last-look.ts';
import type { Place } from '../upload/ports.ts';
import { OPERATOR } from './operator.ts';
import type { AdminGrants, AdminLedger, Buckets } from './ports.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import { BadCall, type Step } from './walk.ts';

export type EraseDeps = DeleteDeps & {
  readonly table: Pick<AdminLedger, 'blank' | 'forget'>;
  readonly buckets: Pick<Buckets, 'versions' | 'removeVersion'>;
  readonly grantTable: AdminGrants;
  /** waits two seconds */
  readonly settle: () => Promise<unknown>;
  /** how long after its URL's end a client may still be sending */
  readonly expiryGraceInSeconds: number;
  /** how long others keep what they were told: days */
  readonly retention: { readonly eventDays: number; readonly logDays: number };
};

/** A tenant by its key-safe name, or one owner of it. */
export type Erased = { readonly tenant: string; readonly subject?: string };

const STEP_ROWS = 50;
const STEP_GRANTS = 500;
const PLACES: readonly Place[] = ['incoming', 'store', 'quarantine'];

// A minute: whoever verifies them is done by then, and so is who takes over from a worker that was killed.
const LOOKS = 30;
// Their ids are in the cursor.
const MOST_RUNNING = 100;

/**
 * Removes all uploads of an owner or of a tenant: ends them as their owner would, then every version of their
 * objects in all buckets, then their rows, and at last their grants. Those that are being verified are waited
 * for, a minute at most. A row stays, without anything of the file, as long as bytes may still come under its
 * signature: without it they would be kept as nobody's. Those are counted as `later`. Safe to repeat, and to
 * be done again until nothing is left.
 */
export function erase(deps: EraseDeps, owner: Erased, dryRun: boolean): Step {
  return async (cursor = 'rows::') => {
    const [phase, rest] = cut(cursor);
    switch (phase) {
      case 'rows':
        return eraseRows(deps, owner, rest, dryRun);
      case 'running':
        return eraseRunning(deps, rest);
      case 'grants':
        return eraseGrants(deps, owner, rest, dryRun);
      default:
        throw new BadCall('the cursor is not one of this command');
    }
  };
}

/** What is before the first colon, and what is behind it. */
function cut(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A page of the rows. The cursor holds the ids of those that are being verified, and the ledger's own. */
async function eraseRows(deps: EraseDeps, owner: Erased, rest: string, dryRun: boolean): Promise<AdminPage> {
  const tally = createTally();
  const [ids, after] = cut(rest);
  const running = toIds(ids);
  const page = { ...owner, limit: STEP_ROWS, ...(after !== '' && { cursor: after }) };
  const { uploads, unreadable, cursor: next } = await deps.ledger.list(page);
  for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
  await eachOf(
    tally,
    uploads,
    ({ id }) => id,
    async (upload) => {
      if (await eraseOne(deps, tally, upload, dryRun)) return;
      if (running.length < MOST_RUNNING) running.push(upload.id);
      else noteRunning(tally, upload.id);
    },
  );
  if (next !== undefined) return tally.page(`rows:${running}:${next}`);
  return tally.page(running.length > 0 ? `running:0:${running}` : 'grants:');
}

/** Another look at those that are being verified. The cursor says how many there were, and the ids. */
async function eraseRunning(deps: EraseDeps, rest: string): Promise<AdminPage> {
  const tally = createTally();
  const [looks, ids] = cut(rest);
  await deps.settle();
  const { uploads } = await deps.ledger.readMany(toIds(ids));
  const running: string[] = [];
  await eachOf(
    tally,
    uploads,
    ({ id }) => id,
    async (upload) => {
      if (!(await eraseOne(deps, tally, upload, false))) running.push(upload.id);
    },
  );
  if (running.length > 0 && Number(looks) < LOOKS) {
    return tally.page(`running:${Number(looks) + 1}:${running}`);
  }
  for (const id of running) noteRunning(tally, id);
  return tally.page('grants:');
}

function toIds(text: string): string[] {
  return text.split(',').filter(isUploadId);
}

function noteRunning(tally: Tally, id: string): void {
  tally.note('running', { id, detail: 'It is being verified: erase again in some minutes.' });
}

async function eraseGrants(
  deps: EraseDeps,
  owner: Erased,
  after: string,
  dryRun: boolean,
): Promise<AdminPage> {
  const tally = createTally();
  const from = after === '' ? undefined : after;
  const { forgotten, next } = await deps.grantTable.forgetOf(owner, from, STEP_GRANTS, dryRun);
  for (let n = 0; n < forgotten; n += 1) tally.note('grants');
  return next === undefined ? { ...tally.page(), notes: toNotes(deps) } : tally.page(`grants:${next}`);
}

// For a while, and then again: what is under way ends by itself.
const LATER: readonly RefusalCode[] = ['verification_running'];

/** False if it is being verified, and nothing was done. */
async function eraseOne(deps: EraseDeps, tally: Tally, seen: Upload, dryRun: boolean): Promise<boolean> {
  const { id, key } = seen;
  const versions = await Promise.all(PLACES.map((place) => deps.buckets.versions(place, key)));
  const count = () => {
    for (const _version of versions.flat()) tally.note('objects');
  };
  if (dryRun) {
    count();
    tally.note('uploads', { id, detail: `It is ${seen.state}.` });
    return true;
  }
  const upload = await endUpload(deps, seen);
  if (upload === undefined) return false;
  for (const place of PLACES) {
    for (const version of await deps.buckets.versions(place, key)) {
      await deps.buckets.removeVersion(place, version);
    }
  }
  count();
  const until = freeAt(deps, upload);
  if (until > deps.now()) {
    await deps.table.blank(upload, Math.ceil(until / 1000));
    tally.note('later', { id, detail: `Its row stays until ${new Date(until).toISOString()}.` });
  } else tally.note((await deps.table.forget(upload)) ? 'uploads' : 'later', { id });
  return true;
}

/** The upload once it has ended; undefined while a worker has it. */
async function endUpload(deps: EraseDeps, seen: Upload): Promise<Upload | undefined> {
  if (isEnded(seen.state) || seen.state === 'rejected') return seen;
  // Its scanners may not answer for hours. What they say later is of an upload that has ended.
  if (seen.state === 'scanning' && !(await deps.ledger.move(seen, 'held', {})).moved) return undefined;
  try {
    return await deleteUpload(deps, OPERATOR, seen.id);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === 'rejected_not_deletable') return deps.ledger.read(seen.id);
    if (LATER.includes(error.code)) return undefined;
    throw error;
  }
}

/** From when on nothing can arrive for it any more, and no copy of a worker's. */
function freeAt({ expiryGraceInSeconds }: EraseDeps, upload: Upload): number {
  const { expiresAt, settledAt = 0, epoch, transport } = upload;
  const isInParts = transport === 'multipart';
  const lastCopy = epoch > 0 || isInParts ? settledAt + LAST_LOOK_AFTER_MS : 0;
  // Its end has freed the parts, and S3 takes none any more: their addresses hold for days.
  return isInParts ? lastCopy : Math.max(expiresAt + expiryGraceInSeconds * 1000, lastCopy);
}

const DAY_MS = 86_400_000;
const BACKUP_DAYS = 35;

function toNotes({ now, retention }: EraseDeps): readonly string[] {
  const until = (days: number) => new Date(now() + days * DAY_MS).toISOString().slice(0, 10);
  return [
    `Point-in-time recovery of the tables holds the rows until ${until(BACKUP_DAYS)}: erase again after a restore.`,
    `The feed and the archive of events hold names and metadata of the files until ${until(retention.eventDays)}, and deliveries of webhooks for some days.`,
    `The logs hold ids, and neither names nor bytes, until ${until(retention.logDays)}.`,
    'Backups that you make yourself, and what your apps were told, are not known here.',
  ];
}
