import {
  type CORSRule,
  type LifecycleRule,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type QueueConfiguration,
  type S3Client,
  type TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { type Statement, toPolicy } from './policy.ts';

/** What to change; whatever is left out stays as it is. Each replaces what was there, as S3 does. */
export interface BucketConfiguration {
  readonly blockPublicAccess?: true;
  /** `managed` are S3's own keys; a KMS key is named by its ARN, and used through a bucket key to save calls. */
  readonly encryption?: 'managed' | { readonly kmsKeyArn: string };
  readonly versioning?: boolean;
  /** Statements, or a policy as S3 keeps it. */
  readonly policy?: readonly Statement[] | string;
  readonly cors?: readonly CORSRule[];
  readonly lifecycle?: readonly LifecycleRule[];
  /** Goes with the lifecycle: left out, S3 falls back to its default. */
  readonly lifecycleMinimum?: TransitionDefaultMinimumObjectSize;
  /** Queues that hear of new and gone objects. S3 sends each an `s3:TestEvent` at once. */
  readonly notifications?: readonly QueueConfiguration[];
}

/** Configures a bucket, one aspect after the other. Safe to run again; throws the errors of `classify`. */
export async function configureBucket(
  client: S3Client,
  bucket: string,
  configuration: BucketConfiguration,
): Promise<void> {
  const { blockPublicAccess, encryption, versioning, policy, cors, lifecycle, notifications } = configuration;
  const Bucket = bucket;
  try {
    if (blockPublicAccess) {
      await client.send(
        new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: everythingBlocked }),
      );
    }
    if (encryption)
      await client.send(new PutBucketEncryptionCommand({ Bucket, ...toEncryption(encryption) }));
    if (versioning !== undefined) {
      const VersioningConfiguration = { Status: versioning ? 'Enabled' : 'Suspended' } as const;
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    if (policy) {
      const Policy = typeof policy === 'string' ? policy : toPolicy(policy);
      await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    }
    if (cors) {
      await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [...cors] } }));
    }
    if (lifecycle) {
      const LifecycleConfiguration = { Rules: [...lifecycle] };
      const TransitionDefaultMinimumObjectSize = configuration.lifecycleMinimum;
      await client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration,
          TransitionDefaultMinimumObjectSize,
        }),
      );
    }
    if (notifications) {
      const NotificationConfiguration = { QueueConfigurations: [...notifications] };
      await client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    }
  } catch (error) {
    throw classify(error);
  }
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
