import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { PaceDeps } from '../quota/rate.ts';

// DynamoDB removes what is over within days; the minute's name says when it was.
const KEPT_AFTER_END_SECONDS = 3_600;

/**
 * Counts requests on DynamoDB, in one row for each minute of an owner: one write unit a request. The rows are
 * in the table of grants, and are removed by its time to live.
 */
export function createRequestCounter(dynamo: DynamoDBClient, table: string): PaceDeps['count'] {
  return async ({ id, endsAt }, most) => {
    try {
      await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id: { S: id } },
          ConditionExpression: 'attribute_not_exists(requests) OR requests < :most',
          UpdateExpression: 'ADD requests :one SET forgetAt = :forgetAt',
          ExpressionAttributeValues: {
            ':most': { N: String(most) },
            ':one': { N: '1' },
            ':forgetAt': { N: String(Math.ceil(endsAt / 1000) + KEPT_AFTER_END_SECONDS) },
          },
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return false;
    }
  };
}
