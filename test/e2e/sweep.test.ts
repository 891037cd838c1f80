import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createQueueLength } from '../../src/lib/aws/queue-length.ts';
import { rootOf } from '../contract/root.ts';
import { apiOf, put } from './api.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');

function setup() {
  const stack = inject('stack');
  const root = rootOf(stack);
  const [dynamo, lambda, sqs] = [new DynamoDBClient(root), new LambdaClient(root), new SQSClient(root)];
  const QueueUrl = stack.queues.arrivals;
  const row = (id: string) => ({ TableName: stack.table, Key: { id: { S: id } } });
  return {
    alice: apiOf(stack.alice),
    waiting: createQueueLength(sqs, QueueUrl),
    /** Verification stands still from now on, until it is told to go on or the test ends. */
    standStill: async () => {
      const { EventSourceMappings: [{ UUID } = {}] = [] } = await lambda.send(
        new ListEventSourceMappingsCommand({ FunctionName: `${stack.stackName}-verify-arrivals` }),
      );
      const enable = (Enabled: boolean) =>
        lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
      await enable(false);
      onTestFinished(async () => void (await enable(true)));
      return () => enable(true);
    },
    loseMessages: () => sqs.send(new PurgeQueueCommand({ QueueUrl })),
    makeDue: (id: string) =>
      dynamo.send(
        new UpdateItemCommand({
          ...row(id),
          UpdateExpression: 'SET dueAt = :now',
          ExpressionAttributeValues: { ':now': { N: '0' } },
        }),
      ),
    dueAt: async (id: string) =>
      Number((await dynamo.send(new GetItemCommand({ ...row(id), ConsistentRead: true }))).Item?.dueAt?.N),
    sweep: async (shards: string) => {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({
          FunctionName: `${stack.stackName}-expire-requests`,
          Payload: JSON.stringify({ shards }),
        }),
      );
      if (FunctionError) throw new Error(Buffer.from(Payload ?? []).toString());
    },
  };
}

test('while nothing is verified, what was lost is announced once, and not again before a quarter of an hour', async () => {
  const { alice, waiting, standStill, loseMessages, makeDue, dueAt, sweep } = setup();
  const intent = { contentType: 'text/csv', filename: 'a.csv' };
  const uploads = [await alice.request(intent, CSV.length), await alice.request(intent, CSV.length)];
  const goOn = await standStill();
  for (const upload of uploads) await put(upload, CSV);
  await expect.poll(waiting, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  await loseMessages();
  expect(await waiting()).toBe(0);

  for (const { id } of uploads) await makeDue(id);
  for (let times = 0; times < 2; times += 1) {
    await Promise.all(['01234567', '89abcdef'].map(sweep));
    for (const { id } of uploads) expect(await dueAt(id)).toBeGreaterThan(Date.now() + 14 * 60_000);
  }
  expect(await waiting()).toBe(2);

  await goOn();
  for (const { id } of uploads) expect((await alice.settled(id)).state).toBe('accepted');
});
