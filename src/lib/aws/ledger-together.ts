import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Recording, RecordTogether } from '../upload/ports.ts';
import { toItem } from './ledger-item.ts';
import { createReservations, type Share, type Source } from './reservation.ts';
import { transact } from './transact.ts';

/** A transaction of DynamoDB has no more items. */
const MOST_ITEMS = 100;

/**
 * Several uploads in one transaction, so that they meet others at a counter or a grant once and not once
 * each: one row takes some dozens of transactions a second, however many uploads each of them has.
 * @param shard the due shard of the next row that needs one
 */
export function createRecordTogether(
  dynamo: DynamoDBClient,
  tables: { readonly ledger: string; readonly grants: string },
  shard: () => string,
): RecordTogether {
  const { sourcesOf, toTaking } = createReservations(dynamo, tables.grants);
  return async (recordings) => {
    const shares = toShares(recordings.flatMap(({ upload, from }) => sourcesOf(upload, from)));
    if (shares === undefined || isTwice(recordings)) return false;
    if (recordings.length + shares.length > MOST_ITEMS) return false;
    const reasons = await transact(dynamo, [
      ...recordings.map(({ upload }) => ({
        Put: {
          TableName: tables.ledger,
          Item: toItem(upload, shard()),
          ConditionExpression: 'attribute_not_exists(id)',
        },
      })),
      ...shares.map(toTaking),
    ]);
    return reasons === undefined;
  };
}

/** One share for each row; undefined where they have not seen the same limits of it. */
function toShares(sources: readonly Source[]): readonly Share[] | undefined {
  const shares = new Map<string, Share>();
  for (const { share } of sources) {
    const { uploads, bytes, seen } = shares.get(share.id) ?? { uploads: 0, bytes: 0, seen: share.seen };
    if (seen !== share.seen) return undefined;
    shares.set(share.id, { ...share, uploads: uploads + share.uploads, bytes: bytes + share.bytes });
  }
  return [...shares.values()];
}

/** DynamoDB refuses a transaction that has an item twice. */
function isTwice(recordings: readonly Recording[]): boolean {
  return new Set(recordings.map(({ upload }) => upload.id)).size < recordings.length;
}
