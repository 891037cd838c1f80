import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

/**
 * What 0.1.0 would take for the rows of uploads that ended, and remove the files of: its sweep that of every
 * row that is due and neither `requested` nor `verifying`.
 */
export type Misread = {
  /** ids of accepted uploads that are to be looked at once more */
  readonly due: readonly string[];
  /** how many wait for scanners, or are held: 0.1.0 knows no such states */
  readonly waiting: number;
};

/** Finds the rows that 0.1.0 would misread, by a walk through the whole table. */
export async function findMisread(dynamo: DynamoDBClient, table: string): Promise<Misread> {
  const due: string[] = [];
  let waiting = 0;
  let from: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await dynamo.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ProjectionExpression: 'id, #state',
        FilterExpression: '(#state = :accepted AND attribute_exists(dueAt)) OR #state IN (:scanning, :held)',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':accepted': { S: 'accepted' },
          ':scanning': { S: 'scanning' },
          ':held': { S: 'held' },
        },
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    for (const { id, state } of Items) {
      if (state?.S === 'accepted') due.push(id?.S ?? '');
      else waiting += 1;
    }
    from = LastEvaluatedKey;
  } while (from !== undefined);
  return { due, waiting };
}

/**
 * Takes accepted uploads off what is due, so that no sweep looks at them. What is not done then is the last
 * look for copies of workers that were overtaken.
 */
export async function takeOffDue(
  dynamo: DynamoDBClient,
  table: string,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) {
    try {
      await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id: { S: id } },
          UpdateExpression: 'REMOVE dueAt, dueShard',
          ConditionExpression: '#state = :accepted',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':accepted': { S: 'accepted' } },
        }),
      );
    } catch (error) {
      // It was deleted in the meantime, and its file is to go.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}
