import { DELETE_BATCH, deleteObjects, listObjects } from '../../lib/connection/buckets/objects.ts';
import { createS3Client } from '../../lib/connection/clients/s3.ts';
import type { Session } from '../../lib/connection/session.ts';
import type { S3Place } from './place.ts';

/** Deletes one object. */
export const removeOne = (session: Session, { bucket, key }: S3Place): Promise<void> =>
  deleteObjects(session.client(createS3Client), bucket, [{ Key: key }]);

/** How much there is below a prefix. */
export const countBelow = async (
  session: Session,
  { bucket, key: prefix }: S3Place,
  signal: AbortSignal,
): Promise<{ objects: number; bytes: number }> => {
  const client = session.client(createS3Client);
  let [objects, bytes] = [0, 0];
  for await (const row of listObjects({ client, bucket, prefix, signal })) {
    if (row.kind === 'object') [objects, bytes] = [objects + 1, bytes + row.bytes];
  }
  return { objects, bytes };
};

/** Deletes everything below a prefix as it is listed, and gives the number. Safe to run again. */
export const removeBelow = async (
  session: Session,
  { bucket, key: prefix }: S3Place,
  { onProgress, signal }: { onProgress: (deleted: number) => void; signal: AbortSignal },
): Promise<number> => {
  const client = session.client(createS3Client);
  let deleted = 0;
  let batch: { Key: string }[] = [];
  const flush = async () => {
    signal.throwIfAborted();
    await deleteObjects(client, bucket, batch);
    deleted += batch.length;
    onProgress(deleted);
    batch = [];
  };
  for await (const row of listObjects({ client, bucket, prefix, signal })) {
    if (row.kind === 'object') batch.push({ Key: row.key });
    if (batch.length === DELETE_BATCH) await flush();
  }
  await flush();
  return deleted;
};
