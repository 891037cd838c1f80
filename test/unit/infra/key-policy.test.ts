import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keyPolicyFor, missingFrom, type Place } from '../../../infra/key-policy/policy.ts';

const place: Place = {
  region: 'eu-central-1',
  account: '123456789012',
  stack: 'sluice-prod',
  ownBuckets: true,
  cloudFront: true,
};
const wanted = keyPolicyFor(place);

function sids(statements: readonly { readonly Sid: string }[]): readonly string[] {
  return statements.map(({ Sid }) => Sid);
}

test('docs/accounts-and-keys.md shows the policy that the command prints', () => {
  const page = readFileSync('docs/accounts-and-keys.md', 'utf8');
  const shown = /```json key-policy\n(.+?)```/s.exec(page)?.[1] ?? '';
  expect(JSON.parse(shown)).toEqual(wanted);
});

test.each([
  ['cn-north-1', 'aws-cn', 'logs.cn-north-1.amazonaws.com.cn'],
  ['us-gov-west-1', 'aws-us-gov', 'logs.us-gov-west-1.amazonaws.com'],
])('%s has its own partition and names', (region, partition, logs) => {
  const { Statement } = keyPolicyFor({ ...place, region });
  expect(Statement[0]?.Principal).toEqual({ AWS: `arn:${partition}:iam::123456789012:root` });
  expect(Statement.map(({ Principal }) => Principal.Service)).toContain(logs);
  expect(JSON.stringify(Statement)).not.toContain('arn:aws:');
});

test('S3 and CloudFront may use it only where there is something for them', () => {
  const { Statement } = keyPolicyFor({ ...place, ownBuckets: false, cloudFront: false });
  expect(sids(Statement)).toEqual([
    'PoliciesOfTheAccountCount',
    'EventBridgeKeepsEventsAndWritesToQueues',
    'CloudWatchKeepsLogs',
  ]);
});

describe('of a key’s own policy', () => {
  test('nothing is missing where it is the one that is wanted', () => {
    expect(missingFrom(wanted, wanted)).toEqual([]);
  });

  test.each(sids(wanted.Statement))('the missing %s is named', (sid) => {
    const Statement = wanted.Statement.filter(({ Sid }) => Sid !== sid);
    expect(sids(missingFrom({ ...wanted, Statement }, wanted))).toEqual([sid]);
  });

  test('one action that is missing of a statement is enough to name it', () => {
    const Statement = wanted.Statement.map((one) =>
      one.Sid === 'S3WritesToTheQueueOfArrivals' ? { ...one, Action: 'kms:GenerateDataKey' } : one,
    );
    expect(sids(missingFrom({ Statement }, wanted))).toEqual(['S3WritesToTheQueueOfArrivals']);
  });

  test('a statement that denies allows nothing', () => {
    const Statement = wanted.Statement.map((one) => ({ ...one, Effect: 'Deny' }));
    expect(missingFrom({ Statement }, wanted)).toHaveLength(wanted.Statement.length);
  });

  test('other words for the same count', () => {
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'KMS:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: {
          Service: [
            's3.amazonaws.com',
            'events.amazonaws.com',
            'logs.eu-central-1.amazonaws.com',
            'cloudfront.amazonaws.com',
          ],
        },
        Action: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        Resource: '*',
      },
    ];
    expect(missingFrom({ Statement }, wanted)).toEqual([]);
  });

  test('nothing at all is everything missing', () => {
    expect(missingFrom({}, wanted)).toHaveLength(wanted.Statement.length);
    expect(missingFrom(null, wanted)).toHaveLength(wanted.Statement.length);
  });
});
