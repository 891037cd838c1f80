import {
  CreateBucketCommand,
  GetBucketLocationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { leaveOut, missingOf, type WantedConfiguration } from '@sluice/connection/buckets/complete';
import { configureBucket } from '@sluice/connection/buckets/configure';
import { createBucket } from '@sluice/connection/buckets/create';
import { type BucketDescription, describeBucket } from '@sluice/connection/buckets/describe';
import { type Statement, tlsOnly, toPolicy } from '@sluice/connection/buckets/policy';
import { AccessDeniedError } from '@sluice/connection/errors/service';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';

const closed = tlsOnly('bucket');
const partner: Statement = {
  Sid: 'Partner',
  Effect: 'Allow',
  Principal: { AWS: ['arn:aws:iam::111122223333:root'] },
  Action: 's3:GetObject',
  Resource: ['arn:aws:s3:::bucket/*'],
};
const abort = {
  ID: 'abort-unfinished-uploads',
  Status: 'Enabled' as const,
  Filter: { Prefix: '' },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
};
const retention = {
  ID: 'gdpr',
  Status: 'Enabled' as const,
  Filter: { Prefix: '' },
  Expiration: { Days: 30 },
};
const app = { AllowedOrigins: ['https://app.test'], AllowedMethods: ['PUT'] };

/** What is missing of a bucket that nobody has set up, but for what is said of it. */
function missing(there: Partial<BucketDescription>, wanted: WantedConfiguration = {}) {
  const description: BucketDescription = {
    region: 'us-east-1',
    isVersioned: false,
    encryption: undefined,
    isPublicAccessBlocked: undefined,
    ownership: undefined,
    policy: undefined,
    cors: undefined,
    lifecycle: undefined,
    notifications: [],
    otherListeners: 0,
    unreadable: [],
    ...there,
  };
  return missingOf({ bucket: 'bucket', description, wanted, tlsOnly: closed });
}

/** A bucket that somebody has set up with care. */
const own = {
  encryption: 'aws:kms',
  isPublicAccessBlocked: false,
  ownership: 'ObjectWriter',
  policy: JSON.stringify({ Version: '2012-10-17', Id: 'mine', Statement: partner }),
  lifecycle: [retention],
  cors: [app],
};

test('a bucket whose objects can be locked keeps versions first, and may do without either by name', async () => {
  const client = new S3Client({ region: 'us-east-1' });
  const s3 = mockClient(client);
  s3.onAnyCommand().resolves({});
  await configureBucket(client, 'bucket', { objectLock: true });
  expect(s3.calls().map(({ args: [{ input }] }) => input)).toEqual([
    { Bucket: 'bucket', VersioningConfiguration: { Status: 'Enabled' } },
    { Bucket: 'bucket', ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } },
  ]);
  expect(missing({}, { objectLock: true })).toMatchObject({ objectLock: true });
  expect(leaveOut({ objectLock: true, versioning: true }, ['object-lock'])).toEqual({ versioning: true });
});

