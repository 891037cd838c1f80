import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
} from '@aws-sdk/client-dynamodb';
import type { ReadRows } from '../upload/ports.ts';
import { toRows } from './ledger-item.ts';

type Item = Record<string, AttributeValue>;

/** As many as DynamoDB gives in one call. */
export const BATCH_ROWS = 100;

// DynamoDB gives back the keys for which it had no capacity, or no room in 16 MB of answer. In all, this
// waits for no more than three seconds.
const PAUSES_MS = [50, 100, 200, 400, 800, 1_400];

/** What reads many rows by their ids. */
export type RowReader = {
  /** The rows as they are now, in the order of the ids and each once. */
  readMany(ids: readonly string[]): Promise<ReadRows>;
  /**
   * Some attributes of the rows, in no order, and perhaps as they were a moment ago: for half the price. All
   * are asked for at once.
   */
  readSome(ids: readonly string[], attributes: readonly string[]): Promise<Item[]>;
};

/** Reads rows on DynamoDB, a hundred in a call. */
export function createRowReader(
  dynamo: DynamoDBClient,
  table: string,
  pause: (ms: number) => Promise<unknown>,
): RowReader {
  const readBatch = async (ids: readonly string[], how: Omit<KeysAndAttributes, 'Keys'>): Promise<Item[]> => {
    const items: Item[] = [];
    let keys: Item[] = ids.map((id) => ({ id: { S: id } }));
    for (const ms of [...PAUSES_MS, undefined]) {
      const { Responses, UnprocessedKeys } = await dynamo.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { ...how, Keys: keys } } }),
      );
      items.push(...(Responses?.[table] ?? []));
      keys = UnprocessedKeys?.[table]?.Keys ?? [];
      if (keys.length === 0) return items;
      if (ms !== undefined) await pause(ms);
    }
    throw new Error(`DynamoDB did not answer for ${keys.length} of ${ids.length} rows, however often asked`);
  };

  return {
    async readMany(ids) {
      const wanted = [...new Set(ids)];
      const found = new Map<string, Item>();
      for (const batch of toBatches(wanted)) {
        for (const item of await readBatch(batch, { ConsistentRead: true })) {
          found.set(item.id?.S ?? '', item);
        }
      }
      // In the order in which they were asked for: DynamoDB has none.
      return {
        ...toRows(wanted.map((id) => found.get(id)).filter((item) => item !== undefined)),
        missing: wanted.filter((id) => !found.has(id)),
      };
    },

    async readSome(ids, attributes) {
      const how = {
        ConsistentRead: false,
        ProjectionExpression: attributes.map((_, at) => `#a${at}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(attributes.map((name, at) => [`#a${at}`, name])),
      };
      return (await Promise.all(toBatches(ids).map((batch) => readBatch(batch, how)))).flat();
    },
  };
}

function toBatches(ids: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / BATCH_ROWS) }, (_, batch) =>
    ids.slice(batch * BATCH_ROWS, (batch + 1) * BATCH_ROWS),
  );
}
