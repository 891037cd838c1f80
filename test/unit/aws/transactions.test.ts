import {
  type CancellationReason,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { createLedger } from '../../../src/lib/aws/ledger.ts';
import { toItem } from '../../../src/lib/aws/ledger-item.ts';
import { createRecordTogether } from '../../../src/lib/aws/ledger-together.ts';
import { transact } from '../../../src/lib/aws/transact.ts';
import type { UploadGrant } from '../../../src/lib/grant/grant.ts';
import { GRANT_SCHEMA } from '../../../src/lib/grant/row.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const NONE: CancellationReason = { Code: 'None' };
const FAILED: CancellationReason = { Code: 'ConditionalCheckFailed' };
const CONFLICT: CancellationReason = { Code: 'TransactionConflict' };
const THROTTLED: CancellationReason = { Code: 'ThrottlingError' };

function cancelled(...CancellationReasons: CancellationReason[]) {
  return new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons });
}

function setup() {
  const dynamo = mockClient(DynamoDBClient);
  const grant = aGrant({ uploads: 2, bytes: 10 });
  const row = aRequest({ grantId: grant.id, reserved: 7 });
  const client = dynamo as unknown as DynamoDBClient;
  const knows = (now: UploadGrant) =>
    dynamo
      .on(GetItemCommand, { TableName: 'grants' })
      .resolves({ Item: marshall({ ...now, schema: GRANT_SCHEMA }) });
  return { dynamo, client, grant, row, knows, ledger: createLedger(client, 'ledger', 'grants') };
}

describe('an upload under a grant', () => {
  test('is written together with what it takes, and alone without one', async () => {
    const { dynamo, ledger, grant, row } = setup();
    dynamo.on(TransactWriteItemsCommand).resolves({});
    dynamo.on(PutItemCommand).resolves({});
    expect(await ledger.record(row, { grant })).toEqual({ created: true, upload: row });
    const [call] = dynamo.commandCalls(TransactWriteItemsCommand);
    const [put, update] = call?.args[0].input.TransactItems ?? [];
    expect(put?.Put).toMatchObject({ TableName: 'ledger', ConditionExpression: 'attribute_not_exists(id)' });
    expect(update?.Update).toMatchObject({ TableName: 'grants', Key: { id: { S: grant.id } } });
    await ledger.record(aRequest());
    expect(dynamo.commandCalls(PutItemCommand)).toHaveLength(1);
    expect(dynamo.commandCalls(TransactWriteItemsCommand)).toHaveLength(1);
  });

  test('is found when its id is taken, though the grant is used up as well', async () => {
    const { dynamo, ledger, grant, row } = setup();
    const first = { ...row, correlationId: 'another', createdAt: 1 };
    dynamo.on(TransactWriteItemsCommand).rejects(cancelled({ ...FAILED, Item: toItem(first, '0') }, FAILED));
    expect(await ledger.record(row, { grant })).toEqual({ created: false, upload: first });
  });

  test.each([
    ['grant_uploads_used_up', { takenUploads: 2 }],
    ['grant_bytes_used_up', { takenBytes: 4 }],
    ['grant_revoked', { revokedAt: 5 }],
    ['session_expired', { expiresAt: 1_000 }],
    ['too_busy', {}],
  ] as const)('is refused as %s where the row of the grant is %j by now', async (code, now) => {
    const { dynamo, ledger, grant, row, knows } = setup();
    dynamo.on(TransactWriteItemsCommand).rejects(cancelled(NONE, FAILED));
    knows({ ...grant, ...now });
    await expect(ledger.record(row, { grant })).rejects.toMatchObject({ code });
  });

  test('is refused where there is no row of the grant', async () => {
    const { dynamo, ledger, grant, row } = setup();
    dynamo.on(TransactWriteItemsCommand).rejects(cancelled(NONE, FAILED));
    dynamo.on(GetItemCommand).resolves({});
    await expect(ledger.record(row, { grant })).rejects.toMatchObject({ code: 'session_invalid' });
  });

  test('is settled alone where the grant has nothing to give back to', async () => {
    const { dynamo, ledger, row } = setup();
    const { reserved: _reserved, ...after } = { ...row, state: 'aborted' as const };
    dynamo.on(TransactWriteItemsCommand).rejects(cancelled(NONE, FAILED));
    dynamo.on(UpdateItemCommand).resolves({ Attributes: toItem(after, '0') });
    expect(await ledger.move(row, 'aborted', {})).toEqual({ moved: true, upload: after });
    const [call] = dynamo.commandCalls(UpdateItemCommand);
    expect(call?.args[0].input.UpdateExpression).toMatch(/REMOVE .*\breserved\b/);
  });

  test('that goes on gives nothing back, and its row is written alone', async () => {
    const { dynamo, ledger, row } = setup();
    dynamo.on(UpdateItemCommand).resolves({ Attributes: toItem({ ...row, state: 'verifying' }, '0') });
    await ledger.move(row, 'verifying', {});
    expect(dynamo.commandCalls(TransactWriteItemsCommand)).toHaveLength(0);
  });
});