describe('a bucket that is there', () => {
  test('gets everything when it has nothing', () => {
    expect(missing({}, { clearing: abort })).toEqual({
      blockPublicAccess: true,
      encryption: 'managed',
      policy: toPolicy([closed]),
      lifecycle: [abort],
    });
  });

  test('keeps its encryption, its access, its statements and its rules, and gets what it lacks beside them', () => {
    const other = { AllowedOrigins: ['https://other.test'], AllowedMethods: ['PUT'] };
    const { policy, ...rest } = missing(own, { clearing: abort, cors: [other] });
    expect(rest).toEqual({ lifecycle: [retention, abort], cors: [app, other] });
    expect(JSON.parse(String(policy))).toEqual({
      Version: '2012-10-17',
      Id: 'mine',
      Statement: [partner, closed],
    });
  });

  test('is left alone when it has all of it, however it says so', () => {
    const denies = { ...closed, Sid: 'Other', Action: '*', Principal: { AWS: '*' } };
    const policy = JSON.stringify({ Statement: [partner, denies] });
    const lifecycle = [{ ...abort, ID: 'mine', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }];
    expect(missing({ ...own, policy, lifecycle }, { clearing: abort, cors: [app] })).toEqual({});
  });

  test('gets what is asked for by name', () => {
    const encryption = { kmsKeyArn: 'arn:aws:kms:us-east-1:1:key/1' };
    const wanted = {
      encryption,
      versioning: true,
      policy: [partner],
      lifecycle: [{ ...retention, ID: 'new' }],
    };
    const { policy, ...rest } = missing({ ...own, policy: toPolicy([closed]) }, wanted);
    expect(rest).toEqual({
      encryption,
      versioning: true,
      lifecycle: [retention, { ...retention, ID: 'new' }],
    });
    expect(JSON.parse(String(policy)).Statement).toEqual([closed, partner]);
  });

  test('keeps a statement that it has, though S3 writes its lists of one without brackets', () => {
    const kept = {
      ...partner,
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Resource: 'arn:aws:s3:::bucket/*',
    };
    const policy = JSON.stringify({ Statement: [closed, kept] });
    expect(missing({ ...own, policy }, { policy: [partner] })).toEqual({});
  });

  test('gets a rule that is asked for in the place of its namesake, and never for other objects', () => {
    const policy = toPolicy([closed]);
    const sooner = { ...retention, Expiration: { Days: 10 } };
    const late = { ...abort, ID: 'mine' };
    const there = { ...own, policy, lifecycle: [late, retention] };
    const wanted = { lifecycle: [abort, sooner] };
    expect(missing(there, wanted)).toEqual({ lifecycle: [late, abort, sooner] });
    const logs = { ...retention, Filter: { Prefix: 'logs/' } };
    expect(() => missing({ ...there, lifecycle: [logs] }, wanted)).toThrow('for other objects');
  });

  test('keeps what its rules mean: a prefix of the old kind, and the least size for transitions', () => {
    const { Filter: _, ...old } = retention;
    const lifecycle = [{ ...old, Prefix: 'logs/' }];
    const lifecycleMinimum = 'varies_by_storage_class' as const;
    const there = { ...own, policy: toPolicy([closed]), lifecycle, lifecycleMinimum };
    expect(missing(there, { clearing: abort })).toEqual({
      lifecycle: [{ ...old, Filter: { Prefix: 'logs/' } }, abort],
      lifecycleMinimum,
    });
  });

  test('keeps a rule of the name of ours that somebody has switched off', () => {
    const lifecycle = [{ ...abort, Status: 'Disabled' as const }];
    expect(missing({ ...own, policy: toPolicy([closed]), lifecycle }, { clearing: abort })).toEqual({});
  });

  test('is not touched when something of it cannot be read', () => {
    const error = new AccessDeniedError({ message: 'no' });
    expect(() => missing({ unreadable: [{ aspect: 'policy', error }] })).toThrow(
      's3://bucket is there, but not as it was to be: policy failed (no)',
    );
    // What nothing is wanted of may stay hidden, and so may what is left out.
    expect(missing({ unreadable: [{ aspect: 'cors', error }] })).toMatchObject({ encryption: 'managed' });
  });

  test.each(['', '{}', '{"Statement":null}'])('has no statements when its policy is %j', (policy) => {
    expect(JSON.parse(String(missing({ policy }).policy)).Statement).toEqual([closed]);
  });

  test('keeps a policy that came as no JSON', () => {
    expect(() => missing({ policy: '<html>' })).toThrow('came as no JSON, and stays as it is');
  });

  test('is told of one queue beside another, once, and in place of no other kind of listener', () => {
    const queue = (name: string) => ({
      QueueArn: `arn:aws:sqs:us-east-1:1:${name}`,
      Events: ['s3:ObjectCreated:*' as const],
    });
    const named = { ...queue('a'), Id: 'S3 named it' };
    const wanted = { notifications: [queue('a'), queue('b')] };
    const there = { notifications: [named] };
    expect(missing(there, wanted).notifications).toEqual([named, queue('b')]);
    expect(missing(there, { notifications: [queue('a')] }).notifications).toBeUndefined();
    expect(() => missing({ otherListeners: 1 }, wanted)).toThrow('not only queues');
  });
});

