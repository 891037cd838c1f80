import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, inject, test } from 'vitest';
import { createEventFeed } from '../../src/lib/aws/event-feed.ts';
import { toPosition } from '../../src/lib/event/position.ts';
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
