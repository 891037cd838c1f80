import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import type { UnreadableRow } from '../upload/faults.ts';
import type { Ledger, ListQuery, Page, ReadRows } from '../upload/ports.ts';
import type { LedgerIndexes } from './ledger-indexes.ts';
import { DUE_SHARDS, ownerKey, referenceKey, toRows, toUpload } from './ledger-item.ts';

/** What reads the ledger, and changes nothing. */
export type LedgerReader = Pick<Ledger, 'read' | 'readMany' | 'list' | 'due'>;

type Item = Record<string, AttributeValue>;

const DUE_PAGE_ROWS = 25;

/** As many as DynamoDB gives in one call. */
const BATCH_ROWS = 100;

// DynamoDB gives back the keys for which it had no capacity, or no room in 16 MB of answer. In all, this
// waits for no more than three seconds.
const PAUSES_MS = [50, 100, 200, 400, 800, 1_400];

// A filter that hardly any row passes must not hold up one call: its answer is then short, and has a cursor.
const LISTED_KEYS_AT_MOST = 500;

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
  const readBatch = async (ids: readonly string[]): Promise<Item[]> => {
    const items: Item[] = [];
    let keys: Item[] = ids.map((id) => ({ id: { S: id } }));
    for (const ms of [...PAUSES_MS, undefined]) {
      const { Responses, UnprocessedKeys } = await dynamo.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      items.push(...(Responses?.[table] ?? []));
      keys = UnprocessedKeys?.[table]?.Keys ?? [];
      if (keys.length === 0) return items;
      if (ms !== undefined) await pause(ms);
    }
    throw new Error(`DynamoDB did not answer for ${keys.length} of ${ids.length} rows, however often asked`);
  };

  const readMany = async (ids: readonly string[]): Promise<ReadRows> => {
    const wanted = [...new Set(ids)];
    const found = new Map<string, Item>();
    for (let at = 0; at < wanted.length; at += BATCH_ROWS) {
      for (const item of await readBatch(wanted.slice(at, at + BATCH_ROWS)))
        found.set(item.id?.S ?? '', item);
    }
    // In the order in which they were asked for: DynamoDB has none.
    return {
      ...toRows(wanted.map((id) => found.get(id)).filter((item) => item !== undefined)),
      missing: wanted.filter((id) => !found.has(id)),
    };
  };

  return {
    async read(id) {
      const item = await readItem(dynamo, table, id);
      return item && toUpload(item);
    },

    readMany,

    async list(query): Promise<Page> {
      const { name, attribute, value } = chooseIndex(indexes, query);
      const found: Found = { uploads: [], unreadable: [] };
      let startKey = query.cursor === undefined ? undefined : fromCursor(attribute, value, query.cursor);
      for (let keys = 0; keys < LISTED_KEYS_AT_MOST; ) {
        const { Items = [], LastEvaluatedKey }: QueryCommandOutput = await dynamo.send(
          new QueryCommand({
            TableName: table,
            IndexName: name,
            KeyConditionExpression: '#hash = :hash',
            ProjectionExpression: 'id, createdAtId',
            ExpressionAttributeNames: { '#hash': attribute },
            ExpressionAttributeValues: { ':hash': { S: value } },
            ScanIndexForward: false,
            Limit: hasFilter(query) ? BATCH_ROWS : query.limit,
            ...(startKey && { ExclusiveStartKey: startKey }),
          }),
        );
        const { uploads, unreadable } = await readMany(toIds(Items));
        found.unreadable.push(...unreadable);
        const asked = uploads.filter((upload) => isAskedFor(query, upload));
        const room = query.limit - found.uploads.length;
        found.uploads.push(...asked.slice(0, room));
        if (asked.length > room) {
          const last = found.uploads.at(-1)?.id;
          return toPage(
            found,
            Items.find(({ id }) => id?.S === last),
          );
        }
        if (LastEvaluatedKey === undefined) return found;
        startKey = LastEvaluatedKey;
        keys += Items.length;
        if (asked.length === room || !hasFilter(query)) break;
      }
      return toPage(found, startKey);
    },

    async *due(now) {
      // A page of each shard in turn, the oldest rows first, and every minute begins with another shard: even
      // a run that is cut short has been to all of them, however full one shard is.
      const first = Math.floor(now / 60_000) % DUE_SHARDS.length;
      let open: readonly DuePage[] = [...DUE_SHARDS.slice(first), ...DUE_SHARDS.slice(0, first)].map(
        (name) => ({ name }),
      );
      while (open.length > 0) {
        const further: DuePage[] = [];
        for (const { name, startKey } of open) {
          const { Items = [], LastEvaluatedKey } = await dynamo.send(
            new QueryCommand({
              TableName: table,
              IndexName: indexes.due,
              KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
              ProjectionExpression: 'id',
              ExpressionAttributeValues: { ':shard': { S: name }, ':now': { N: String(now) } },
              Limit: DUE_PAGE_ROWS,
              ...(startKey && { ExclusiveStartKey: startKey }),
            }),
          );
          const { uploads, unreadable } = await readMany(toIds(Items));
          // The index may not have heard yet that a row was settled, or is due later.
          const due = uploads.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now);
          if (due.length + unreadable.length > 0) yield { uploads: due, unreadable };
          if (LastEvaluatedKey) further.push({ name, startKey: LastEvaluatedKey });
        }
        open = further;
      }
    },
  };
}

