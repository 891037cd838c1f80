import { isDeepStrictEqual } from 'node:util';
import type { CORSRule, LifecycleRule, QueueConfiguration, S3Client } from '@aws-sdk/client-s3';
import { ResponseStreamingError } from '../errors/answer.ts';
import { BucketSetupError } from '../errors/operation.ts';
import { ParamValidationError } from '../errors/settings.ts';
import type { Aspect } from './aspect-names.ts';
import { type BucketConfiguration, configureBucket } from './configure.ts';
import type { BucketDescription } from './describe.ts';
import type { Statement } from './policy.ts';
import { isTlsOnly } from './tls-only.ts';

/** What may be wanted of a bucket besides being private. */
export type WantedConfiguration = Omit<
  BucketConfiguration,
  'blockPublicAccess' | 'policy' | 'lifecycleMinimum'
> & {
  readonly policy?: readonly Statement[];
  /** Clears unfinished uploads away; not added where another rule does so in its own time. */
  readonly clearing?: LifecycleRule;
};

/** A bucket that is there, and what is wanted of it. */
export type Completion = {
  readonly bucket: string;
  readonly description: BucketDescription;
  readonly wanted: WantedConfiguration;
  /** Undefined where there is no TLS: such a policy would lock everybody out. */
  readonly tlsOnly: Statement | undefined;
  /** What is left as it is, because the store has no such thing. */
  readonly without?: readonly Aspect[];
};

/**
 * Adds to a bucket what it lacks, and takes nothing away: somebody may have set it up with care. A public
 * access block and an encryption come only where there are none, ACLs stay as they are; rules and statements
 * come beside those that are there. What is asked for by name (another encryption, versioning, a lifecycle
 * rule of the same name and scope) is done.
 *
 * Throws `BucketSetupError`, having changed nothing, when it may not read what it would have to change.
 */
export async function completeBucket(client: S3Client, completion: Completion): Promise<void> {
  await configureBucket(client, completion.bucket, missingOf(completion));
}

/** What has to be configured, each aspect whole, since S3 replaces what was there. */
export function missingOf(completion: Completion): BucketConfiguration {
  const { bucket, description, wanted, tlsOnly, without = [] } = completion;
  refuseHidden(completion);
  const { encryption, versioning, objectLock, policy = [], cors } = wanted;
  const text = description.policy;
  const isClosed = text !== undefined && isTlsOnly(text, bucket);
  const statements = addPolicy(text, isClosed || tlsOnly === undefined ? policy : [tlsOnly, ...policy]);
  const rules = addLifecycle(description.lifecycle ?? [], wanted);
  const minimum = description.lifecycleMinimum;
  const origins = cors && addCors(description.cors ?? [], cors);
  const queues = wanted.notifications && addQueues(description, wanted.notifications);
  const missing: BucketConfiguration = {
    ...(description.isPublicAccessBlocked === undefined && { blockPublicAccess: true }),
    ...((encryption ?? description.encryption === undefined) && { encryption: encryption ?? 'managed' }),
    ...(versioning !== undefined && { versioning }),
    ...(objectLock && { objectLock }),
    ...(statements && { policy: statements }),
    ...(origins && { cors: origins }),
    ...(rules && { lifecycle: rules, ...(minimum && { lifecycleMinimum: minimum }) }),
    ...(queues && { notifications: queues }),
  };
  return leaveOut(missing, without);
}

/** Aspects by fields that are named otherwise. */
const ASPECT_OF: Readonly<Record<string, Aspect>> = {
  blockPublicAccess: 'public-access',
  objectLock: 'object-lock',
};

/** The configuration but for some aspects. */
export function leaveOut(
  configuration: BucketConfiguration,
  without: readonly Aspect[],
): BucketConfiguration {
  const isLeft = (name: string) => !without.some((aspect) => aspect === (ASPECT_OF[name] ?? name));
  return Object.fromEntries(Object.entries(configuration).filter(([name]) => isLeft(name)));
}

