import { isDeepStrictEqual } from 'node:util';
import type { CORSRule, LifecycleRule, S3Client } from '@aws-sdk/client-s3';
import { ParamValidationError } from '../errors/param-validation-error.ts';
import { type BucketConfiguration, configureBucket } from './configure.ts';
import type { BucketDescription } from './describe.ts';
import type { Statement } from './policy.ts';
import { isTlsOnly } from './tls-only.ts';

/** What may be wanted of a bucket besides being private. */
export interface WantedConfiguration extends Omit<BucketConfiguration, 'blockPublicAccess' | 'policy'> {
  readonly policy?: readonly Statement[];
}

/** A bucket that is there, and what is wanted of it. */
export interface Completion {
  readonly bucket: string;
  readonly description: BucketDescription;
  readonly wanted: WantedConfiguration;
  readonly tlsOnly: Statement;
}

/**
 * Adds to a bucket what it lacks, and takes nothing away: somebody may have set it up with care. A public access block and an
 * encryption come only where there are none; rules and statements come beside those that are there. What is asked for by name
 * (another encryption, versioning) is done.
 *
 * Throws, having changed nothing, when it may not read what is there.
 */
export async function completeBucket(client: S3Client, completion: Completion): Promise<void> {
  await configureBucket(client, completion.bucket, missingOf(completion));
}

/** What has to be configured, each aspect whole, since S3 replaces what was there. */
export function missingOf({ bucket, description, wanted, tlsOnly }: Completion): BucketConfiguration {
  const [hidden] = description.unreadable;
  // Whatever were added could wipe out what cannot be seen.
  if (hidden) throw hidden.error;
  const { encryption, versioning, policy = [], cors, lifecycle, notifications } = wanted;
  if (notifications && (description.notifications?.length || description.otherListeners)) {
    throw new ParamValidationError({
      message: `others listen to s3://${bucket} already: configure its notifications as a whole`,
    });
  }
  const text = description.policy;
  const isClosed = text !== undefined && isTlsOnly(text, bucket);
  const statements = addPolicy(text, isClosed ? policy : [tlsOnly, ...policy]);
  const rules = lifecycle && addLifecycle(description.lifecycle ?? [], lifecycle);
  const origins = cors && addCors(description.cors ?? [], cors);
  return {
    ...(description.isPublicAccessBlocked === undefined && { blockPublicAccess: true }),
    ...((encryption ?? description.encryption === undefined) && { encryption: encryption ?? 'managed' }),
    ...(versioning !== undefined && { versioning }),
    ...(statements && { policy: statements }),
    ...(origins && { cors: origins }),
    ...(rules && { lifecycle: rules }),
    ...(notifications && { notifications }),
  };
}

/** The policy with the statements that it lacks, else as it is; undefined when it has them all. */
function addPolicy(text: string | undefined, wanted: readonly Statement[]): string | undefined {
  // Sound: S3 keeps nothing else as a policy.
  const policy = JSON.parse(text ?? '{"Version":"2012-10-17","Statement":[]}') as { Statement: unknown };
  const there = [policy.Statement].flat();
  const missing = wanted.filter((one) => !there.some((other) => isDeepStrictEqual(one, other)));
  return missing.length === 0 ? undefined : JSON.stringify({ ...policy, Statement: [...there, ...missing] });
}

function addLifecycle(
  there: readonly LifecycleRule[],
  wanted: readonly LifecycleRule[],
): LifecycleRule[] | undefined {
  const aborts = there.some((rule) => rule.Status === 'Enabled' && rule.AbortIncompleteMultipartUpload);
  const missing = wanted.filter(
    (rule) => !there.some(({ ID }) => ID === rule.ID) && !(aborts && isAbortOnly(rule)),
  );
  return missing.length === 0 ? undefined : [...there, ...missing];
}

const isAbortOnly = ({ AbortIncompleteMultipartUpload, ...rule }: LifecycleRule): boolean =>
  AbortIncompleteMultipartUpload !== undefined &&
  rule.Expiration === undefined &&
  rule.Transitions === undefined;

function addCors(there: readonly CORSRule[], wanted: readonly CORSRule[]): CORSRule[] | undefined {
  const lets = (one: CORSRule, other: CORSRule) =>
    isDeepStrictEqual([one.AllowedOrigins, one.AllowedMethods], [other.AllowedOrigins, other.AllowedMethods]);
  const missing = wanted.filter((rule) => !there.some((other) => lets(rule, other)));
  return missing.length === 0 ? undefined : [...there, ...missing];
}
