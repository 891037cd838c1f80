import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Grants } from '../grant/grant.ts';
import { GRANT_SCHEMA, parseGrantRow } from '../grant/row.ts';

// An upload may be settled days after its grant has ended, and what it took is then still counted here.
const KEPT_AFTER_END_SECONDS = 7 * 86_400;

/**
 * Grants on DynamoDB, one item each (infra/grants.yml). The ledger counts what is taken (reservations.ts).
 */
export function createGrantTable(dynamo: DynamoDBClient, table: string): Grants {
  const keyOf = (id: string) => ({ id: { S: id } });
  return {
    async record(grant) {
      try {
        await dynamo.send(
          new PutItemCommand({
            TableName: table,
            Item: marshall(
              {
                ...grant,
                schema: GRANT_SCHEMA,
                forgetAt: Math.floor(grant.expiresAt / 1000) + KEPT_AFTER_END_SECONDS,
              },
              { removeUndefinedValues: true },
            ),
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        );
      } catch (error) {
        // Ids are random: our own reply was lost, and the SDK's retry met our own row.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async read(id) {
      const { Item } = await dynamo.send(
        new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }),
      );
      return Item && parseGrantRow(unmarshall(Item));
    },

    async revoke(id, revokedAt) {
      try {
        const { Attributes = {} } = await dynamo.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(id),
            ConditionExpression: 'attribute_exists(id)',
            UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :now)',
            ExpressionAttributeValues: { ':now': { N: String(revokedAt) } },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return parseGrantRow(unmarshall(Attributes));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return undefined;
      }
    },
  };
}
