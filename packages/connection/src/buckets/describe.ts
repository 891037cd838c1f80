import {
  type CORSRule,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  type GetBucketNotificationConfigurationCommandOutput,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  type QueueConfiguration,
  type S3Client,
  type TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import type { ConnectionError } from '../errors/connection-error.ts';

/**
 * How a bucket is set up. Undefined means that nothing is configured, or that it could not be read: then
 * `unreadable` says why.
 */
export type BucketDescription = {
  readonly region: string | undefined;
  readonly isVersioned: boolean | undefined;
  /** `AES256` or `aws:kms`. */
  readonly encryption: string | undefined;
  readonly isPublicAccessBlocked: boolean | undefined;
  /** `BucketOwnerEnforced` means that ACLs are off. */
  readonly ownership: string | undefined;
  /** The policy as S3 keeps it. */
  readonly policy: string | undefined;
  readonly cors: readonly CORSRule[] | undefined;
  readonly lifecycle: readonly LifecycleRule[] | undefined;
  /** Which objects are too small for the lifecycle's transitions. */
  readonly lifecycleMinimum?: TransitionDefaultMinimumObjectSize | undefined;
  readonly notifications: readonly QueueConfiguration[] | undefined;
  /** Topics, functions and EventBridge, counted: what hears of events besides queues. */
  readonly otherListeners: number | undefined;
  readonly unreadable: readonly { readonly aspect: string; readonly error: ConnectionError }[];
};

/** What S3 calls a configuration that was never made. */
const NEVER_CONFIGURED =
  /^(NoSuchCORSConfiguration|NoSuchLifecycleConfiguration|NoSuchBucketPolicy|NoSuchPublicAccessBlockConfiguration|ServerSideEncryptionConfigurationNotFoundError|OwnershipControlsNotFoundError)$/;

/**
 * Reads every aspect of a bucket side by side. One that may not be read does not hide the others. Throws only
 * when there is no such bucket.
 */
export async function describeBucket(client: S3Client, bucket: string): Promise<BucketDescription> {
  const name = { Bucket: bucket };
  const unreadable: { aspect: string; error: ConnectionError }[] = [];
  const read = async <T>(aspect: string, answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (thrown) {
      const error = classify(thrown);
      if (error.serviceCode === 'NoSuchBucket') throw error;
      if (!NEVER_CONFIGURED.test(error.serviceCode ?? '')) unreadable.push({ aspect, error });
      return undefined;
    }
  };
  const [location, versioning, encryption, access, ownership, policy, cors, lifecycle, notifications] =
    await Promise.all([
      read('region', client.send(new GetBucketLocationCommand(name))),
      read('versioning', client.send(new GetBucketVersioningCommand(name))),
      read('encryption', client.send(new GetBucketEncryptionCommand(name))),
      read('public access', client.send(new GetPublicAccessBlockCommand(name))),
      read('ownership', client.send(new GetBucketOwnershipControlsCommand(name))),
      read('policy', client.send(new GetBucketPolicyCommand(name))),
      read('cors', client.send(new GetBucketCorsCommand(name))),
      read('lifecycle', client.send(new GetBucketLifecycleConfigurationCommand(name))),
      read('notifications', client.send(new GetBucketNotificationConfigurationCommand(name))),
    ]);
  const blocked = access?.PublicAccessBlockConfiguration;
  return {
    region: location && toRegion(location.LocationConstraint),
    isVersioned: versioning && versioning.Status === 'Enabled',
    encryption:
      encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault
        ?.SSEAlgorithm,
    isPublicAccessBlocked: blocked && Object.values(blocked).filter(Boolean).length === 4,
    ownership: ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership,
    policy: policy?.Policy,
    cors: cors?.CORSRules,
    lifecycle: lifecycle?.Rules,
    lifecycleMinimum: lifecycle?.TransitionDefaultMinimumObjectSize,
    notifications: notifications?.QueueConfigurations,
    otherListeners: notifications && countOthers(notifications),
    unreadable,
  };
}

/**
 * S3's oldest region has an empty name, and Ireland the one that it had before there were others. Ceph's
 * "default" is the name of a zone group, and no region that anything is signed for.
 */
function toRegion(location = ''): string | undefined {
  if (location === 'default') return undefined;
  return location === 'EU' ? 'eu-west-1' : location === '' ? 'us-east-1' : location;
}

function countOthers({
  TopicConfigurations = [],
  LambdaFunctionConfigurations = [],
  EventBridgeConfiguration,
}: GetBucketNotificationConfigurationCommandOutput): number {
  return (
    TopicConfigurations.length + LambdaFunctionConfigurations.length + (EventBridgeConfiguration ? 1 : 0)
  );
}
