import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { NotFoundError, WrongRegionError } from '../errors/service.ts';
import type { Aspect } from './aspect-names.ts';
import { completeBucket, leaveOut, type WantedConfiguration } from './complete.ts';
import { configureBucket } from './configure.ts';
import { type BucketDescription, describeBucket } from './describe.ts';
import { tlsOnly } from './policy.ts';

/** A bucket to be. */
export type NewBucket = WantedConfiguration & {
  readonly client: S3Client;
  readonly bucket: string;
  /** What is left out, for stores that have no such thing; the bucket is that much less safe. */
  readonly without?: readonly Aspect[];
};

/** What became of it. */
export type CreatedBucket = {
  /** False when it was there already. */
  readonly created: boolean;
  readonly region: string;
};

/**
 * Creates a bucket that is safe before anything is in it: no public access, no ACLs (the owner owns every
 * object), encrypted, and closed to calls without TLS, unless the endpoint has none; `policy` adds statements
 * to that. Lives in the client's region.
 *
 * Looks first, so it needs to read the configuration of buckets too. Safe to run again: of a bucket that is
 * there, what it lacks is added, and nothing that somebody has set up is replaced. One that is in another
 * region is a `WrongRegionError`, one of that name in another account an error of S3's. What the store
 * refuses of all that is a `BucketSetupError`: the bucket is there then, with what could be done.
 */
export async function createBucket({
  client,
  bucket,
  without = [],
  ...wanted
}: NewBucket): Promise<CreatedBucket> {
  const region = await client.config.region();
  const endpoint = await client.config.endpoint?.();
  const closed = endpoint?.protocol === 'http:' ? undefined : tlsOnly(bucket, region);
  const there = await findBucket(client, bucket);
  if (there === undefined && (await makeBucket(client, bucket))) {
    const { clearing, lifecycle = [], policy = [], ...others } = wanted;
    const rules = clearing ? [clearing, ...lifecycle] : lifecycle;
    const statements = closed ? [closed, ...policy] : policy;
    const configuration = {
      encryption: 'managed' as const,
      ...others,
      ...(rules.length > 0 && { lifecycle: rules }),
      blockPublicAccess: true as const,
      ...(statements.length > 0 && { policy: statements }),
    };
    await configureBucket(client, bucket, leaveOut(configuration, without));
    return { created: true, region };
  }
  const description = there ?? (await describeBucket(client, bucket));
  if (description.region !== undefined && description.region !== region) {
    throw new WrongRegionError({ message: `s3://${bucket} is there already, in ${description.region}` });
  }
  await completeBucket(client, { bucket, description, wanted, tlsOnly: closed, without });
  return { created: false, region };
}

/** False when somebody in the same account was faster. */
async function makeBucket(client: S3Client, bucket: string): Promise<boolean> {
  try {
    // The SDK adds the region of the client as the location.
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectOwnership: 'BucketOwnerEnforced' }));
    return true;
  } catch (thrown) {
    const error = classify(thrown);
    if (error.serviceCode === 'BucketAlreadyOwnedByYou') return false;
    throw error;
  }
}

async function findBucket(client: S3Client, bucket: string): Promise<BucketDescription | undefined> {
  try {
    return await describeBucket(client, bucket);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
