import { DeleteItemCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { AdminGrants } from '../admin/ports.ts';

/**
 * The table of grants, as operators use it. No index says whose a grant is: the table holds those of a week,
 * and is walked through.
 */
export function createAdminGrants(dynamo: DynamoDBClient, table: string): AdminGrants {
  return {
    async forgetOf({ tenant, subject }, after, limit, dryRun) {
      const { Items = [], LastEvaluatedKey } = await dynamo.send(
        new ScanCommand({
          TableName: table,
          Limit: limit,
          ProjectionExpression: 'id',
          FilterExpression: `tenant = :tenant${subject === undefined ? '' : ' AND subject = :subject'}`,
          ExpressionAttributeValues: {
            ':tenant': { S: tenant },
            ...(subject !== undefined && { ':subject': { S: subject } }),
          },
          ...(after !== undefined && { ExclusiveStartKey: { id: { S: after } } }),
        }),
      );
      for (const { id } of dryRun ? [] : Items) {
        if (id !== undefined) await dynamo.send(new DeleteItemCommand({ TableName: table, Key: { id } }));
      }
      const next = LastEvaluatedKey?.id?.S;
      return { forgotten: Items.length, ...(next !== undefined && { next }) };
    },
  };
}
