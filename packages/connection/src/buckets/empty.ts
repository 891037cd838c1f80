import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { ResponseStreamingError } from '../errors/answer.ts';
import { NotFoundError } from '../errors/service.ts';
import { deleteObjects, keyDecoder } from './objects.ts';

/** What to empty. */
export type EmptyRequest = {
  readonly client: S3Client;
  readonly bucket: string;
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** Called after each page with the number of versions deleted so far. */
  readonly onProgress?: (deleted: number) => void;
  readonly signal?: AbortSignal;
};

/**
 * Deletes everything, for good: objects, their old versions and delete markers, and uploads that were never
 * finished. Gives the number of versions deleted. Safe to run again after an interruption.
 */
export async function emptyBucket({
  client,
  bucket,
  prefix,
  onProgress,
  signal,
}: EmptyRequest): Promise<number> {
  const where = { Bucket: bucket, Prefix: prefix, EncodingType: 'url' as const };
  const call = signal ? { abortSignal: signal } : {};
  let deleted = 0;
  let before = '';
  // Always the first page: what it listed is gone when it is asked for again. A store that lists it once
  // more, or has more and lists nothing, would be asked for ever.
  const refuseSame = (page: readonly unknown[]): void => {
    const listed = JSON.stringify(page);
    if (page.length > 0 && listed !== before) {
      before = listed;
      return;
    }
    throw new ResponseStreamingError({
      message: `${bucket} still lists what was deleted from it: the store does not delete, or does not list, as S3 does`,
    });
  };
  try {
    for (let isMore = true; isMore; ) {
      signal?.throwIfAborted();
      const {
        Versions = [],
        DeleteMarkers = [],
        IsTruncated,
        EncodingType,
      } = await client.send(new ListObjectVersionsCommand(where), call);
      const decode = keyDecoder({ EncodingType });
      const listed = [...Versions, ...DeleteMarkers];
      const page = listed.flatMap(({ Key, VersionId }) => (Key ? [{ Key: decode(Key), VersionId }] : []));
      if (IsTruncated) refuseSame(page);
      await deleteObjects(client, bucket, page);
      deleted += page.length;
      onProgress?.(deleted);
      isMore = IsTruncated === true;
    }
    for (let isMore = true; isMore; ) {
      signal?.throwIfAborted();
      const answer = await client.send(new ListMultipartUploadsCommand(where), call);
      const { Uploads = [], IsTruncated } = answer;
      const decode = keyDecoder(answer);
      if (IsTruncated) refuseSame(Uploads.map(({ Key, UploadId }) => ({ Key, UploadId })));
      for (const { Key = '', UploadId } of Uploads) {
        const upload = { Bucket: bucket, Key: decode(Key), UploadId };
        await client.send(new AbortMultipartUploadCommand(upload));
      }
      isMore = IsTruncated === true;
    }
  } catch (error) {
    throw classify(error);
  }
  return deleted;
}

/**
 * Deletes a bucket; one that is gone already is fine. `andContents` empties it first, otherwise one with
 * anything in it is a `ServiceError` with `BucketNotEmpty`.
 */
export async function deleteBucket(
  request: EmptyRequest & { readonly andContents?: boolean },
): Promise<void> {
  try {
    if (request.andContents) await emptyBucket(request);
    await request.client.send(new DeleteBucketCommand({ Bucket: request.bucket }));
  } catch (error) {
    const known = classify(error);
    if (!(known instanceof NotFoundError)) throw known;
  }
}
