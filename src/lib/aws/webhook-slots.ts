import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../webhook/endpoint.ts';
import type { Slots } from '../webhook/ports.ts';
import { slotKey, slotsOf } from './webhook-item.ts';

// Whoever loses so many races finds others enough at work.
const TRIES = 3;

/** The slots on DynamoDB: an item each while it is taken. */
export function createWebhookSlots(dynamo: DynamoDBClient, table: string, random = Math.random): Slots {
  return {
    async take(endpointId, { worker, now, endsAt }) {
      // Mostly one at random is free, and one call is enough.
      const guess = Math.floor(random() * LIMITS.slots);
      if (await tryTaking(endpointId, guess, { worker, now, endsAt })) return guess;
      const { Items = [] } = await dynamo.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: slotsOf(endpointId).pk } },
          ConsistentRead: true,
        }),
      );
      const taken = new Set(
        Items.filter(({ leaseEndsAt }) => Number(leaseEndsAt?.N) > now).map(({ sk }) => Number(sk?.S)),
      );
      const free = Array.from({ length: LIMITS.slots }, (_, slot) => slot).filter((slot) => !taken.has(slot));
      for (let tries = 0; tries < TRIES && free.length > 0; tries += 1) {
        const [slot = 0] = free.splice(Math.floor(random() * free.length), 1);
        if (await tryTaking(endpointId, slot, { worker, now, endsAt })) return slot;
      }
      return undefined;
    },

    async release(endpointId, slot, worker) {
      try {
        await dynamo.send(
          new DeleteItemCommand({
            TableName: table,
            Key: slotKey(endpointId, slot),
            ConditionExpression: 'worker = :worker',
            ExpressionAttributeValues: { ':worker': { S: worker } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };

  async function tryTaking(
    endpointId: string,
    slot: number,
    { worker, now, endsAt }: { readonly worker: string; readonly now: number; readonly endsAt: number },
  ): Promise<boolean> {
    try {
      await dynamo.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...slotKey(endpointId, slot),
            worker: { S: worker },
            leaseEndsAt: { N: String(endsAt) },
            forgetAt: { N: String(Math.ceil(endsAt / 1_000) + 86_400) },
          },
          // A worker that meets its own has lost the reply to its own write.
          ConditionExpression: 'attribute_not_exists(pk) OR leaseEndsAt <= :now OR worker = :worker',
          ExpressionAttributeValues: { ':now': { N: String(now) }, ':worker': { S: worker } },
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return false;
    }
  }
}
