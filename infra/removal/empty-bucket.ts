import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

/**
 * Removes every version of every object of a bucket, every delete marker, and every upload in parts that is
 * under way. What is locked stays.
 * @returns how many objects, versions and uploads there were
 */
export async function emptyBucket(s3: S3Client, Bucket: string): Promise<number> {
  let count = 0;
  // From the beginning each time: what is listed is gone by then, but for what is locked.
  let stuck = new Set<string>();
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    const now = new Set(Objects.map(({ Key, VersionId }) => `${VersionId} ${Key}`));
    if (Objects.length === 0 || [...now].every((one) => stuck.has(one))) break;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    stuck = new Set(Errors.map(({ Key, VersionId }) => `${VersionId} ${Key}`));
    count += Objects.length - Errors.length;
  }
  for (;;) {
    const { Uploads = [], IsTruncated } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    for (const { Key, UploadId } of Uploads) {
      await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      count += 1;
    }
    if (IsTruncated !== true) return count;
  }
}
