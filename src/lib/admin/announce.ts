import type { Upload } from '@sluice/contract/upload';
import { isUploadId, parseKey } from '../upload/key.ts';
import type { Ledger, Objects } from '../upload/ports.ts';
import type { Buckets, Listed } from './ports.ts';
import { createTally, eachOf, type Tally } from './tally.ts';
import { overList, type Step } from './walk.ts';

export type AnnounceDeps = {
  readonly ledger: Pick<Ledger, 'readMany'>;
  readonly objects: Pick<Objects, 'facts'>;
  readonly buckets: Pick<Buckets, 'list'>;
  readonly announce: (arrival: Pick<Upload, 'key'>) => Promise<void>;
  readonly now: () => number;
};

const STEP_ROWS = 100;

/**
 * Announces the arrivals of these uploads, as S3 would have. An announcement that was not needed changes
 * nothing: verification finds the upload settled, or its object gone.
 */
export function announceIds(deps: AnnounceDeps, ids: readonly string[], dryRun: boolean): Step {
  return overList(ids, STEP_ROWS, async (some) => {
    const tally = createTally();
    for (const id of some.filter((one) => !isUploadId(one))) {
      tally.note('unknown', { id, detail: 'This is not the id of an upload.' });
    }
    const { uploads, unreadable, missing } = await deps.ledger.readMany(some.filter(isUploadId));
    for (const id of missing) tally.note('unknown', { id, detail: 'There is no such row.' });
    for (const { id, message } of unreadable) tally.note('unreadable', { id, detail: message });
    await eachOf(
      tally,
      uploads,
      ({ id }) => id,
      async (upload) => {
        if ((await deps.objects.facts('incoming', upload.key)) === undefined) {
          tally.note('not there', {
            id: upload.id,
            detail: `It is ${upload.state}, with nothing in incoming.`,
          });
        } else await tell(deps, tally, { id: upload.id, key: upload.key, state: upload.state }, dryRun);
      },
    );
    return tally.page();
  });
}

/**
 * Announces whatever has been in incoming for so long, by a listing of the bucket: an upload that waits, what
 * a settled one left, and objects that nobody requested. Verification knows what to do with each.
 */
export function announceStuck(deps: AnnounceDeps, stuckForMs: number, dryRun: boolean): Step {
  return async (after) => {
    const tally = createTally();
    const listed = await deps.buckets.list('incoming', after, STEP_ROWS);
    const isStuck = ({ modifiedAt = 0 }: Listed) => modifiedAt <= deps.now() - stuckForMs;
    const stuck = listed.filter(isStuck);
    for (const _recent of listed.filter((one) => !isStuck(one))) tally.note('recent');
    const ids = stuck.flatMap(({ key }) => parseKey(key)?.id ?? []);
    const { uploads } = await deps.ledger.readMany(ids);
    const rows = new Map(uploads.map((upload) => [upload.key, upload]));
    await eachOf(
      tally,
      stuck,
      ({ key }) => key,
      async ({ key }) => {
        const row = rows.get(key);
        await tell(deps, tally, { id: row?.id ?? key, key, state: row?.state ?? 'in no row' }, dryRun);
      },
    );
    return tally.page(listed.length < STEP_ROWS ? undefined : listed.at(-1)?.key);
  };
}

async function tell(
  { announce }: AnnounceDeps,
  tally: Tally,
  { id, key, state }: { readonly id: string; readonly key: string; readonly state: string },
  dryRun: boolean,
): Promise<void> {
  if (!dryRun) await announce({ key });
  tally.note('announced', { id, detail: `It is ${state}.` });
}
