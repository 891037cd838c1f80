import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createBury, parseDeadChange } from '../../../src/lib/aws/dead-changes.ts';
import { type StreamRecord, toBrought } from '../../../src/lib/aws/stream-record.ts';
import { UnreadableRow } from '../../../src/lib/upload/faults.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { readEvent } from '../events/world.ts';

function setup() {
  const client = new SQSClient({ region: 'eu-central-1' });
  const sqs = mockClient(client);
  sqs.on(SendMessageCommand).resolves({});
  const bury = createBury(client, 'https://dead');
  const bodyOf = async (record: StreamRecord) => {
    await bury(toBrought(record, createMemoryLedger()), 'overdue');
    const [call] = sqs.commandCalls(SendMessageCommand);
    return call?.args[0].input.MessageBody ?? '';
  };
  const [record]: StreamRecord[] = readEvent('publish-events.accepted.json').Records;
  if (record === undefined) throw new Error('the event has no record');
  return { bodyOf, record };
}

test('a change is buried whole, and is read again as it was', async () => {
  const { bodyOf, record } = setup();
  const body = await bodyOf(record);
  expect(JSON.parse(body)).toMatchObject({ why: 'overdue' });
  expect(parseDeadChange(body)).toEqual(record);
});

test('a change that is too large for a message is buried without its rows', async () => {
  const { bodyOf, record } = setup();
  const { NewImage, ...dynamodb } = record.dynamodb ?? {};
  const large = {
    ...record,
    dynamodb: { ...dynamodb, NewImage: { ...NewImage, note: { S: 'é'.repeat(140_000) } } },
  };
  const body = await bodyOf(large);
  expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
  expect(parseDeadChange(body)?.dynamodb).toMatchObject({
    Keys: dynamodb.Keys,
    SequenceNumber: dynamodb.SequenceNumber,
  });
  expect(parseDeadChange(body)?.dynamodb).not.toHaveProperty('NewImage');
});

test.each(['', 'not json', 'null', '[]', '{}', '{"record":null}', '{"record":"x"}'])(
  'a message with %j in it holds no change',
  (body) => {
    expect(parseDeadChange(body)).toBeUndefined();
  },
);

test('a record without its row, whose row is gone, is not readable', async () => {
  const brought = toBrought({ dynamodb: { Keys: { id: { S: 'x' } } } }, createMemoryLedger());
  await expect(brought.read()).rejects.toThrow(UnreadableRow);
});

test('a record of a row that was damaged before and is mended counts as new', async () => {
  const { record } = setup();
  const { NewImage = {}, ...dynamodb } = record.dynamodb ?? {};
  const OldImage = { ...NewImage, schema: { N: '99' } };
  const { before, after } = await toBrought(
    { ...record, dynamodb: { ...dynamodb, NewImage, OldImage } },
    createMemoryLedger(),
  ).read();
  expect(before).toBeUndefined();
  expect(after.state).toBe('accepted');
});

test.each([{}, { dynamodb: {} }, { dynamodb: { NewImage: {} } }])(
  'a record that is none of the ledger (%j) is not readable',
  async (record) => {
    await expect(Promise.try(() => toBrought(record, createMemoryLedger()).read())).rejects.toThrow(
      UnreadableRow,
    );
  },
);

test.each([
  [1_795_166_099, 1_795_166_099_000],
  ['2026-11-20T09:14:59Z', 1_795_166_099_000],
  ['2026-11-20T10:14:59+01:00', 1_795_166_099_000],
  ['yesterday', 0],
])('a record says when the row was changed as Lambda or the AWS CLI writes it (%j)', (written, time) => {
  const brought = toBrought({ dynamodb: { ApproximateCreationDateTime: written } }, createMemoryLedger());
  expect(brought.changedAt).toBe(time);
});
