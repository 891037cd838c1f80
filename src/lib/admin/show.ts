import type { ShownObject, ShownUpload } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import { UnreadableRow } from '../upload/faults.ts';
import type { Ledger, Objects, Place } from '../upload/ports.ts';
import { toAdvice } from './advice.ts';
import type { Buckets, DeadLetters, Listed } from './ports.ts';

export type ShowDeps = {
  readonly ledger: Pick<Ledger, 'read'>;
  readonly objects: Pick<Objects, 'facts'>;
  readonly buckets: Pick<Buckets, 'versions' | 'unfinished'>;
  readonly deadLetters: DeadLetters;
  readonly now: () => number;
};

const PLACES: readonly Place[] = ['incoming', 'store', 'quarantine'];

/**
 * All that is known of one upload, and what to do next. Changes nothing: a message that was looked at is
 * hidden for some seconds.
 * @param named the key, where the row may be lost and the key is known
 */
export async function showUpload(deps: ShowDeps, id: string, named?: string): Promise<ShownUpload> {
  const { upload, unreadable } = await readRow(deps.ledger, id);
  const key = upload?.key ?? named;
  const [objects, unfinished, peeked] = await Promise.all([
    key === undefined ? [] : readObjects(deps, key),
    key === undefined ? [] : deps.buckets.unfinished(key),
    Promise.all(
      deps.deadLetters.queues.map(
        async (queue) => [queue, await deps.deadLetters.peek(queue, (body) => body.includes(id))] as const,
      ),
    ),
  ]);
  const messages = peeked.flatMap(([, { found }]) => found);
  const known = { id, upload, unreadable, objects, hasUnfinished: unfinished.length > 0, messages };
  return {
    id,
    ...(key !== undefined && { key }),
    ...(upload && {
      state: upload.state,
      owner: { tenant: upload.tenant, subject: upload.subject },
      row: upload,
    }),
    ...(unreadable !== undefined && { unreadable }),
    objects,
    unfinished: unfinished.map(({ uploadId, startedAt }) => ({
      uploadId,
      ...(startedAt !== undefined && { startedAt: new Date(startedAt).toISOString() }),
    })),
    messages,
    searched: Object.fromEntries(
      peeked.map(([queue, { messages: looked, isAll }]) => [queue, { messages: looked, isAll }]),
    ),
    advice: toAdvice(known, deps.now()),
  };
}

async function readRow(
  ledger: ShowDeps['ledger'],
  id: string,
): Promise<{ readonly upload: Upload | undefined; readonly unreadable: string | undefined }> {
  try {
    return { upload: await ledger.read(id), unreadable: undefined };
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    return { upload: undefined, unreadable: error.message };
  }
}

async function readObjects({ objects, buckets }: ShowDeps, key: string): Promise<readonly ShownObject[]> {
  const all = await Promise.all(
    PLACES.map(async (place) => {
      const [versions, facts] = await Promise.all([buckets.versions(place, key), objects.facts(place, key)]);
      return versions.map((version) =>
        toShown(place, version, version.isLatest ? facts?.metadata : undefined),
      );
    }),
  );
  return all.flat();
}

function toShown(place: Place, listed: Listed, metadata: ShownObject['metadata']): ShownObject {
  const { modifiedAt, ...rest } = listed;
  return {
    place,
    ...rest,
    ...(modifiedAt !== undefined && { modifiedAt: new Date(modifiedAt).toISOString() }),
    ...(metadata !== undefined && Object.keys(metadata).length > 0 && { metadata }),
  };
}
