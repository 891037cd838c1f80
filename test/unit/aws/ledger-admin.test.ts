import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { createAdminGrants } from '../../../src/lib/aws/grant-admin.ts';
import { createAdminLedger } from '../../../src/lib/aws/ledger-admin.ts';
import { toItem } from '../../../src/lib/aws/ledger-item.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const dynamo = mockClient(DynamoDBClient);
afterEach(() => dynamo.reset());

const REJECTED = aRequest({ state: 'rejected', epoch: 1 });
const NOTHING = { bytes: 3, counts: [] };
const COUNT = {
  counter: 'owner',
  id: 'owner#["acme","ada"]',
  limits: { files: 1 },
  files: 0,
  bytes: 0,
  changes: 0,
} as const;

function setup() {
  const client = new DynamoDBClient({ region: 'eu-central-1' });
  return {
    ledger: createAdminLedger(client, { ledger: 'ledger', grants: 'grants' }, () => 'f'),
    grants: createAdminGrants(client, 'grants'),
  };
}

function notMet() {
  return new ConditionalCheckFailedException({ $metadata: {}, message: 'no' });
}

test('scans a segment of the table by the filter, and says where to go on', async () => {
  dynamo.on(ScanCommand).resolves({
    Items: [toItem(REJECTED, '0'), { id: { S: 'broken' } }],
    LastEvaluatedKey: { id: { S: 'broken' } },
  });
  const filter = { states: ['rejected', 'verifying'], policy: 'images', reason: 'type_mismatch' } as const;
  const page = await setup().ledger.scan(filter, 'a', 500, { number: 1, of: 4 });
  expect(page).toMatchObject({
    uploads: [{ id: REJECTED.id }],
    unreadable: [{ id: 'broken' }],
    next: 'broken',
  });
  expect(dynamo.commandCalls(ScanCommand)[0]?.args[0].input).toMatchObject({
    Limit: 500,
    Segment: 1,
    TotalSegments: 4,
    ExclusiveStartKey: { id: { S: 'a' } },
    FilterExpression: '#state IN (:state0, :state1) AND #policy = :policy AND #reason = :reason',
  });
});

test('takes a verdict back in an epoch of its own, and forgets all that it left', async () => {
  dynamo.on(UpdateItemCommand).resolves({ Attributes: toItem(REJECTED, '0') });
  await setup().ledger.reopen(REJECTED, 9_000, NOTHING);
  const { UpdateExpression, ConditionExpression, ExpressionAttributeValues } =
    dynamo.commandCalls(UpdateItemCommand)[0]?.args[0].input ?? {};
  expect(UpdateExpression).toContain('epoch = epoch + :one, leaseEndsAt = :ended');
  for (const name of ['settledAt', 'forgetAt', 'reason', 'detail', 'evidence', 'versionId', 'scans']) {
    expect(UpdateExpression).toMatch(new RegExp(`REMOVE .*#${name}\\b`));
  }
  expect(ConditionExpression).toContain('#state = :seenState AND epoch = :seenEpoch');
  expect(ExpressionAttributeValues).toMatchObject({
    ':seenState': { S: 'rejected' },
    ':seenEpoch': { N: '1' },
  });
});

test('takes nothing back of a row that has moved on, and throws what else goes wrong', async () => {
  dynamo.on(UpdateItemCommand).rejectsOnce(notMet()).rejects(new Error('away'));
  const { ledger } = setup();
  expect(await ledger.reopen(REJECTED, 9_000, NOTHING)).toBeUndefined();
  await expect(ledger.reopen(REJECTED, 9_000, NOTHING)).rejects.toThrow('away');
});

test('takes from the counters in the same transaction', async () => {
  dynamo.on(TransactWriteItemsCommand).resolves({});
  dynamo.on(GetItemCommand).resolves({ Item: toItem({ ...REJECTED, state: 'verifying' }, '0') });
  const row = await setup().ledger.reopen(REJECTED, 9_000, { bytes: 3, counts: [COUNT] });
  expect(row).toMatchObject({ id: REJECTED.id, state: 'verifying' });
  const [own, counter] = dynamo.commandCalls(TransactWriteItemsCommand)[0]?.args[0].input.TransactItems ?? [];
  expect(own?.Update?.UpdateExpression).toContain('reserved = :reserved, counters = :counters');
  expect(counter?.Update?.Key).toEqual({ id: { S: COUNT.id } });
});