describe('making a bucket', () => {
  /** S3 as far as the looks into a bucket go: nobody has set it up. */
  const setup = (location?: string) => {
    const s3 = mockClient(S3Client);
    const refuse = (name: string) =>
      new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode: 404 } });
    s3.callsFake(() => ({}));
    let looks = 0;
    s3.on(GetBucketLocationCommand).callsFake(() => {
      looks += 1;
      if (location === undefined && looks === 1) throw refuse('NoSuchBucket');
      return { LocationConstraint: location };
    });
    const made = (region: string) =>
      createBucket({ client: new S3Client({ region }), bucket: 'bucket', clearing: abort });
    return { s3, refuse, made, [Symbol.dispose]: () => s3.restore() };
  };

  test('clears unfinished uploads away', async () => {
    using world = setup();
    expect(await world.made('us-east-1')).toEqual({ created: true, region: 'us-east-1' });
    const [call] = world.s3.commandCalls(PutBucketLifecycleConfigurationCommand);
    expect(call?.args[0].input.LifecycleConfiguration?.Rules).toEqual([abort]);
  });

  test('that another has made since the look is to complete it', async () => {
    using world = setup();
    world.s3.on(CreateBucketCommand).rejects(world.refuse('BucketAlreadyOwnedByYou'));
    expect(await world.made('us-east-1')).toEqual({ created: false, region: 'us-east-1' });
  });

  test('that is in Ireland is to complete it there, by whichever name', async () => {
    using world = setup('EU');
    expect((await describeBucket(new S3Client({ region: 'eu-west-1' }), 'bucket')).region).toBe('eu-west-1');
    expect(await world.made('eu-west-1')).toEqual({ created: false, region: 'eu-west-1' });
  });

  test('that is in another region changes nothing', async () => {
    using world = setup('eu-central-1');
    await expect(world.made('eu-west-1')).rejects.toMatchObject({
      code: 'wrong-region',
      message: expect.stringContaining('eu-central-1'),
    });
    expect(world.s3.commandCalls(PutBucketPolicyCommand)).toEqual([]);
  });
});

test.each([
  ['eu-central-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eusc-de-east-1', 'aws-eusc'],
])('a bucket in %s is named in the partition %s', (region, partition) => {
  expect(tlsOnly('bucket', region).Resource[0]).toBe(`arn:${partition}:s3:::bucket`);
  expect(missing({ policy: toPolicy([tlsOnly('bucket', region)]) }).policy).toBeUndefined();
});

test('configures who is told of its objects', async () => {
  const s3 = mockClient(S3Client);
  const notifications = [{ QueueArn: 'arn:aws:sqs:us-east-1:1:q', Events: ['s3:ObjectCreated:*' as const] }];
  await configureBucket(new S3Client({}), 'bucket', { notifications });
  expect(s3.commandCalls(PutBucketNotificationConfigurationCommand).map(({ args }) => args[0].input)).toEqual(
    [{ Bucket: 'bucket', NotificationConfiguration: { QueueConfigurations: notifications } }],
  );
  s3.restore();
});

test('keeps the least size for transitions when it configures a lifecycle', async () => {
  const s3 = mockClient(S3Client);
  const lifecycleMinimum = 'varies_by_storage_class';
  await configureBucket(new S3Client({}), 'bucket', {
    lifecycle: [abort],
    lifecycleMinimum,
  });
  expect(s3.calls().map(({ args }) => args[0].input)).toMatchObject([
    { LifecycleConfiguration: { Rules: [abort] }, TransitionDefaultMinimumObjectSize: lifecycleMinimum },
  ]);
  s3.restore();
});
