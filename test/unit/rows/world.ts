import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Upload } from '@sluice/contract/upload';
import { toUpload } from '../../../src/lib/aws/ledger-item.ts';
import type { MemoryObjects } from '../../fakes/memory-objects.ts';
import type { WrittenRow } from '../../rows/read.ts';
import { createWorld, ID, KEY, OWNER, UPLOAD_ID } from '../events/world.ts';

/** What the files of the written rows hold. */
export const CSV = Buffer.from('name,size\nphoto,3\n');

/** The owner, the id and the multipart upload that the row is given, as a test's calls speak of others. */
export type Renamed = { readonly tenant: string; readonly subject: string; readonly id: string };

/** A written row, renamed; everything else of it is as it was written. */
export function rename(
  { item }: WrittenRow,
  { tenant, subject, id }: Renamed,
  uploadId?: string,
): WrittenRow['item'] {
  const { multipart } = item;
  return {
    ...item,
    id: { S: id },
    tenant: { S: tenant },
    subject: { S: subject },
    key: { S: `${tenant}/${id}` },
    ...(uploadId !== undefined &&
      multipart?.M && { multipart: { M: { ...multipart.M, uploadId: { S: uploadId } } } }),
  };
}

/** A row in memory: its fields as they are in the table, those that are not the upload's own included. */
export function toMemory(item: WrittenRow['item']) {
  // Sound: what reads it parses it first.
  return { upload: unmarshall({ ...item }) as Upload };
}

/** The objects that there are of an upload in this state. */
export function putObjects({ places, put }: MemoryObjects, item: WrittenRow['item'], bytes: Buffer): void {
  const { id, key, state, reason } = toUpload({ ...item });
  const copy = (metadata: Record<string, string>) => ({
    bytes,
    headers: {
      contentType: 'text/csv',
      contentDisposition: 'attachment',
      metadata: { 'upload-id': id, ...metadata },
    },
  });
  if (['verifying', 'scanning', 'held'].includes(state)) put(key, bytes);
  if (state === 'accepted') places.store.set(key, copy({}));
  if (state === 'rejected' || state === 'recalled')
    places.quarantine.set(key, copy({ reason: reason ?? '' }));
}

/** The world of the events in `events/`, in which the upload that they are about has this row. */
export async function createWorldOf(written: WrittenRow) {
  const world = await createWorld();
  const item = rename(written, { tenant: OWNER, subject: OWNER, id: ID }, UPLOAD_ID);
  world.ledger.rows.set(ID, toMemory(item));
  putObjects(world.objects, item, CSV);
  if (item.multipart && item.state?.S === 'requested') {
    world.multipart.open.set(UPLOAD_ID, { key: KEY, parts: new Map() });
    world.multipart.put(UPLOAD_ID, 1, CSV.toString());
  }
  return { world, item };
}
