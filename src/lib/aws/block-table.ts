import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Blocked, BlockList, Blocks } from '../grant/blocks.ts';

/**
 * Blocks are rows of the table of grants, whose ids look like none of theirs: every function that has to ask
 * may read that table already.
 */
function idOf({ tenant, subject }: Blocked): string {
  return `blocked#${JSON.stringify(subject === undefined ? [tenant] : [tenant, subject])}`;
}

/** Blocked owners and tenants on DynamoDB. */
export function createBlocks(dynamo: DynamoDBClient, table: string): Blocks & BlockList {
  const keyOf = (whose: Blocked) => ({ id: { S: idOf(whose) } });
  const holds = async (whose: Blocked): Promise<boolean> => {
    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName: table, Key: keyOf(whose), ConsistentRead: true }),
    );
    return Item !== undefined;
  };
  return {
    holds,

    async has({ tenant, subject }) {
      const found = await Promise.all([holds({ tenant }), holds({ tenant, subject })]);
      return found.includes(true);
    },

    async add(whose, blockedAt) {
      await dynamo.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...keyOf(whose), blockedAt: { N: String(blockedAt) } },
        }),
      );
    },

    async remove(whose) {
      await dynamo.send(new DeleteItemCommand({ TableName: table, Key: keyOf(whose) }));
    },
  };
}
