import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../webhook/endpoint.ts';
import type { Endpoints } from '../webhook/ports.ts';
import { countKey, endpointKey, endpointsIn, toEndpoint, toEndpointItem } from './webhook-item.ts';

/** The endpoints on DynamoDB. A row of each scope counts them, so that a limit holds whoever adds at once. */
export function createWebhookEndpoints(dynamo: DynamoDBClient, table: string): Endpoints {
  /** False where the transaction failed because of a condition. */
  const transact = async (items: TransactWriteItemsCommand['input']['TransactItems']): Promise<boolean> => {
    try {
      await dynamo.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const { CancellationReasons: reasons = [] } = error;
      if (!reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) throw error;
      return false;
    }
  };

  return {
    async list(scope) {
      const { Items = [] } = await dynamo.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: endpointsIn(scope).pk } },
          ConsistentRead: true,
        }),
      );
      return Items.map(toEndpoint);
    },

    add(endpoint) {
      return transact([
        {
          Update: {
            TableName: table,
            Key: countKey(endpoint.scope),
            UpdateExpression: 'ADD endpointCount :one',
            ConditionExpression: 'attribute_not_exists(endpointCount) OR endpointCount < :most',
            ExpressionAttributeValues: { ':one': { N: '1' }, ':most': { N: String(LIMITS.endpoints) } },
          },
        },
        {
          Put: {
            TableName: table,
            Item: toEndpointItem(endpoint),
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
      ]);
    },

    async change(seen, next) {
      try {
        await dynamo.send(
          new PutItemCommand({
            TableName: table,
            Item: toEndpointItem(next),
            // The deployment's own has no row before its first change.
            ConditionExpression: seen.revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :seen',
            ...(seen.revision !== 0 && {
              ExpressionAttributeValues: { ':seen': { N: String(seen.revision) } },
            }),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return false;
      }
    },

    async remove(endpoint) {
      await transact([
        {
          Update: {
            TableName: table,
            Key: countKey(endpoint.scope),
            UpdateExpression: 'ADD endpointCount :minus',
            ExpressionAttributeValues: { ':minus': { N: '-1' } },
          },
        },
        {
          Delete: {
            TableName: table,
            Key: endpointKey(endpoint),
            ConditionExpression: 'attribute_exists(pk)',
          },
        },
      ]);
    },
  };
}
