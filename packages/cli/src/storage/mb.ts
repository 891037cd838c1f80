import type { Aspect } from '@sluice/connection/buckets/aspect-names';
import { type CreatedBucket, createBucket, type NewBucket } from '@sluice/connection/buckets/create';
import { createS3Client } from '@sluice/connection/clients/s3';
import type { Session } from '@sluice/connection/session';

/** What may be asked for beyond what every bucket gets. */
export type Wanted = {
  readonly versioning: boolean;
  readonly objectLock: boolean;
  readonly corsOrigins: readonly string[];
  readonly kmsKeyArn: string | undefined;
  readonly expireAfterDays: number | undefined;
  /** 7 when undefined, unless a rule of the bucket says otherwise. */
  readonly abortAfterDays: number | undefined;
  readonly without: readonly Aspect[];
};

/** Makes the bucket, or completes the one that is there. */
export function make(session: Session, bucket: string, wanted: Wanted): Promise<CreatedBucket> {
  return createBucket({
    client: session.client(createS3Client),
    bucket,
    without: wanted.without,
    lifecycle: toLifecycle(wanted),
    ...(wanted.abortAfterDays === undefined && { clearing: abortAfter(7) }),
    ...(wanted.versioning && { versioning: true }),
    ...(wanted.objectLock && { objectLock: true }),
    ...(wanted.kmsKeyArn !== undefined && { encryption: { kmsKeyArn: wanted.kmsKeyArn } }),
    ...(wanted.corsOrigins.length > 0 && { cors: toCors(wanted.corsOrigins) }),
  });
}

type LifecycleRule = NonNullable<NewBucket['clearing']>;

const everywhere = { Status: 'Enabled', Filter: { Prefix: '' } } as const;

function abortAfter(days: number): LifecycleRule {
  return {
    ID: 'abort-unfinished-uploads',
    ...everywhere,
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: days },
  };
}

function toLifecycle({ expireAfterDays, abortAfterDays }: Wanted): LifecycleRule[] {
  return [
    ...(abortAfterDays === undefined ? [] : [abortAfter(abortAfterDays)]),
    ...(expireAfterDays === undefined
      ? []
      : [{ ID: 'expire', ...everywhere, Expiration: { Days: expireAfterDays } }]),
  ];
}

/** What an upload in parts needs: its pages have to read each part's ETag. */
function toCors(origins: readonly string[]): NonNullable<NewBucket['cors']> {
  return [
    {
      AllowedOrigins: [...origins],
      AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST'],
      AllowedHeaders: ['*'],
      ExposeHeaders: ['ETag'],
      MaxAgeSeconds: 3000,
    },
  ];
}
