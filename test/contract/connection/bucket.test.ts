import {
  CreateMultipartUploadCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { ASPECTS } from '@sluice/connection/buckets/aspect-names';
import { configureBucket } from '@sluice/connection/buckets/configure';
import { createBucket } from '@sluice/connection/buckets/create';
import { describeBucket } from '@sluice/connection/buckets/describe';
import { deleteBucket, emptyBucket } from '@sluice/connection/buckets/empty';
import { deleteObjects, listObjects } from '@sluice/connection/buckets/objects';
import { allowWrite, tlsOnly } from '@sluice/connection/buckets/policy';
import { createS3Client } from '@sluice/connection/clients/s3';
import { BucketSetupError } from '@sluice/connection/errors/operation';
import { describe, expect, test } from 'vitest';
import { localSettings, openAccount } from './account.ts';

async function setup() {
  const account = await openAccount();
  const { client, bucket } = account;
  const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));
  const keys = async (prefix = '', delimiter?: string) => {
    const found: string[] = [];
    const request = { client, bucket, prefix, ...(delimiter !== undefined && { delimiter }) };
    for await (const one of listObjects(request))
      found.push(one.kind === 'object' ? one.key : `${one.prefix}…`);
    return found;
  };
  return { ...account, put, keys, fresh: `${bucket}-new` };
}

describe('a created bucket', () => {
  test('is private, owned and encrypted without being asked, and not closed to plain HTTP where there is nothing else', async () => {
    using s3 = await setup();
    await createBucket({ client: s3.client, bucket: s3.fresh });
    expect(await describeBucket(s3.client, s3.fresh)).toMatchObject({
      region: 'us-east-1',
      isPublicAccessBlocked: true,
      ownership: 'BucketOwnerEnforced',
      encryption: 'AES256',
      isVersioned: false,
      policy: undefined,
      cors: undefined,
      lifecycle: undefined,
      unreadable: [],
    });
  });

  test('has what was asked for besides, and may be created again', async () => {
    using s3 = await setup();
    const principals = ['arn:aws:iam::123456789012:role/app'];
    const wanted = {
      client: s3.client,
      bucket: s3.fresh,
      versioning: true,
      encryption: { kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1' },
      policy: allowWrite({ bucket: s3.fresh, principals, prefix: 'in/' }),
      cors: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['https://app.test'], AllowedHeaders: ['*'] }],
      lifecycle: [
        {
          ID: 'abort',
          Status: 'Enabled' as const,
          Filter: { Prefix: '' },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    };
    await createBucket(wanted);
    await createBucket(wanted);
    const description = await describeBucket(s3.client, s3.fresh);
    expect(description).toMatchObject({ isVersioned: true, encryption: 'aws:kms' });
    expect(description.cors).toMatchObject([{ AllowedMethods: ['PUT'] }]);
    expect(description.lifecycle).toMatchObject([{ ID: 'abort' }]);
    expect(JSON.parse(description.policy ?? '')).toMatchObject({
      Statement: [{ Sid: 'Write', Resource: [`arn:aws:s3:::${s3.fresh}/in/*`] }],
    });
  });

  test('that somebody else has set up keeps all of it when it is made again', async () => {
    using s3 = await setup();
    const retention = {
      ID: 'gdpr',
      Status: 'Enabled' as const,
      Filter: { Prefix: '' },
      Expiration: { Days: 30 },
    };
    const principals = ['arn:aws:iam::123456789012:role/partner'];
    await configureBucket(s3.client, s3.bucket, {
      encryption: { kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/1' },
      policy: allowWrite({ bucket: s3.bucket, principals }),
      lifecycle: [retention],
    });
    const result = await createBucket({ client: s3.client, bucket: s3.bucket });
    expect(result).toEqual({ created: false, region: 'us-east-1' });
    const { policy, ...description } = await describeBucket(s3.client, s3.bucket);
    expect(description).toMatchObject({ encryption: 'aws:kms', lifecycle: [{ ID: 'gdpr' }] });
    expect(JSON.parse(policy ?? '').Statement).toMatchObject([{ Sid: 'Write' }]);
  });

  test('that is in another region is said to be there', async () => {
    using s3 = await setup();
    const elsewhere = createS3Client(localSettings({ region: 'eu-central-1' }));
    const call = createBucket({ client: elsewhere, bucket: s3.bucket });
    await expect(call).rejects.toMatchObject({
      code: 'wrong-region',
      message: expect.stringContaining('us-east-1'),
    });
    elsewhere.destroy();
  });

  // An engine that lacks an aspect once left whatever came after it, and did not say which it was.
  test('is made whole, or has all but what the store refuses by name, and is whole without that when made again', async () => {
    using s3 = await setup();
    const rule = { ID: 'clear', Status: 'Enabled' as const, Filter: { Prefix: '' }, Expiration: { Days: 7 } };
    const wanted = {
      client: s3.client,
      bucket: s3.fresh,
      versioning: true,
      cors: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['https://app.test'], AllowedHeaders: ['*'] }],
      lifecycle: [rule],
    };
    const aspects = ['public-access', 'encryption', 'versioning', 'cors', 'lifecycle'];
    const error = await createBucket(wanted).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const refused = error instanceof BucketSetupError ? error.failed.map(({ aspect }) => aspect) : [];
    if (!(error instanceof BucketSetupError)) expect(error).toBeUndefined();
    else {
      const done = aspects.filter((aspect) => !refused.includes(aspect));
      for (const aspect of refused) expect(error.message).toContain(`${aspect} failed (`);
      expect(error.message).toContain(`done: ${done.join(', ')}`);
      expect(error.message).not.toContain('not tried');
    }
    const without = ASPECTS.filter((aspect) => refused.includes(aspect));
    expect(await createBucket({ ...wanted, without })).toEqual({ created: false, region: 'us-east-1' });
    const { isPublicAccessBlocked, encryption, isVersioned, cors, lifecycle } = await describeBucket(
      s3.client,
      s3.fresh,
    );
    const has = {
      'public-access': isPublicAccessBlocked === true,
      encryption: encryption !== undefined,
      versioning: isVersioned,
      cors: cors !== undefined,
      lifecycle: lifecycle !== undefined,
    };
    expect(has).toEqual(Object.fromEntries(aspects.map((aspect) => [aspect, !refused.includes(aspect)])));
  });

  test('keeps what is not mentioned when it is configured again', async () => {
    using s3 = await setup();
    await createBucket({
      client: s3.client,
      bucket: s3.fresh,
      versioning: true,
      policy: [tlsOnly(s3.fresh)],
    });
    await configureBucket(s3.client, s3.fresh, { versioning: false });
    const { isVersioned, policy } = await describeBucket(s3.client, s3.fresh);
    expect(isVersioned).toBe(false);
    expect(policy).toContain('TlsOnly');
  });
});

