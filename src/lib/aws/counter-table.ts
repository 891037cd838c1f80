import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { COUNTERS, type QuotaLimits } from '@sluice/contract/quota';
import type { Tally } from '../quota/count.ts';
import type { Counters } from '../quota/ports.ts';
import { toValue } from './ledger-item.ts';

/**
 * The rows of counters on DynamoDB. They are in the table of grants, and the ledger writes what is taken and
 * given back (reservation.ts). A row that is not there yet counts as one with nothing in it.
 */
export function createCounterTable(dynamo: DynamoDBClient, table: string): Counters {
  const keyOf = (id: string) => ({ id: { S: id } });

  const change = async (
    id: string,
    input: {
      ConditionExpression?: string;
      UpdateExpression: string;
      ExpressionAttributeValues: Record<string, AttributeValue>;
    },
  ): Promise<boolean> => {
    try {
      await dynamo.send(new UpdateItemCommand({ TableName: table, Key: keyOf(id), ...input }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return false;
    }
  };

  return {
    async read(id) {
      const { Item } = await dynamo.send(
        new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }),
      );
      return toTally(Item);
    },

    async setLimits(id, limits) {
      await change(
        id,
        limits === undefined
          ? {
              UpdateExpression: 'REMOVE ownLimits ADD changes :one',
              ExpressionAttributeValues: { ':one': { N: '1' } },
            }
          : {
              UpdateExpression: 'SET ownLimits = :limits ADD changes :one',
              ExpressionAttributeValues: { ':limits': toValue(limits), ':one': { N: '1' } },
            },
      );
    },

    async correct(id, seen, { files, bytes }) {
      return change(id, {
        ConditionExpression: seen.changes === 0 ? 'attribute_not_exists(changes)' : 'changes = :seen',
        UpdateExpression: 'SET takenUploads = :files, takenBytes = :bytes ADD changes :one',
        ExpressionAttributeValues: {
          ':files': toValue(files),
          ':bytes': toValue(bytes),
          ':one': { N: '1' },
          ...(seen.changes > 0 && { ':seen': toValue(seen.changes) }),
        },
      });
    },

    async *list() {
      let startKey: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await dynamo.send(
          new ScanCommand({
            TableName: table,
            FilterExpression: COUNTERS.map((_, at) => `begins_with(id, :c${at})`).join(' OR '),
            ExpressionAttributeValues: Object.fromEntries(
              COUNTERS.map((counter, at) => [`:c${at}`, { S: `${counter}#` }]),
            ),
            ...(startKey && { ExclusiveStartKey: startKey }),
          }),
        );
        for (const item of Items) yield { id: item.id?.S ?? '', ...toTally(item) };
        startKey = LastEvaluatedKey;
      } while (startKey !== undefined);
    },
  };
}

function toTally(item: Record<string, AttributeValue> | undefined): Tally {
  const { takenUploads = 0, takenBytes = 0, changes = 0, ownLimits } = item ? unmarshall(item) : {};
  return {
    files: takenUploads,
    bytes: takenBytes,
    changes,
    ...(ownLimits !== undefined && { ownLimits: toLimits(ownLimits) }),
  };
}

function toLimits({ files, bytes }: Record<string, unknown>): QuotaLimits {
  return {
    ...(typeof files === 'number' && { files }),
    ...(typeof bytes === 'number' && { bytes }),
  };
}
