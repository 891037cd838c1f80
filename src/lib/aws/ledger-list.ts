import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Refusal } from '@sluice/contract/refusals';
import type { Upload } from '@sluice/contract/upload';
import type { UnreadableRow } from '../upload/faults.ts';
import type { Ledger, Listed, ListQuery, Page } from '../upload/ports.ts';
import type { LedgerIndexes } from './ledger-indexes.ts';
import { ownerKey, referenceKey } from './ledger-item.ts';
import { BATCH_ROWS, type RowReader } from './ledger-rows.ts';

type Item = Record<string, AttributeValue>;

// With a filter, one call looks at so many keys: first a hundred, whose rows are read as they are shown. If
// they do not fill the page, what is asked for is rare, and many more are sifted by a few attributes at once.
// A filter that hardly any row passes must not hold up one call: after these, its answer is short, and has a
// cursor.
const FILTERED_KEYS = [BATCH_ROWS, 800, 800, 800];

const SIFTED = ['id', 'tenant', 'subject', 'reference', 'state', 'policy', 'readers'] as const;

/**
 * Lists uploads by an index, which says which rows there are, and by the rows themselves, as they are now.
 */
export function createList(
  dynamo: DynamoDBClient,
  table: string,
  indexes: LedgerIndexes,
  { readMany, readSome }: RowReader,
): Ledger['list'] {
  /** The ids whose rows look as if they were asked for, in order. */
  const sift = async (query: ListQuery, ids: readonly string[]): Promise<readonly string[]> => {
    const seen = new Set<string>();
    for (const item of await readSome(ids, SIFTED)) {
      const row = unmarshall(item);
      // Sound enough to skip a row by: what is shown is read again, and parsed.
      if (isAskedFor(query, row as Listed)) seen.add(row.id);
    }
    return ids.filter((id) => seen.has(id));
  };

  return async (query) => {
    const { name, attribute, value } = chooseIndex(indexes, query);
    const isFiltered = hasFilter(query);
    const found: Found = { uploads: [], unreadable: [] };
    let startKey = query.cursor === undefined ? undefined : fromCursor(attribute, value, query.cursor);
    for (const keys of isFiltered ? FILTERED_KEYS : [query.limit]) {
      const { Items: items = [], LastEvaluatedKey } = await dynamo.send(
        new QueryCommand({
          TableName: table,
          IndexName: name,
          KeyConditionExpression: '#hash = :hash',
          ProjectionExpression: 'id, createdAtId',
          ExpressionAttributeNames: { '#hash': attribute },
          ExpressionAttributeValues: { ':hash': { S: value } },
          ScanIndexForward: false,
          Limit: keys,
          ...(startKey && { ExclusiveStartKey: startKey }),
        }),
      );
      const room = query.limit - found.uploads.length;
      const ids = items.flatMap(({ id }) => id?.S ?? []);
      const likely = keys > BATCH_ROWS ? await sift(query, ids) : ids;
      // Sifted ones are hardly ever too many by one or two; of the others, the page takes what it can.
      const taken = likely === ids ? ids : likely.slice(0, room);
      const { uploads, unreadable } = await readMany(taken);
      found.unreadable.push(...unreadable);
      const asked = uploads.filter((upload) => isAskedFor(query, upload));
      found.uploads.push(...asked.slice(0, room));
      const last = asked.length > room ? found.uploads.at(-1)?.id : taken.at(-1);
      if (asked.length > room || taken.length < likely.length) {
        return toPage(
          found,
          items.find(({ id }) => id?.S === last),
        );
      }
      if (LastEvaluatedKey === undefined) return found;
      startKey = LastEvaluatedKey;
      if (asked.length === room) break;
    }
    return toPage(found, startKey);
  };
}

type Found = { readonly uploads: Upload[]; readonly unreadable: UnreadableRow[] };

function toPage(found: Found, last: Item | undefined): Page {
  return { ...found, ...(last && { cursor: toCursor(last) }) };
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

function isAskedFor(query: ListQuery, upload: Listed): boolean {
  return (
    upload.tenant === query.tenant &&
    (query.subject === undefined || upload.subject === query.subject) &&
    (query.reference === undefined || upload.reference === query.reference) &&
    (query.state === undefined || upload.state === query.state) &&
    (query.isWanted === undefined || query.isWanted(upload))
  );
}

/** Whether an index may hold keys of rows that are not asked for. */
function hasFilter({ state, subject, reference, isWanted }: ListQuery): boolean {
  return state !== undefined || isWanted !== undefined || (subject !== undefined && reference !== undefined);
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
