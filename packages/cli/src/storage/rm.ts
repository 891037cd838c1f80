import { deleteBucket, emptyBucket } from '@sluice/connection/buckets/empty';
import { DELETE_BATCH, deleteObjects, listObjects } from '@sluice/connection/buckets/objects';
import { createS3Client } from '@sluice/connection/clients/s3';
import { NotFoundError } from '@sluice/connection/errors/service';
import type { Session } from '@sluice/connection/session';
import type { BucketParams } from '@sluice/connection/transfers/params';
import type { S3Place } from './place.ts';

/** Deletes one object. */
export function removeOne(session: Session, { bucket, key }: S3Place, params: BucketParams): Promise<void> {
  return deleteObjects(session.client(createS3Client), bucket, [{ Key: key }], params);
}

/** How to remove a bucket. */
type BucketRemoval = {
  /** also what is in it */
  readonly recursive: boolean;
  readonly onProgress: (deleted: number) => void;
  readonly signal: AbortSignal;
};

/** Removes a bucket, and gives how many versions were deleted before. Safe to run again. */
export async function removeBucket(
  session: Session,
  bucket: string,
  { recursive, onProgress, signal }: BucketRemoval,
): Promise<number> {
  const client = session.client(createS3Client);
  const deleted = recursive ? await emptyIfThere({ client, bucket, onProgress, signal }) : 0;
  await deleteBucket({ client, bucket });
  return deleted;
}

async function emptyIfThere(request: Parameters<typeof emptyBucket>[0]): Promise<number> {
  try {
    return await emptyBucket(request);
  } catch (error) {
    if (error instanceof NotFoundError) return 0;
    throw error;
  }
}

/** How a bucket is asked. */
type Access = {
  readonly params: BucketParams;
  readonly signal: AbortSignal;
};

/** Everything below a prefix, as it is listed. */
async function* listBelow(
  session: Session,
  { bucket, key: prefix }: S3Place,
  { signal, params }: Access,
): AsyncGenerator<{ readonly key: string; readonly bytes: number }> {
  const client = session.client(createS3Client);
  for await (const row of listObjects({ client, bucket, prefix, params, signal }))
    if (row.kind === 'object') yield row;
}

/** How much there is below a prefix. */
export async function countBelow(
  session: Session,
  place: S3Place,
  access: Access,
  onEach: (key: string) => void = () => {},
): Promise<{ objects: number; bytes: number }> {
  let [objects, bytes] = [0, 0];
  for await (const object of listBelow(session, place, access)) {
    [objects, bytes] = [objects + 1, bytes + object.bytes];
    onEach(object.key);
  }
  return { objects, bytes };
}

/** Deletes everything below a prefix as it is listed, and gives the number. Safe to run again. */
export async function removeBelow(
  session: Session,
  { bucket, key: prefix }: S3Place,
  { onProgress, ...access }: Access & { readonly onProgress: (deleted: number) => void },
): Promise<number> {
  const client = session.client(createS3Client);
  let deleted = 0;
  let batch: { Key: string }[] = [];
  const flush = async () => {
    access.signal.throwIfAborted();
    await deleteObjects(client, bucket, batch, access.params);
    deleted += batch.length;
    onProgress(deleted);
    batch = [];
  };
  for await (const { key } of listBelow(session, { bucket, key: prefix }, access)) {
    batch.push({ Key: key });
    if (batch.length === DELETE_BATCH) await flush();
  }
  await flush();
  return deleted;
}