type Found = { readonly uploads: Upload[]; readonly unreadable: UnreadableRow[] };

function toPage(found: Found, last: Item | undefined): Page {
  return { ...found, ...(last && { cursor: toCursor(last) }) };
}

/** A shard, and where its next page begins. */
type DuePage = { readonly name: string; readonly startKey?: Item };

function toIds(items: readonly Item[]): string[] {
  return items.flatMap(({ id }) => id?.S ?? []);
}

/** The index that holds the fewest keys beside those asked for, by the attribute that it is divided by. */
function chooseIndex(indexes: LedgerIndexes, { tenant, subject, reference }: ListQuery) {
  if (reference !== undefined && indexes.reference !== undefined) {
    return {
      name: indexes.reference,
      attribute: 'referenceKey',
      value: referenceKey(tenant, reference),
    };
  }
  if (subject !== undefined) {
    return { name: indexes.owner, attribute: 'ownerKey', value: ownerKey(tenant, subject) };
  }
  if (indexes.tenant === undefined) {
    throw new Error('the uploads of a tenant cannot be listed before the table is migrated');
  }
  return { name: indexes.tenant, attribute: 'tenant', value: tenant };
}

function isAskedFor(query: ListQuery, upload: Upload): boolean {
  return (
    upload.tenant === query.tenant &&
    (query.subject === undefined || upload.subject === query.subject) &&
    (query.reference === undefined || upload.reference === query.reference) &&
    (query.state === undefined || upload.state === query.state)
  );
}

/** Whether an index may hold keys of rows that are not asked for. */
function hasFilter({ state, subject, reference }: ListQuery): boolean {
  return state !== undefined || (subject !== undefined && reference !== undefined);
}

// Only the place in the list is part of the cursor, and not whose list it is, so that nobody can make one
// that reads another's rows.
function toCursor(key: Item): string {
  return Buffer.from(key.createdAtId?.S ?? '').toString('base64url');
}

function fromCursor(attribute: string, value: string, cursor: string): Item {
  const position = Buffer.from(cursor, 'base64url').toString();
  const id = /^\d{15}#([0-9a-f-]{36})$/.exec(position)?.[1];
  if (id === undefined) throw new Refusal('cursor_invalid', { field: 'cursor' });
  return { [attribute]: { S: value }, createdAtId: { S: position }, id: { S: id } };
}