test.each([
  [['ConditionalCheckFailed', 'None'], undefined],
  [['None', 'ConditionalCheckFailed'], 'quota_files_exceeded'],
] as const)('of reasons %j makes %s', async (codes, refusal) => {
  dynamo.on(TransactWriteItemsCommand).rejects(
    new TransactionCanceledException({
      $metadata: {},
      message: 'no',
      CancellationReasons: codes.map((Code) => ({ Code })),
    }),
  );
  dynamo.on(GetItemCommand).resolves({
    Item: { id: { S: COUNT.id }, takenUploads: { N: '1' }, takenBytes: { N: '1' }, changes: { N: '1' } },
  });
  const reopened = setup().ledger.reopen(REJECTED, 9_000, { bytes: 3, counts: [COUNT] });
  if (refusal === undefined) expect(await reopened).toBeUndefined();
  else await expect(reopened).rejects.toMatchObject({ code: refusal });
});

test('adds a row of a backup as it is only where there is none, and makes it due', async () => {
  dynamo.on(ScanCommand).resolves({ Items: [{ id: { S: 'x' }, schema: { N: '99' } }] });
  dynamo.on(PutItemCommand).resolvesOnce({}).rejects(notMet());
  const { ledger } = setup();
  const { rows, next } = await ledger.readBackup('sluice-prod-restored', undefined, 10);
  expect([rows, next]).toEqual([[{ id: 'x', item: { id: { S: 'x' }, schema: { N: '99' } } }], undefined]);
  const [row] = rows;
  if (row === undefined) throw new Error('there is a row');
  expect(await ledger.putBack(row, 5)).toBe(true);
  expect(await ledger.putBack(row, undefined)).toBe(false);
  expect(dynamo.commandCalls(PutItemCommand)[0]?.args[0].input).toMatchObject({
    Item: { id: { S: 'x' }, schema: { N: '99' }, dueAt: { N: '5' }, dueShard: { S: 'f' } },
    ConditionExpression: 'attribute_not_exists(id)',
  });
});

test('blanks and forgets only the row that was seen', async () => {
  dynamo.on(UpdateItemCommand).rejects(notMet());
  dynamo.on(DeleteItemCommand).resolvesOnce({}).rejects(notMet());
  const { ledger } = setup();
  await ledger.blank(REJECTED, 7);
  expect(await ledger.forget(REJECTED)).toBe(true);
  expect(await ledger.forget(REJECTED)).toBe(false);
  for (const input of [
    dynamo.commandCalls(UpdateItemCommand)[0]?.args[0].input,
    dynamo.commandCalls(DeleteItemCommand)[0]?.args[0].input,
  ]) {
    expect(input?.ConditionExpression).toContain('#state = :seenState AND epoch = :seenEpoch');
  }
});

test('removes the grants of an owner that a page of the table holds, and none in a dry run', async () => {
  dynamo.on(ScanCommand).resolves({ Items: [{ id: { S: 'g1' } }], LastEvaluatedKey: { id: { S: 'g9' } } });
  dynamo.on(DeleteItemCommand).resolves({});
  const { grants } = setup();
  const ada = { tenant: 'acme', subject: 'ada' };
  expect(await grants.forgetOf(ada, 'g0', 500, true)).toEqual({ forgotten: 1, next: 'g9' });
  expect(dynamo.commandCalls(DeleteItemCommand)).toHaveLength(0);
  await grants.forgetOf(ada, undefined, 500, false);
  expect(dynamo.commandCalls(DeleteItemCommand)[0]?.args[0].input.Key).toEqual({ id: { S: 'g1' } });
  expect(dynamo.commandCalls(ScanCommand)[0]?.args[0].input).toMatchObject({
    FilterExpression: 'tenant = :tenant AND subject = :subject',
    ExclusiveStartKey: { id: { S: 'g0' } },
  });
});
