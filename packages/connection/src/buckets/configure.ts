import {
  type CORSRule,
  type LifecycleRule,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type QueueConfiguration,
  type S3Client,
  type TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3';
import type { Aspect } from './aspect-names.ts';
import { setUp } from './aspects.ts';
import { type Statement, toPolicy } from './policy.ts';

/** What to change; whatever is left out stays as it is. Each replaces what was there, as S3 does. */
export type BucketConfiguration = {
  readonly blockPublicAccess?: true;
  /**
   * `managed` are S3's own keys; a KMS key is named by its ARN, and used through a bucket key to save calls.
   */
  readonly encryption?: 'managed' | { readonly kmsKeyArn: string };
  readonly versioning?: boolean;
  /** Lets objects be locked. It needs versions, which are turned on with it, and can never be turned off. */
  readonly objectLock?: true;
  /** Statements, or a policy as S3 keeps it. */
  readonly policy?: readonly Statement[] | string;
  readonly cors?: readonly CORSRule[];
  readonly lifecycle?: readonly LifecycleRule[];
  /** Goes with the lifecycle: left out, S3 falls back to its default. */
  readonly lifecycleMinimum?: TransitionDefaultMinimumObjectSize;
  /** Queues that hear of new and gone objects. S3 sends each an `s3:TestEvent` at once. */
  readonly notifications?: readonly QueueConfiguration[];
};

/** Configures a bucket, one aspect after the other. Safe to run again; throws `BucketSetupError`. */
export async function configureBucket(
  client: S3Client,
  bucket: string,
  configuration: BucketConfiguration,
): Promise<void> {
  const { blockPublicAccess, encryption, objectLock, policy, cors, lifecycle, notifications } = configuration;
  const { versioning = objectLock } = configuration;
  const Bucket = bucket;
  const steps: [Aspect, () => Promise<unknown>][] = [];
  if (blockPublicAccess) {
    const command = new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: everythingBlocked,
    });
    steps.push(['public-access', () => client.send(command)]);
  }
  if (encryption) {
    const command = new PutBucketEncryptionCommand({ Bucket, ...toEncryption(encryption) });
    steps.push(['encryption', () => client.send(command)]);
  }
  if (versioning !== undefined) {
    const VersioningConfiguration = { Status: versioning ? 'Enabled' : 'Suspended' } as const;
    const command = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration });
    steps.push(['versioning', () => client.send(command)]);
  }
  if (objectLock) {
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' } as const;
    const command = new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration });
    steps.push(['object-lock', () => client.send(command)]);
  }
  if (policy) {
    const Policy = typeof policy === 'string' ? policy : toPolicy(policy);
    steps.push(['policy', () => client.send(new PutBucketPolicyCommand({ Bucket, Policy }))]);
  }
  if (cors) {
    const command = new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [...cors] } });
    steps.push(['cors', () => client.send(command)]);
  }
  if (lifecycle) {
    const command = new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules: [...lifecycle] },
      TransitionDefaultMinimumObjectSize: configuration.lifecycleMinimum,
    });
    steps.push(['lifecycle', () => client.send(command)]);
  }
  if (notifications) {
    const NotificationConfiguration = { QueueConfigurations: [...notifications] };
    const command = new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration });
    steps.push(['notifications', () => client.send(command)]);
  }
  await setUp(bucket, steps);
}

const everythingBlocked = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

function toEncryption(encryption: NonNullable<BucketConfiguration['encryption']>) {
  const rule =
    encryption === 'managed'
      ? { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }
      : {
          ApplyServerSideEncryptionByDefault: {
            SSEAlgorithm: 'aws:kms' as const,
            KMSMasterKeyID: encryption.kmsKeyArn,
          },
          BucketKeyEnabled: true,
        };
  return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
}
