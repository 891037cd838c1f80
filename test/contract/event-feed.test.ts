import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { beforeAll, expect, inject, test } from 'vitest';
import { createEventBus } from '../../src/lib/aws/event-bus.ts';
import { createEventFeed } from '../../src/lib/aws/event-feed.ts';
import { toPosition } from '../../src/lib/event/position.ts';
import { createMemoryFeed } from '../fakes/memory-feed.ts';
import { anEvent } from '../unit/event/an-event.ts';
import { eventFeedContract } from './event-feed.contract.ts';
import { rootOf } from './root.ts';

const root = rootOf({ endpoint: inject('endpoint'), region: 'us-east-1' });
const dynamo = new DynamoDBClient(root);
const TableName = `events-${randomUUID()}`;
const KEPT_IN_SECONDS = 60;

beforeAll(async () => {
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'bucket', AttributeType: 'S' },
        { AttributeName: 'position', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'bucket', KeyType: 'HASH' },
        { AttributeName: 'position', KeyType: 'RANGE' },
      ],
    }),
  );
});

eventFeedContract('the feed in DynamoDB', async () => createEventFeed(dynamo, TableName, KEPT_IN_SECONDS));
eventFeedContract('the feed in memory', async () => createMemoryFeed());

test('an event in the feed has its end, by which the table forgets it', async () => {
  const bucket = randomUUID();
  const feed = createEventFeed(dynamo, TableName, KEPT_IN_SECONDS);
  await feed.write(bucket, { position: toPosition(1_795_166_100_001, '1'), event: anEvent() });
  const { Items } = await dynamo.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: '#bucket = :bucket',
      ExpressionAttributeNames: { '#bucket': 'bucket' },
      ExpressionAttributeValues: { ':bucket': { S: bucket } },
    }),
  );
  expect(Items?.[0]?.forgetAt).toEqual({ N: String(1_795_166_101 + KEPT_IN_SECONDS) });
});

test('an event on the bus reaches a queue by a rule, as the detail of its envelope', async () => {
  const [eventBridge, sqs] = [new EventBridgeClient(root), new SQSClient(root)];
  const name = `bus-${randomUUID()}`;
  await eventBridge.send(new CreateEventBusCommand({ Name: name }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const rule = { Rule: 'accepted', EventBusName: name };
  const EventPattern = JSON.stringify({ source: ['sluice'], 'detail-type': ['upload.accepted'] });
  await eventBridge.send(new PutRuleCommand({ Name: rule.Rule, EventBusName: name, EventPattern }));
  await eventBridge.send(
    new PutTargetsCommand({ ...rule, Targets: [{ Id: '1', Arn: Attributes?.QueueArn }] }),
  );

  const events = [anEvent({ id: 'x.rejected', type: 'upload.rejected' }), anEvent({ id: 'x.accepted' })];
  expect(await createEventBus(eventBridge, name).put(events)).toEqual(['taken', 'taken']);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    { source: 'sluice', 'detail-type': 'upload.accepted', detail: events[1] },
  ]);
});