describe('a transaction', () => {
  test('that meets another is tried again under its token, with pauses that grow', async () => {
    const { dynamo, client } = setup();
    const pauses: number[] = [];
    const pause = async (ms: number) => void pauses.push(ms);
    dynamo
      .on(TransactWriteItemsCommand)
      .rejectsOnce(cancelled(NONE, CONFLICT))
      .rejectsOnce(cancelled(CONFLICT, FAILED))
      .resolves({});
    expect(await transact(client, [], pause)).toBeUndefined();
    const calls = dynamo.commandCalls(TransactWriteItemsCommand);
    expect(new Set(calls.map(({ args }) => args[0].input.ClientRequestToken)).size).toBe(1);
    expect(calls).toHaveLength(3);
    expect(pauses).toHaveLength(2);
  });

  test('that keeps meeting others is refused, to be tried later', async () => {
    const { dynamo, client } = setup();
    dynamo.on(TransactWriteItemsCommand).rejects(cancelled(NONE, CONFLICT));
    await expect(transact(client, [], async () => {})).rejects.toMatchObject({ code: 'too_busy' });
    expect(dynamo.commandCalls(TransactWriteItemsCommand)).toHaveLength(12);
  });

  // A row that takes more than its partition writes is throttled, with or without a transaction.
  test('of which one row is throttled is refused to be tried later, and what it counted is not there', async () => {
    const { dynamo, client } = setup();
    dynamo.on(TransactWriteItemsCommand).rejects(cancelled(NONE, THROTTLED));
    await expect(transact(client, [], async () => {})).rejects.toMatchObject({
      code: 'too_busy',
      status: 503,
      retryable: true,
      extras: { retryAfterSeconds: 1 },
    });
  });

  test('that fails otherwise throws what it was', async () => {
    const { dynamo, client } = setup();
    const refused = cancelled({ Code: 'ValidationError' }, NONE);
    dynamo.on(TransactWriteItemsCommand).rejects(refused);
    await expect(transact(client, [], async () => {})).rejects.toBe(refused);
  });
});

describe('several uploads in one transaction', () => {
  const count = { counter: 'owner', id: 'owner#x', files: 0, bytes: 0, changes: 0 } as const;
  const counted = (limits = { files: 9, bytes: 100 }) => ({
    upload: aRequest({ reserved: 7, counters: ['owner'] }),
    from: { counts: [{ ...count, limits }] },
  });
  const together = () => {
    const { dynamo, client } = setup();
    dynamo.on(TransactWriteItemsCommand).resolves({});
    const record = createRecordTogether(client, { ledger: 'ledger', grants: 'grants' }, () => '0');
    const items = () => dynamo.commandCalls(TransactWriteItemsCommand)[0]?.args[0].input.TransactItems;
    return { record, items };
  };

  test('write their counter once, with what they take together', async () => {
    const { record, items } = together();
    expect(await record([counted(), counted(), counted()])).toBe(true);
    expect(items()).toHaveLength(4);
    expect(items()?.[3]?.Update).toMatchObject({
      Key: { id: { S: 'owner#x' } },
      ExpressionAttributeValues: {
        ':taken': { N: '3' },
        ':bytes': { N: '21' },
        ':files': { N: '6' },
        ':room': { N: '79' },
      },
    });
  });

  test.each([
    ['one is there twice', (one: ReturnType<typeof counted>) => [one, one]],
    [
      'they have seen other limits',
      (one: ReturnType<typeof counted>) => [one, counted({ files: 8, bytes: 100 })],
    ],
    ['DynamoDB takes no transaction of so many', () => Array.from({ length: 100 }, () => counted())],
  ])('are not written where %s', async (_why, recordingsOf) => {
    const { record, items } = together();
    expect(await record(recordingsOf(counted()))).toBe(false);
    expect(items()).toBeUndefined();
  });
});
