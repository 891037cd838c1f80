import { Refusal, type RefusalCode } from '@sluice/contract/refusals';
import { isEnded } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { type DeleteDeps, deleteUpload } from '../upload/delete.ts';
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

/**
 * Removes all uploads of an owner or of a tenant: ends them as their owner would, then every version of their
 * objects in all buckets, then their rows, and at last their grants. A row stays, without anything of the
 * file, as long as bytes may still come under its signature: without it they would be kept as nobody's. Those
 * are counted as `later`. Safe to repeat, and to be done again until nothing is left.
 */
export function erase(deps: EraseDeps, owner: Erased, dryRun: boolean): Step {
  return async (cursor = 'rows:') => {
    const tally = createTally();
    const [phase, after = ''] = [cursor.slice(0, cursor.indexOf(':')), cursor.slice(cursor.indexOf(':') + 1)];
    const from = after === '' ? undefined : after;
    if (phase === 'rows') {
      const page = { ...owner, limit: STEP_ROWS, ...(from !== undefined && { cursor: from }) };
      const { uploads, unreadable, cursor: next } = await deps.ledger.list(page);
      for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
      await eachOf(
        tally,
        uploads,
        ({ id }) => id,
        (upload) => eraseOne(deps, tally, upload, dryRun),
      );
      return tally.page(next === undefined ? 'grants:' : `rows:${next}`);
    }
    if (phase !== 'grants') throw new BadCall('the cursor is not one of this command');
    const { forgotten, next } = await deps.grantTable.forgetOf(owner, from, STEP_GRANTS, dryRun);
    for (let n = 0; n < forgotten; n += 1) tally.note('grants');
    if (next !== undefined) return tally.page(`grants:${next}`);
    return { ...tally.page(), notes: toNotes(deps) };
  };
}

// For a while, and then again: what is under way ends by itself.
const LATER: readonly RefusalCode[] = ['verification_running'];

async function eraseOne(deps: EraseDeps, tally: Tally, seen: Upload, dryRun: boolean): Promise<void> {
  const { id, key } = seen;
  const versions = await Promise.all(PLACES.map((place) => deps.buckets.versions(place, key)));
  const count = () => {
    for (const _version of versions.flat()) tally.note('objects');
  };
  if (dryRun) {
    count();
    return tally.note('uploads', { id, detail: `It is ${seen.state}.` });
  }
  const upload = await endUpload(deps, seen);
  if (upload === undefined) {
    return tally.note('running', { id, detail: 'It is being verified: erase again in some minutes.' });
  }
  for (const place of PLACES) {
    for (const version of await deps.buckets.versions(place, key)) {
      await deps.buckets.removeVersion(place, version);
    }
  }
  count();
  const until = freeAt(deps, upload);
  if (until > deps.now()) {
    await deps.table.blank(upload, Math.ceil(until / 1000));
    return tally.note('later', { id, detail: `Its row stays until ${new Date(until).toISOString()}.` });
  }
  tally.note((await deps.table.forget(upload)) ? 'uploads' : 'later', { id });
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
