import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/**
 * Sends every upload that was settled since then to the queue from which changes are published once more.
 * Their events have the ids that they would have had: what was published already comes twice, and counts
 * once.
 * @returns how many there are
 */
export async function publishSince(
  { dynamo, sqs }: { readonly dynamo: DynamoDBClient; readonly sqs: SQSClient },
  { table, queueUrl }: { readonly table: string; readonly queueUrl: string },
  at: number,
): Promise<number> {
  let count = 0;
  let from: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamo.send(
      new ScanCommand({
        TableName: table,
        FilterExpression: 'settledAt >= :at',
        ExpressionAttributeValues: { ':at': { N: String(at) } },
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    for (const item of Items) {
      const dynamodb = {
        ApproximateCreationDateTime: Number(item.settledAt?.N) / 1000,
        Keys: { id: item.id },
        SequenceNumber: `${at}${String(count).padStart(9, '0')}`, // by which events of one millisecond differ
        NewImage: item,
      };
      const change = { why: 'overdue', record: { eventName: 'INSERT', dynamodb } };
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(change) }));
      count += 1;
    }
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}
