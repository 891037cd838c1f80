import { BatchGetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { DUE_SHARDS } from '../../src/lib/aws/ledger-item.ts';
import type { Places } from './places.ts';

/** Makes the calls of a sweep one after the other, and thinks nothing. */
export async function sweepBare({ dynamo, s3, sqs, buckets, table, queueUrl }: Places) {
  let calls = 0;
  const isThere = async (place: keyof typeof buckets, Key: string): Promise<boolean> => {
    calls += 1;
    const head = new HeadObjectCommand({ Bucket: buckets[place], Key, ChecksumMode: 'ENABLED' });
    return s3.send(head).then(
      () => true,
      () => false,
    );
  };
  const update = (
    id: string,
    UpdateExpression: string,
    values: Record<string, { S: string } | { N: string }>,
  ) => {
    calls += 1;
    return dynamo.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: { S: id } },
        ConditionExpression: '#state = :seen',
        UpdateExpression,
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: values,
      }),
    );
  };
  const sweepOne = async (id: string, key: string, state: string): Promise<void> => {
    if (state === 'accepted') {
      await isThere('store', key);
      await isThere('quarantine', key);
      await update(id, 'REMOVE dueAt, dueShard', { ':seen': { S: state } });
    } else if (await isThere('incoming', key)) {
      calls += 1;
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ key }) }));
      const later = String(Date.now() + 3_600_000);
      await update(id, 'SET dueAt = :due', { ':seen': { S: state }, ':due': { N: later } });
    } else {
      await isThere('store', key);
      await isThere('quarantine', key);
      const to = { ':seen': { S: state }, ':to': { S: 'expired' } };
      await update(id, 'SET #state = :to REMOVE dueAt, dueShard', to);
    }
  };

  const began = performance.now();
  const now = String(Date.now());
  for (const shard of DUE_SHARDS) {
    let ExclusiveStartKey: Record<string, never> | undefined;
    do {
      calls += 2;
      const page = await dynamo.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'by-due-keys',
          KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
          ProjectionExpression: 'id',
          ExpressionAttributeValues: { ':shard': { S: shard }, ':now': { N: now } },
          Limit: 100,
          ...(ExclusiveStartKey && { ExclusiveStartKey }),
        }),
      );
      ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
      const Keys = (page.Items ?? []).map(({ id }) => ({ id: id ?? { S: '' } }));
      if (Keys.length === 0) break;
      const { Responses } = await dynamo.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      for (const { id, key, state } of Responses?.[table] ?? []) {
        await sweepOne(id?.S ?? '', key?.S ?? '', state?.S ?? '');
      }
    } while (ExclusiveStartKey !== undefined);
  }
  return { ms: performance.now() - began, calls };
}
