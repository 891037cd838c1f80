import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Ledger } from '../upload/ports.ts';
import { toUpload, toValue } from './ledger-item.ts';
import { readItem } from './ledger-reader.ts';

/** Writes what one scanner said, and nothing of the others: their results may arrive at the same moment. */
export function createRecordScan(dynamo: DynamoDBClient, table: string): Ledger['recordScan'] {
  return async (seen, scanner, scan, { inspection, dueAt } = {}) => {
    const before = seen.scans?.[scanner];
    try {
      const { Attributes = {} } = await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id: { S: seen.id } },
          ConditionExpression: [
            '#state = :scanning AND epoch = :seenEpoch',
            before === undefined
              ? 'attribute_not_exists(scans.#scanner)'
              : 'scans.#scanner.outcome = :seenOutcome AND scans.#scanner.attempt = :seenAttempt',
          ].join(' AND '),
          UpdateExpression: [
            'SET scans.#scanner = :scan',
            ...(inspection === undefined ? [] : ['inspection = :inspection']),
            // A row that is scanning has its due shard.
            ...(dueAt === undefined ? [] : ['dueAt = :dueAt']),
          ].join(', '),
          ExpressionAttributeNames: { '#state': 'state', '#scanner': scanner },
          ExpressionAttributeValues: {
            ':scanning': { S: 'scanning' },
            ':seenEpoch': toValue(seen.epoch),
            ':scan': toValue(scan),
            ...(before !== undefined && {
              ':seenOutcome': toValue(before.outcome),
              ':seenAttempt': toValue(before.attempt),
            }),
            ...(inspection !== undefined && { ':inspection': toValue(inspection) }),
            ...(dueAt !== undefined && { ':dueAt': toValue(dueAt) }),
          },
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { recorded: true, upload: toUpload(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // An engine that leaves the item out of its answer does not say that there is none.
      const item = error.Item ?? (await readItem(dynamo, table, seen.id));
      const upload = item && toUpload(item);
      const now = upload?.epoch === seen.epoch ? upload.scans?.[scanner] : undefined;
      // Our own reply was lost, and the SDK's retry met what it had written.
      const isOwn = now?.at === scan.at && now.outcome === scan.outcome && now.attempt === scan.attempt;
      return { recorded: isOwn, upload };
    }
  };
}
