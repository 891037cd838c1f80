import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/** The keys of all objects of a bucket, or of those that begin so. */
export async function keysIn(client: S3Client, Bucket: string, Prefix?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  }
  return keys;
}
