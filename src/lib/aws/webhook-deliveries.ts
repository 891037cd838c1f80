import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { Refusal } from '@sluice/contract/refusals';
import type { Delivery, DeliveryChanges, DeliveryKey } from '../webhook/delivery.ts';
import type { Deliveries, DueDelivery } from '../webhook/ports.ts';
import { DUE_SHARDS, drawShard, toValue } from './ledger-item.ts';
import {
  deliveriesOf,
  deliveryKey,
  forgetAt,
  type Item,
  toDelivery,
  toDeliveryItem,
  toDeliveryKey,
} from './webhook-item.ts';

const DUE_PAGE_ROWS = 100;
const LOST_WITHOUT = ['nextAttemptAt', 'dueAt', 'endReason'] as const;

/**
 * The deliveries on DynamoDB: one item each, one conditional write per change.
 * @param shard the shard of the by-due index that a row gets
 */
export function createWebhookDeliveries(
  dynamo: DynamoDBClient,
  table: string,
  shard = drawShard,
): Deliveries {
  const readItem = async (key: DeliveryKey): Promise<Item | undefined> => {
    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName: table, Key: deliveryKey(key), ConsistentRead: true }),
    );
    return Item;
  };

  /** Writes; undefined when it did, and otherwise the row on which the condition failed, if there is one. */
  const update = async (
    key: DeliveryKey,
    input: Omit<UpdateItemCommand['input'], 'TableName' | 'Key'>,
  ): Promise<{ readonly item: Item | undefined; readonly isWritten: boolean }> => {
    try {
      const { Attributes } = await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: deliveryKey(key),
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...input,
        }),
      );
      return { item: Attributes, isWritten: true };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { item: error.Item ?? (await readItem(key)), isWritten: false };
    }
  };

  /** The changes as an update, which ends the lease, on the condition that the row is as it was seen. */
  const changing = (
    seen: Delivery,
    changes: DeliveryChanges,
    condition: string,
    values: Record<string, AttributeValue>,
  ) => {
    const given: Record<string, unknown> = {
      ...changes,
      ...(changes.dueAt !== undefined && { dueShard: shard() }),
      ...(changes.beganAt !== undefined && { forgetAt: forgetAt(changes.beganAt) }),
    };
    const names = Object.keys(given);
    const removed = [
      ...LOST_WITHOUT.filter((name) => changes[name] === undefined),
      ...(changes.dueAt === undefined ? ['dueShard'] : []),
      'worker',
      'leaseEndsAt',
    ];
    return {
      ConditionExpression: `#state = :seenState AND attemptCount = :seenCount AND ${condition}`,
      UpdateExpression:
        `SET ${names.map((name) => `#${name} = :${name}`).join(', ')} ` + `REMOVE ${removed.join(', ')}`,
      ExpressionAttributeNames: {
        '#state': 'state',
        ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ':seenState': { S: seen.state },
        ':seenCount': { N: String(seen.attemptCount) },
        ...values,
        ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`:${name}`, toValue(value)])),
      },
    };
  };

  return {
    async create(delivery) {
      try {
        await dynamo.send(
          new PutItemCommand({
            TableName: table,
            Item: toDeliveryItem(delivery, shard()),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { created: true, delivery };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const item = error.Item ?? (await readItem(delivery));
        if (item === undefined) throw error;
        return { created: false, delivery: toDelivery(item) };
      }
    },

    async read(key) {
      const item = await readItem(key);
      return item && toDelivery(item);
    },

    async claim(key, { worker, now, endsAt }) {
      const { item, isWritten } = await update(key, {
        ConditionExpression:
          '#state = :pending AND nextAttemptAt <= :now AND ' +
          '(attribute_not_exists(leaseEndsAt) OR leaseEndsAt <= :now)',
        UpdateExpression: 'SET worker = :worker, leaseEndsAt = :endsAt, dueAt = :endsAt, dueShard = :shard',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':pending': { S: 'pending' },
          ':now': { N: String(now) },
          ':worker': { S: worker },
          ':endsAt': { N: String(endsAt) },
          ':shard': { S: shard() },
        },
      });
      if (item === undefined) return undefined;
      // Our own reply was lost, and the SDK's retry met our own lease.
      const isOurs = item.worker?.S === worker && item.leaseEndsAt?.N === String(endsAt);
      return isWritten || isOurs ? toDelivery(item) : undefined;
    },

    async record(seen, worker, changes) {
      const { item, isWritten } = await update(
        seen,
        changing(seen, changes, 'worker = :worker', { ':worker': { S: worker } }),
      );
      if (isWritten || item === undefined) return isWritten;
      // The same: what stands there is what this call wrote.
      const stands = toDelivery(item);
      const ours = changes.attempts?.at(-1)?.at;
      return stands.state === changes.state && ours !== undefined && stands.attempts.at(-1)?.at === ours;
    },

    async change(seen, changes, now) {
      const { isWritten } = await update(
        seen,
        changing(seen, changes, '(attribute_not_exists(leaseEndsAt) OR leaseEndsAt <= :now)', {
          ':now': { N: String(now) },
        }),
      );
      return isWritten;
    },

    async list(endpoint, { limit, cursor }) {
      const { pk } = deliveriesOf(endpoint);
      const { Items = [], LastEvaluatedKey } = await dynamo.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'by-created',
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ScanIndexForward: false,
          Limit: limit,
          ...(cursor !== undefined && { ExclusiveStartKey: fromCursor(pk, cursor) }),
        }),
      );
      const rows = await Promise.all(Items.map((item) => readItem(toDeliveryKey(item))));
      return {
        deliveries: rows.filter((row) => row !== undefined).map(toDelivery),
        ...(LastEvaluatedKey?.createdAtId?.S && {
          cursor: Buffer.from(LastEvaluatedKey.createdAtId.S).toString('base64url'),
        }),
      };
    },

    dueShards: DUE_SHARDS,

    async *due(shard, now) {
      let startKey: Item | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await dynamo.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'by-due',
            KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
            ExpressionAttributeValues: { ':shard': { S: shard }, ':now': { N: String(now) } },
            Limit: DUE_PAGE_ROWS,
            ...(startKey && { ExclusiveStartKey: startKey }),
          }),
        );
        startKey = LastEvaluatedKey;
        if (Items.length > 0) yield Items.map(toDue);
      } while (startKey !== undefined);
    },

    async postpone(due, dueAt) {
      await update(due, {
        ConditionExpression: 'dueAt = :seen',
        UpdateExpression: 'SET dueAt = :dueAt',
        ExpressionAttributeValues: { ':seen': { N: String(due.dueAt) }, ':dueAt': { N: String(dueAt) } },
      });
    },
  };
}

function toDue(item: Item): DueDelivery {
  return { ...toDeliveryKey(item), dueAt: Number(item.dueAt?.N) };
}

function fromCursor(pk: string, cursor: string): Item {
  const createdAtId = Buffer.from(cursor, 'base64url').toString();
  const eventId = /^\d{15}#([\x21-\x7e]{1,255})$/.exec(createdAtId)?.[1];
  if (eventId === undefined) throw new Refusal('cursor_invalid', { field: 'cursor' });
  return { pk: { S: pk }, sk: { S: eventId }, createdAtId: { S: createdAtId } };
}
