import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { NotFoundError } from '../errors/not-found-error.ts';
import { deleteObjects } from './objects.ts';

/** What to empty. */
export interface EmptyRequest {
  readonly client: S3Client;
  readonly bucket: string;
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** Called after each page with the number of versions deleted so far. */
  readonly onProgress?: (deleted: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Deletes everything, for good: objects, their old versions and delete markers, and uploads that were never finished. Gives
 * the number of versions deleted. Safe to run again after an interruption.
 */
export async function emptyBucket({
  client,
  bucket,
  prefix,
  onProgress,
  signal,
}: EmptyRequest): Promise<number> {
  const where = { Bucket: bucket, Prefix: prefix };
  let deleted = 0;
  try {
    // Always the first page: what it listed is gone when it is asked for again.
    for (let isMore = true; isMore; ) {
      signal?.throwIfAborted();
      const {
        Versions = [],
        DeleteMarkers = [],
        IsTruncated,
      } = await client.send(new ListObjectVersionsCommand(where));
      const page = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));
      await deleteObjects(client, bucket, page);
      deleted += page.length;
      onProgress?.(deleted);
      isMore = IsTruncated === true;
    }
    for (let isMore = true; isMore; ) {
      signal?.throwIfAborted();
      const { Uploads = [], IsTruncated } = await client.send(new ListMultipartUploadsCommand(where));
      for (const { Key, UploadId } of Uploads) {
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      }
      isMore = IsTruncated === true;
    }
  } catch (error) {
    throw classify(error);
  }
  return deleted;
}

/**
 * Deletes a bucket; one that is gone already is fine. `andContents` empties it first, otherwise one with anything in it is a
 * `ServiceError` with `BucketNotEmpty`.
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
