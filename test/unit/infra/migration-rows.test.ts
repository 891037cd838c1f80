import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { findMisread, takeOffDue } from '../../../infra/migration/rows.ts';

test('rows that 0.1.0 would misread are found on every page of the table', async () => {
  const dynamo = mockClient(DynamoDBClient);
  const row = (id: string, state: string) => ({ id: { S: id }, state: { S: state } });
  dynamo
    .on(ScanCommand)
    .resolvesOnce({ Items: [row('a', 'accepted'), row('b', 'held')], LastEvaluatedKey: { id: { S: 'b' } } })
    .resolves({ Items: [row('c', 'scanning'), row('d', 'accepted')] });
  expect(await findMisread(new DynamoDBClient({}), 'ledger')).toEqual({ due: ['a', 'd'], waiting: 2 });
  expect(dynamo.commandCalls(ScanCommand)[1]?.args[0].input.ExclusiveStartKey).toEqual({ id: { S: 'b' } });
});

test('one that was deleted meanwhile stays due, so that its file goes', async () => {
  const dynamo = mockClient(DynamoDBClient);
  const moved = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
  dynamo.on(UpdateItemCommand).rejectsOnce(moved).resolves({});
  await takeOffDue(new DynamoDBClient({}), 'ledger', ['a', 'b']);
  const inputs = dynamo.commandCalls(UpdateItemCommand).map(({ args }) => args[0].input);
  expect(inputs.map(({ Key }) => Key)).toEqual([{ id: { S: 'a' } }, { id: { S: 'b' } }]);
  expect(inputs[0]).toMatchObject({
    UpdateExpression: 'REMOVE dueAt, dueShard',
    ConditionExpression: '#state = :accepted',
  });
});
