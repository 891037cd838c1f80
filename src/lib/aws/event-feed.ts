import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { UploadEvent } from '@sluice/contract/event';
import type { EventFeed, FeedFilter } from '../event/ports.ts';
import { timeOf } from '../event/position.ts';

/**
 * The feed on DynamoDB: an item per event, which its TTL removes.
 * @param keptInSeconds how long an event can be read
 */
export function createEventFeed(dynamo: DynamoDBClient, table: string, keptInSeconds = 0): EventFeed {
  return {
    async write(bucket, { position, event }) {
      const forgetAt = Math.ceil(timeOf(position) / 1000) + keptInSeconds;
      await dynamo.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            bucket: { S: bucket },
            position: { S: position },
            type: { S: event.type },
            tenant: { S: event.data.tenant },
            event: { S: JSON.stringify(event) },
            forgetAt: { N: String(forgetAt) },
          },
        }),
      );
    },

    async read({ bucket, after, until }, filter, limit) {
      const { expression, names, values } = toFilter(filter);
      const { Items = [], LastEvaluatedKey } = await dynamo.send(
        new QueryCommand({
          TableName: table,
          // What a writer was told is written has to be there.
          ConsistentRead: true,
          KeyConditionExpression: '#bucket = :bucket AND #position BETWEEN :from AND :until',
          ...(expression !== '' && { FilterExpression: expression }),
          ProjectionExpression: '#position, #event',
          ExpressionAttributeNames: {
            '#bucket': 'bucket',
            '#position': 'position',
            '#event': 'event',
            ...names,
          },
          ExpressionAttributeValues: {
            ':bucket': { S: bucket },
            // The first text after `after`, as far as positions go: ! sorts before # and digits.
            ':from': { S: `${after}!` },
            ':until': { S: until },
            ...values,
          },
          Limit: limit,
        }),
      );
      const end = LastEvaluatedKey?.position?.S;
      return { entries: Items.map(toEntry), ...(end !== undefined && { end }) };
    },
  };
}

function toFilter({ types, tenant }: FeedFilter) {
  const named = (types ?? []).map((type, index) => [`:type${index}`, { S: type }] as const);
  const clauses = [
    ...(types ? [`#type IN (${named.map(([name]) => name).join(', ')})`] : []),
    ...(tenant === undefined ? [] : ['#tenant = :tenant']),
  ];
  const values: Record<string, AttributeValue> = {
    ...Object.fromEntries(named),
    ...(tenant !== undefined && { ':tenant': { S: tenant } }),
  };
  const names = { ...(types && { '#type': 'type' }), ...(tenant !== undefined && { '#tenant': 'tenant' }) };
  return { expression: clauses.join(' AND '), names, values };
}

function toEntry(item: Record<string, AttributeValue>) {
  // Sound: only `write` above puts items there.
  const event = JSON.parse(item.event?.S ?? '') as UploadEvent;
  return { position: item.position?.S ?? '', event };
}
