// What CloudFormation made of the template, where something else is relied on: test/unit/stack.test.ts reads
// the template.
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetBucketPolicyCommand, GetBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, inject, test } from 'vitest';
import { rootOf } from './root.ts';

function setup() {
  const stack = inject('stack');
  const root = rootOf(stack);
  const s3 = new S3Client(root);
  return {
    stack,
    versioningOf: async (bucket: string) =>
      (await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status,
    policyOf: async (bucket: string): Promise<{ Statement: { Sid: string; Effect: string }[] }> =>
      JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }))).Policy ?? '{}'),
    table: async () =>
      (await new DynamoDBClient(root).send(new DescribeTableCommand({ TableName: stack.table }))).Table,
  };
}

describe('the deployed stack', () => {
  test('keeps versions of what arrives, and of the store only where asked to', async () => {
    const { stack, versioningOf } = setup();
    expect(await versioningOf(stack.buckets.incoming)).toBe('Enabled');
    expect(await versioningOf(stack.buckets.store)).toBeUndefined();
  });

  test('has a policy on each bucket, with no statement but denials, and none about TLS on loopback', async () => {
    const { stack, policyOf } = setup();
    for (const bucket of Object.values(stack.buckets)) {
      const { Statement } = await policyOf(bucket);
      expect(Statement.map(({ Sid }) => Sid)).toContain('NoKeysOfCustomers');
      expect(Statement.map(({ Sid }) => Sid)).not.toContain('TlsOnly');
      expect(new Set(Statement.map(({ Effect }) => Effect))).toEqual(new Set(['Deny']));
    }
  });

  test('protects the ledger table from being deleted', async () => {
    expect((await setup().table())?.DeletionProtectionEnabled).toBe(true);
  });
});
