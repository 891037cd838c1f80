import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Upload } from '@sluice/contract/upload';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createLedger } from '../../../src/lib/aws/ledger.ts';
import { toItem, toValue } from '../../../src/lib/aws/ledger-item.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

/** A table in which every condition fails, and whose answer does not say on which item. */
function setup(row: Upload | undefined, worker = 'w1') {
  const dynamo = mockClient(DynamoDBClient);
  const failed = new ConditionalCheckFailedException({ message: 'failed', $metadata: {} });
  dynamo.on(PutItemCommand).rejects(failed);
  dynamo.on(UpdateItemCommand).rejects(failed);
  dynamo
    .on(GetItemCommand)
    .resolves(row === undefined ? {} : { Item: { ...toItem(row, '0'), worker: toValue(worker) } });
  return { ledger: createLedger(dynamo as unknown as DynamoDBClient, 'table', 'grants'), dynamo };
}

function lease({ key }: Upload) {
  return { key, worker: 'w1', now: 1_000, leaseEndsAt: 2_000, dueAt: 3_000 };
}

// Such an engine had every second notification of an upload set its file aside as one that nobody requested.
test.each([
  ['accepted', 'w2', 'settled'],
  ['verifying', 'w2', 'busy'],
  ['verifying', 'w1', 'claimed'],
] as const)(
  'a claim that fails on an item that is left out of the answer is told by reading it: %s by %s is %s',
  async (state, worker, kind) => {
    const upload = aRequest({ state, epoch: 1 });
    const { ledger, dynamo } = setup(upload, worker);
    expect(await ledger.claim(upload.id, lease(upload))).toEqual({ kind, upload });
    expect(dynamo.commandCalls(GetItemCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true });
  },
);

test('a claim is of an unknown upload only where a read finds no row either, or one of another key', async () => {
  const upload = aRequest();
  expect(await setup(undefined).ledger.claim(upload.id, lease(upload))).toEqual({ kind: 'unknown' });
  const other = setup({ ...upload, key: `globex/${upload.id}`, tenant: 'globex' });
  expect(await other.ledger.claim(upload.id, lease(upload))).toEqual({ kind: 'unknown' });
});

test('a move that has happened already counts as moved where the answer leaves the item out', async () => {
  const upload = aRequest({ state: 'verifying', epoch: 1 });
  const accepted = { ...upload, state: 'accepted' } as const;
  const { ledger } = setup(accepted);
  expect(await ledger.move(upload, 'accepted', {})).toEqual({ moved: true, upload: accepted });
  expect(await ledger.move(upload, 'rejected', {})).toEqual({ moved: false, upload: accepted });
});

test('a row that is there already comes back where the answer leaves it out', async () => {
  const upload = aRequest();
  const other = aRequest({ id: upload.id, createdAt: 9_000 });
  expect(await setup(upload).ledger.record(upload)).toEqual({ created: true, upload });
  expect(await setup(upload).ledger.record(other)).toEqual({ created: false, upload });
});