test('describes no bucket that does not exist', async () => {
  using s3 = await setup();
  await expect(describeBucket(s3.client, s3.fresh)).rejects.toMatchObject({ code: 'not-found' });
});

describe('listing', () => {
  test('gives keys in order, below a prefix, and folders when told the delimiter', async () => {
    using s3 = await setup();
    for (const key of ['b/2', 'a', 'b/1', 'b/c/3']) await s3.put(key);
    expect(await s3.keys()).toEqual(['a', 'b/1', 'b/2', 'b/c/3']);
    expect(await s3.keys('b/', '/')).toEqual(['b/c/…', 'b/1', 'b/2']);
  });

  test('deletes the keys it is given and no other', async () => {
    using s3 = await setup();
    for (const key of ['a', 'b', 'c']) await s3.put(key);
    await deleteObjects(s3.client, s3.bucket, [{ Key: 'a' }, { Key: 'b' }, { Key: 'never there' }]);
    expect(await s3.keys()).toEqual(['c']);
  });
});

describe('emptying', () => {
  test('removes every version, marker and unfinished upload, more than one page of them', async () => {
    using s3 = await setup();
    await configureBucket(s3.client, s3.bucket, { versioning: true });
    await s3.put('twice');
    await s3.put('twice');
    await deleteObjects(s3.client, s3.bucket, [{ Key: 'twice' }]);
    await Promise.all(Array.from({ length: 1_010 }, (_, index) => s3.put(`many/${index}`)));
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket: s3.bucket, Key: 'unfinished' }));
    const seen: number[] = [];
    const deleted = await emptyBucket({
      client: s3.client,
      bucket: s3.bucket,
      onProgress: (sum) => seen.push(sum),
    });
    expect(deleted).toBe(1_013);
    expect(seen.at(-1)).toBe(1_013);
    await deleteBucket({ client: s3.client, bucket: s3.bucket });
    await expect(describeBucket(s3.client, s3.bucket)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('spares what is outside of the prefix', async () => {
    using s3 = await setup();
    for (const key of ['a/1', 'a/2', 'b/1']) await s3.put(key);
    expect(await emptyBucket({ client: s3.client, bucket: s3.bucket, prefix: 'a/' })).toBe(2);
    expect(await s3.keys()).toEqual(['b/1']);
  });
});

describe('deleting a bucket', () => {
  test('is refused while something is in it, unless the contents are to go as well', async () => {
    using s3 = await setup();
    await s3.put('a');
    const bucket = { client: s3.client, bucket: s3.bucket };
    await expect(deleteBucket(bucket)).rejects.toMatchObject({
      serviceCode: 'BucketNotEmpty',
      retryable: false,
    });
    await deleteBucket({ ...bucket, andContents: true });
    await deleteBucket(bucket);
  });
});

test('leaves the other aspects readable when one is not', async () => {
  using s3 = await setup();
  s3.client.middlewareStack.add((next, { commandName }) => (args) => {
    if (commandName !== 'GetBucketCorsCommand') return next(args);
    throw Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  });
  const { unreadable, isVersioned } = await describeBucket(s3.client, s3.bucket);
  expect(unreadable.find(({ aspect }) => aspect === 'cors')).toMatchObject({
    error: { code: 'access-denied' },
  });
  expect(isVersioned).toBe(false);
});

test('keeps a policy that somebody else wrote until it is told another', async () => {
  using s3 = await setup();
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${s3.bucket}/*` },
    ],
  });
  await s3.client.send(new PutBucketPolicyCommand({ Bucket: s3.bucket, Policy }));
  await configureBucket(s3.client, s3.bucket, { versioning: true });
  const kept = await s3.client.send(new GetBucketPolicyCommand({ Bucket: s3.bucket }));
  expect(JSON.parse(kept.Policy ?? '')).toEqual(JSON.parse(Policy));
});
