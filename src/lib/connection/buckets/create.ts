import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { type BucketConfiguration, configureBucket } from './configure.ts';
import { tlsOnly } from './policy.ts';

/** A bucket to be. */
export interface NewBucket extends Omit<BucketConfiguration, 'blockPublicAccess'> {
  readonly client: S3Client;
  readonly bucket: string;
}

/**
 * Creates a bucket that is safe before anything is in it: no public access, no ACLs (the owner owns every object), encrypted,
 * and closed to calls without TLS; `policy` adds statements to that. Lives in the client's region.
 *
 * Safe to run again, and completes what an interrupted run left out; a bucket of that name in another account is a
 * `ServiceError` with `BucketAlreadyExists`.
 */
export async function createBucket({ client, bucket, ...wanted }: NewBucket): Promise<void> {
  try {
    // The SDK adds the region of the client as the location.
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectOwnership: 'BucketOwnerEnforced' }));
  } catch (error) {
    const known = classify(error);
    if (known.serviceCode !== 'BucketAlreadyOwnedByYou') throw known;
  }
  await configureBucket(client, bucket, {
    encryption: 'managed',
    ...wanted,
    blockPublicAccess: true,
    policy: [tlsOnly(bucket), ...(wanted.policy ?? [])],
  });
}