/** Whatever were added could wipe out what cannot be seen. What nothing is wanted of may stay hidden. */
function refuseHidden({ bucket, description, wanted, without = [] }: Completion): void {
  const { lifecycle = [], clearing, cors, notifications } = wanted;
  const needed: Readonly<Record<string, boolean>> = {
    'public-access': true,
    encryption: true,
    policy: true,
    lifecycle: lifecycle.length > 0 || clearing !== undefined,
    cors: cors !== undefined,
    notifications: notifications !== undefined,
  };
  const hidden = description.unreadable
    .map(({ aspect, error }) => ({ aspect: aspect.replace(' ', '-'), error }))
    .filter(({ aspect }) => needed[aspect] && !without.some((one) => one === aspect));
  const [first, ...more] = hidden;
  if (first) throw new BucketSetupError({ bucket, failed: [first, ...more], done: [], untried: [] });
}

/** The policy with the statements that it lacks, else as it is; undefined when it has them all. */
function addPolicy(text: string | undefined, wanted: readonly Statement[]): string | undefined {
  const policy = parsePolicy(text || '{"Version":"2012-10-17"}');
  const there = [policy.Statement ?? []].flat();
  const missing = wanted.filter((one) => !there.some((other) => isDeepStrictEqual(bare(one), bare(other))));
  return missing.length === 0 ? undefined : JSON.stringify({ ...policy, Statement: [...there, ...missing] });
}

function parsePolicy(text: string): { readonly Statement?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch (cause) {
    throw new ResponseStreamingError({
      message: "the bucket's policy came as no JSON, and stays as it is",
      cause,
    });
  }
}

/** A statement without the lists of one, which S3 does not keep as lists. */
function bare(statement: unknown): unknown {
  return JSON.parse(JSON.stringify(statement), (_key, value: unknown) =>
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  );
}

function addLifecycle(
  there: readonly LifecycleRule[],
  { lifecycle = [], clearing }: WantedConfiguration,
): LifecycleRule[] | undefined {
  const isCleared = there.some(
    (rule) => rule.ID === clearing?.ID || (rule.Status === 'Enabled' && rule.AbortIncompleteMultipartUpload),
  );
  const wanted = clearing && !isCleared ? [clearing, ...lifecycle] : lifecycle;
  // S3 gives a name to a rule that has none.
  const missing = wanted.filter(
    (rule) => !there.some((other) => isDeepStrictEqual({ ID: other.ID, ...rule }, other)),
  );
  if (missing.length === 0) return undefined;
  const namesakeOf = ({ ID }: LifecycleRule) => missing.find((rule) => ID !== undefined && rule.ID === ID);
  for (const rule of there) {
    const namesake = namesakeOf(rule);
    if (namesake === undefined || isDeepStrictEqual(scoped(namesake).Filter, scoped(rule).Filter)) continue;
    throw new ParamValidationError({
      message: `a lifecycle rule named ${rule.ID} is there already, for other objects`,
    });
  }
  return [...there.filter((rule) => namesakeOf(rule) === undefined).map(scoped), ...missing];
}

/** S3 takes no old rule, which has its prefix outside of a filter, together with new ones. */
function scoped({ Prefix, ...rule }: LifecycleRule): LifecycleRule {
  return {
    ...rule,
    Filter: rule.Filter ?? { Prefix: Prefix ?? '' },
  };
}

function addCors(there: readonly CORSRule[], wanted: readonly CORSRule[]): CORSRule[] | undefined {
  const lets = (one: CORSRule, other: CORSRule) =>
    isDeepStrictEqual([one.AllowedOrigins, one.AllowedMethods], [other.AllowedOrigins, other.AllowedMethods]);
  const missing = wanted.filter((rule) => !there.some((other) => lets(rule, other)));
  return missing.length === 0 ? undefined : [...there, ...missing];
}

function addQueues(
  { notifications: there = [], otherListeners }: BucketDescription,
  wanted: readonly QueueConfiguration[],
): QueueConfiguration[] | undefined {
  // S3 gives a name to a queue's configuration that has none.
  const missing = wanted.filter(
    (queue) => !there.some((other) => isDeepStrictEqual({ Id: other.Id, ...queue }, other)),
  );
  if (missing.length === 0) return undefined;
  if (otherListeners) {
    throw new ParamValidationError({
      message: 'not only queues listen to the bucket already: configure its notifications as a whole',
    });
  }
  return [...there, ...missing];
}
