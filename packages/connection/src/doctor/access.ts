import { ListBucketsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity } from '@smithy/types';
import { readIdentity } from '../access/identity.ts';
import { classify } from '../classify.ts';
import { createSTSClient } from '../clients/sts.ts';
import { endpointOf } from '../endpoint.ts';
import type { Session } from '../session.ts';
import { mask } from '../settings/mask.ts';
import type { SettingName } from '../settings/values.ts';
import type { Finding } from './finding.ts';
import { toFailure } from './network.ts';

const SOON_MS = 5 * 60_000;

/**
 * Whether there are keys, where from, and how long they last. Fetches them, if need be from STS or an
 * identity provider.
 */
export async function checkCredentials(
  session: Session,
  sourceOf: (setting: SettingName) => string,
  now: number,
): Promise<Finding> {
  const check = 'credentials';
  if (session.settings.values.unsigned)
    return { check, verdict: 'ok', detail: `none: nothing is signed (${sourceOf('unsigned')})` };
  let keys: AwsCredentialIdentity;
  try {
    keys = await session.credentials();
  } catch (error) {
    return toFailure(check, classify(error));
  }
  const { accessKeyId, expiration } = keys;
  const source = keySource(session, accessKeyId, sourceOf);
  const leftMs = (expiration?.getTime() ?? Number.POSITIVE_INFINITY) - now;
  const lasting = expiration ? `, good for ${Math.max(0, Math.floor(leftMs / 60_000))} more min` : '';
  const detail = `${mask('accessKeyId', accessKeyId)} from ${source}${lasting}`;
  if (leftMs >= SOON_MS) return { check, verdict: 'ok', detail };
  return {
    check,
    verdict: 'warn',
    detail,
    fix: 'Get new keys: what these sign ends with them, presigned URLs too.',
  };
}

function keySource(
  { settings: { values } }: Session,
  accessKeyId: string,
  sourceOf: (setting: SettingName) => string,
): string {
  if (accessKeyId === values.accessKeyId) return sourceOf('accessKeyId');
  if (values.roleArn !== undefined) return `the role ${values.roleArn}`;
  return values.profile === undefined ? 'the chain of providers' : `the profile ${values.profile}`;
}

/**
 * Whose the keys are. Undefined where there is nobody to ask: an endpoint that is not AWS has no STS beside
 * it.
 */
export async function checkIdentity(
  session: Session,
  signal: AbortSignal | undefined,
): Promise<Finding | undefined> {
  const check = 'identity';
  const { settings } = session;
  if (settings.values.unsigned) return undefined;
  if (endpointOf(settings, 's3') !== undefined && endpointOf(settings, 'sts') === undefined) return undefined;
  try {
    const { arn } = await readIdentity(session.client(createSTSClient), signal);
    return { check, verdict: 'ok', detail: arn };
  } catch (thrown) {
    const error = classify(thrown);
    const failure = toFailure(check, error);
    if (error.code === 'access-denied' || error.code === 'expired-credentials') return failure;
    // Many networks let S3 out and nothing else. That is no reason for S3 calls to fail.
    return { ...failure, verdict: 'warn', fix: 'Only needed to know who you are; S3 calls do without STS.' };
  }
}

/**
 * Whether the keys open the bucket, or, without one, list the account's. Asks by a call whose refusal says
 * why: a HEAD's has no body.
 */
export async function checkAccess(
  client: S3Client,
  bucket: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const check = 'access';
  const call = signal ? { abortSignal: signal } : {};
  try {
    if (bucket !== undefined) {
      await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), call);
      return { check, verdict: 'ok', detail: `s3://${bucket} can be listed` };
    }
    const { Buckets = [] } = await client.send(new ListBucketsCommand({ MaxBuckets: 1 }), call);
    return {
      check,
      verdict: 'ok',
      detail: Buckets.length > 0 ? 'buckets can be listed' : 'there is no bucket yet',
    };
  } catch (thrown) {
    const error = classify(thrown);
    const failure = toFailure(check, error);
    // Keys that are meant for one bucket may well not list all of them.
    if (bucket === undefined && error.serviceCode === 'AccessDenied') {
      return { ...failure, verdict: 'warn', fix: 'Name a bucket to check: these keys may not list them.' };
    }
    return failure;
  }
}
