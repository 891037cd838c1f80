import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { missingOf, type WantedConfiguration } from '../../../src/lib/connection/buckets/complete.ts';
import { configureBucket } from '../../../src/lib/connection/buckets/configure.ts';
import type { BucketDescription } from '../../../src/lib/connection/buckets/describe.ts';
import { type Statement, tlsOnly, toPolicy } from '../../../src/lib/connection/buckets/policy.ts';
import { AccessDeniedError } from '../../../src/lib/connection/errors/access-denied-error.ts';

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
const missing = (there: Partial<BucketDescription>, wanted: WantedConfiguration = {}) => {
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
};

/** A bucket that somebody has set up with care. */
const own = {
  encryption: 'aws:kms',
  isPublicAccessBlocked: false,
  policy: JSON.stringify({ Version: '2012-10-17', Id: 'mine', Statement: partner }),
  lifecycle: [retention],
  cors: [app],
};

describe('a bucket that is there', () => {
  it('gets everything when it has nothing', () => {
    expect(missing({}, { lifecycle: [abort] })).toEqual({
      blockPublicAccess: true,
      encryption: 'managed',
      policy: toPolicy([closed]),
      lifecycle: [abort],
    });
  });

  it('keeps its encryption, its access, its statements and its rules, and gets what it lacks beside them', () => {
    const other = { AllowedOrigins: ['https://other.test'], AllowedMethods: ['PUT'] };
    const { policy, ...rest } = missing(own, { lifecycle: [abort], cors: [other] });
    expect(rest).toEqual({ lifecycle: [retention, abort], cors: [app, other] });
    expect(JSON.parse(String(policy))).toEqual({
      Version: '2012-10-17',
      Id: 'mine',
      Statement: [partner, closed],
    });
  });

  it('is left alone when it has all of it, however it says so', () => {
    const denies = { ...closed, Sid: 'Other', Action: '*', Principal: { AWS: '*' } };
    const policy = JSON.stringify({ Statement: [partner, denies] });
    const lifecycle = [{ ...abort, ID: 'mine', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }];
    expect(missing({ ...own, policy, lifecycle }, { lifecycle: [abort], cors: [app] })).toEqual({});
  });

  it('gets what is asked for by name', () => {
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

  it('is not touched when something of it cannot be read', () => {
    const error = new AccessDeniedError({ message: 'no' });
    expect(() => missing({ unreadable: [{ aspect: 'policy', error }] })).toThrow(error);
  });

  it('is not given listeners in place of those that it has', () => {
    const notifications = [
      { QueueArn: 'arn:aws:sqs:us-east-1:1:q', Events: ['s3:ObjectCreated:*' as const] },
    ];
    expect(missing({}, { notifications })).toMatchObject({ notifications });
    expect(() => missing({ otherListeners: 1 }, { notifications })).toThrow('others listen');
  });
});

it.each([
  ['eu-central-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
])('a bucket in %s is named in the partition %s', (region, partition) => {
  expect(tlsOnly('bucket', region).Resource[0]).toBe(`arn:${partition}:s3:::bucket`);
  expect(missing({ policy: toPolicy([tlsOnly('bucket', region)]) }).policy).toBeUndefined();
});

it('configures who is told of its objects', async () => {
  const s3 = mockClient(S3Client);
  const notifications = [{ QueueArn: 'arn:aws:sqs:us-east-1:1:q', Events: ['s3:ObjectCreated:*' as const] }];
  await configureBucket(new S3Client({}), 'bucket', { notifications });
  expect(s3.commandCalls(PutBucketNotificationConfigurationCommand).map(({ args }) => args[0].input)).toEqual(
    [{ Bucket: 'bucket', NotificationConfiguration: { QueueConfigurations: notifications } }],
  );
  s3.restore();
});
