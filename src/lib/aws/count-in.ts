import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { toCounterId } from '../quota/count.ts';
import type { MissingDeps } from '../quota/missing.ts';
import { toValue } from './ledger-item.ts';
import { transact } from './transact.ts';

/**
 * Counts files that were accepted before their owner or tenant was counted, whatever the limits say: row and
 * counters are written in one transaction, so that a file is counted once, however often this is repeated.
 */
export function createCountIn(
  dynamo: DynamoDBClient,
  tables: { readonly ledger: string; readonly grants: string },
): MissingDeps['countIn'] {
  return async (seen, counters) => {
    const reasons = await transact(dynamo, [
      {
        Update: {
          TableName: tables.ledger,
          Key: { id: { S: seen.id } },
          ConditionExpression: `#state = :state AND epoch = :epoch AND ${
            seen.counters === undefined ? 'attribute_not_exists(counters)' : 'counters = :seen'
          }`,
          UpdateExpression: 'SET counters = :counters',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: {
            ':state': { S: seen.state },
            ':epoch': { N: String(seen.epoch) },
            ':counters': toValue([...(seen.counters ?? []), ...counters]),
            ...(seen.counters !== undefined && { ':seen': toValue(seen.counters) }),
          },
        },
      },
      ...counters.map((counter) => ({
        Update: {
          TableName: tables.grants,
          Key: { id: { S: toCounterId(counter, seen) } },
          UpdateExpression: 'ADD takenUploads :one, takenBytes :bytes, changes :one',
          ExpressionAttributeValues: {
            ':one': { N: '1' },
            ':bytes': { N: String(seen.evidence?.size ?? 0) },
          },
        },
      })),
    ]);
    return reasons === undefined;
  };
}
