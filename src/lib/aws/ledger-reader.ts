import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { Ledger } from '../upload/ports.ts';
import type { LedgerIndexes } from './ledger-indexes.ts';
import { DUE_SHARDS, toUpload } from './ledger-item.ts';
import { createList } from './ledger-list.ts';
import { BATCH_ROWS, createRowReader } from './ledger-rows.ts';

/** What reads the ledger, and changes nothing. */
export type LedgerReader = Pick<Ledger, 'read' | 'readMany' | 'list' | 'due' | 'dueShards'>;

type Item = Record<string, AttributeValue>;

/** The item of a row as it is now. */
export async function readItem(dynamo: DynamoDBClient, table: string, id: string): Promise<Item | undefined> {
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName: table, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  return Item;
}

/**
 * What reads the ledger on DynamoDB. An index says which rows there are, and the rows themselves are read by
 * their ids, as they are now: an index lags behind, and holds nothing but keys.
 */
export function createLedgerReader(
  dynamo: DynamoDBClient,
  table: string,
  indexes: LedgerIndexes,
  pause: (ms: number) => Promise<unknown> = setTimeout,
): LedgerReader {
  const rows = createRowReader(dynamo, table, pause);

  return {
    async read(id) {
      const item = await readItem(dynamo, table, id);
      return item && toUpload(item);
    },

    readMany: rows.readMany,

    list: createList(dynamo, table, indexes, rows),

    dueShards: DUE_SHARDS,

    async *due(shard, now) {
      let startKey: Item | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await dynamo.send(
          new QueryCommand({
            TableName: table,
            IndexName: indexes.due,
            KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
            ProjectionExpression: 'id',
            ExpressionAttributeValues: { ':shard': { S: shard }, ':now': { N: String(now) } },
            Limit: BATCH_ROWS,
            ...(startKey && { ExclusiveStartKey: startKey }),
          }),
        );
        startKey = LastEvaluatedKey;
        const { uploads, unreadable } = await rows.readMany(Items.flatMap(({ id }) => id?.S ?? []));
        // The index may not have heard yet that a row was settled, or is due later.
        const due = uploads.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now);
        if (due.length + unreadable.length > 0) yield { uploads: due, unreadable };
      } while (startKey !== undefined);
    },
  };
}
