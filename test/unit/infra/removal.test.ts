import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  CognitoIdentityProviderClient,
  DeleteUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DeleteTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { emptyBucket } from '../../../infra/removal/empty-bucket.ts';
import { CannotRemove, type Resource, remove, type Stage } from '../../../infra/removal/remove.ts';
import { createStage } from '../../../infra/removal/stage-on-aws.ts';

function toResource(logicalId: string, type: string, isKept = false): Resource {
  return { logicalId, type: `AWS::${type}`, name: `${logicalId}-1X`, isKept };
}

const RESOURCES = [
  toResource('IncomingBucket', 'S3::Bucket'),
  toResource('StoreBucket', 'S3::Bucket', true),
  toResource('LedgerTable', 'DynamoDB::Table', true),
  toResource('ArrivalsQueue', 'SQS::Queue'),
];

/** @param arriving how often something arrives between the emptying of buckets and the end of the stack */
function setup({
  status = 'UPDATE_COMPLETE' as string | undefined,
  typed = 'test',
  arriving = 0,
  locked = '',
} = {}) {
  const done: string[] = [];
  const lines: string[] = [];
  let left = arriving;
  let state = status;
  const stage: Stage = {
    async readStatus() {
      const now = state;
      if (state === 'DELETE_IN_PROGRESS') state = left-- > 0 ? 'DELETE_FAILED' : undefined;
      return now;
    },
    readResources: async () => RESOURCES,
    async empty(bucket) {
      done.push(`empty ${bucket}`);
      return 3;
    },
    async deleteStack() {
      done.push('delete the stack');
      state = 'DELETE_IN_PROGRESS';
    },
    async removeKept({ logicalId }) {
      done.push(`remove ${logicalId}`);
      return logicalId !== locked;
    },
  };
  const run = (options: Parameters<typeof remove>[2] = {}) =>
    remove(
      {
        stage,
        report: (line) => lines.push(line),
        pause: async () => {},
        now: () => 0,
        ask: async () => typed,
      },
      'test',
      options,
    );
  return { run, done, lines };
}

describe('a stage that is removed', () => {
  test('has its buckets emptied, but for those that are kept, and then its stack deleted', async () => {
    const { run, done, lines } = setup();
    expect((await run()).map(({ logicalId }) => logicalId)).toEqual(['StoreBucket', 'LedgerTable']);
    expect(done).toEqual(['empty IncomingBucket-1X', 'delete the stack']);
    expect(lines.join('\n')).toMatch(/StoreBucket {2}StoreBucket-1X: about 23 dollars/);
  });

  test('is emptied again while files still arrive', async () => {
    const { run, done } = setup({ arriving: 2 });
    await run();
    expect(done.filter((what) => what === 'delete the stack')).toHaveLength(3);
    await expect(setup({ arriving: 9 }).run()).rejects.toThrow('could not delete the stack');
  });

  test('loses what is kept only if that is said, and after the stack', async () => {
    const { run, done } = setup();
    expect(await run({ withData: true })).toEqual([]);
    expect(done.slice(1)).toEqual(['delete the stack', 'remove StoreBucket', 'remove LedgerTable']);
  });

  test('keeps what is locked', async () => {
    const { run, lines } = setup({ locked: 'StoreBucket' });
    expect((await run({ withData: true })).map(({ logicalId }) => logicalId)).toEqual(['StoreBucket']);
    expect(lines.join('\n')).toContain('StoreBucket is locked');
  });

  test('stays as it is where somebody types another name, and in a dry run', async () => {
    const mistaken = setup({ typed: 'prod' });
    await expect(mistaken.run()).rejects.toThrow(CannotRemove);
    const dry = setup();
    await dry.run({ isDryRun: true, withData: true });
    expect([...mistaken.done, ...dry.done]).toEqual([]);
  });

  test.each([
    ['is not there', undefined, 'no such stack'],
    ['is being changed', 'UPDATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'],
  ])('is refused where it %s', async (_how, status, says) => {
    const { run, done } = setup();
    const other = setup({ status: status as string });
    if (status === undefined) {
      await run();
      await expect(run()).rejects.toThrow(says);
      return;
    }
    await expect(other.run()).rejects.toThrow(says);
    expect([...done, ...other.done]).toEqual([]);
  });
});

describe('a bucket', () => {
  test('is emptied of versions, markers and uploads under way, page by page', async () => {
    const s3 = mockClient(S3Client);
    const version = (Key: string) => ({ Key, VersionId: `v-${Key}` });
    s3.on(ListObjectVersionsCommand)
      .resolvesOnce({ Versions: [version('a')], DeleteMarkers: [version('b')], IsTruncated: true })
      .resolvesOnce({ Versions: [version('c')] })
      .resolves({});
    s3.on(DeleteObjectsCommand).resolves({});
    s3.on(ListMultipartUploadsCommand)
      .resolvesOnce({ Uploads: [{ Key: 'd', UploadId: 'u' }], IsTruncated: true })
      .resolves({});
    s3.on(AbortMultipartUploadCommand).resolves({});
    expect(await emptyBucket(new S3Client({}), 'incoming')).toBe(4);
    const removed = s3
      .commandCalls(DeleteObjectsCommand)
      .flatMap(({ args }) => args[0].input.Delete?.Objects ?? []);
    expect(removed).toEqual([version('a'), version('b'), version('c')]);
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  });

  test('keeps what is locked, and is not tried for ever', async () => {
    const s3 = mockClient(S3Client);
    const locked = { Key: 'a', VersionId: 'v' };
    s3.on(ListObjectVersionsCommand).resolves({ Versions: [locked] });
    s3.on(DeleteObjectsCommand).resolves({ Errors: [{ ...locked, Code: 'AccessDenied' }] });
    s3.on(ListMultipartUploadsCommand).resolves({});
    expect(await emptyBucket(new S3Client({}), 'audit')).toBe(0);
    expect(s3.commandCalls(DeleteObjectsCommand)).toHaveLength(1);
  });
});

test('what is kept is removed by its kind: a table loses its protection first', async () => {
  const [s3, dynamo, cognito] = [
    mockClient(S3Client),
    mockClient(DynamoDBClient),
    mockClient(CognitoIdentityProviderClient),
  ];
  const full = Object.assign(new Error('full'), { name: 'BucketNotEmpty' });
  for (const command of [ListObjectVersionsCommand, ListMultipartUploadsCommand] as const)
    s3.on(command as never).resolves({});
  s3.on(DeleteBucketCommand, { Bucket: 'StoreBucket-1X' }).resolves({});
  s3.on(DeleteBucketCommand, { Bucket: 'AuditBucket-1X' }).rejects(full);
  const stage = createStage(
    {
      cloudFormation: new CloudFormationClient({}),
      cognito: new CognitoIdentityProviderClient({}),
      dynamo: new DynamoDBClient({}),
      s3: new S3Client({}),
    },
    'sluice-test',
  );
  expect(await stage.removeKept(toResource('StoreBucket', 'S3::Bucket'))).toBe(true);
  expect(await stage.removeKept(toResource('AuditBucket', 'S3::Bucket'))).toBe(false);
  expect(await stage.removeKept(toResource('LedgerTable', 'DynamoDB::Table'))).toBe(true);
  expect(await stage.removeKept(toResource('UserPool', 'Cognito::UserPool'))).toBe(true);
  expect(dynamo.calls().map(({ args }) => args[0].constructor)).toEqual([
    UpdateTableCommand,
    DeleteTableCommand,
  ]);
  expect(cognito.commandCalls(DeleteUserPoolCommand)).toHaveLength(1);
});
