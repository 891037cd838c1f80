import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteObjectsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Upload } from '@sluice/contract/upload';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { DUE_SHARDS, toItem } from '../../src/lib/aws/ledger-item.ts';
import { aRequest } from '../../test/contract/ledger.contract.ts';
import { rootOf } from '../../test/contract/root.ts';

export type Places = Awaited<ReturnType<typeof makePlaces>>;

const REGION = 'us-east-1';
const TABLE = 'bench-sweep';
const BUCKETS = { incoming: 'bench-incoming', store: 'bench-store', quarantine: 'bench-quarantine' };
const HOUR = 3_600_000;
const AT_ONCE = 16;

/** Of a hundred rows: nothing came; a last look at an accepted one; the notification was lost. */
const KINDS = { expired: 70, accepted: 20, arrived: 10 };

/** Buckets, a ledger and a queue, and rows in them. */
export async function makePlaces(endpoint: string) {
  const root = rootOf({ endpoint, region: REGION });
  const [dynamo, s3, sqs] = [new DynamoDBClient(root), new S3Client(root), new SQSClient(root)];
  for (const Bucket of Object.values(BUCKETS)) await s3.send(new CreateBucketCommand({ Bucket }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'bench-arrivals' }));
  await dynamo.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'dueShard', AttributeType: 'S' },
        { AttributeName: 'dueAt', AttributeType: 'N' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-due-keys',
          KeySchema: [
            { AttributeName: 'dueShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  const ledger = createLedger(dynamo, TABLE, 'bench-grants');

  const inTurns = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>) => {
    const waiting = items[Symbol.iterator]();
    const worker = async () => {
      for (const item of waiting) await work(item);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  const write = (requests: readonly WriteRequest[]) =>
    inTurns(
      Array.from({ length: Math.ceil(requests.length / 25) }, (_, at) =>
        requests.slice(at * 25, at * 25 + 25),
      ),
      (some) => dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: some } })),
    );
  const put = (place: keyof typeof BUCKETS, { id, key }: Upload) =>
    s3.send(
      new PutObjectCommand({
        Bucket: BUCKETS[place],
        Key: key,
        Body: 'abc',
        ...(place === 'store' && { Metadata: { 'upload-id': id } }),
      }),
    );

  return {
    dynamo,
    s3,
    sqs,
    buckets: BUCKETS,
    table: TABLE,
    queueUrl: QueueUrl,
    environment: {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: root.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: root.credentials.secretAccessKey,
      AWS_SESSION_TOKEN: '',
      LEDGER_TABLE: TABLE,
      GRANTS_TABLE: 'bench-grants',
      LEDGER_INDEXES: '',
      INCOMING_BUCKET: BUCKETS.incoming,
      STORE_BUCKET: BUCKETS.store,
      QUARANTINE_BUCKET: BUCKETS.quarantine,
      ARRIVALS_QUEUE_URL: QueueUrl,
      FILES_DISTRIBUTION: '',
      CLAMAV_QUEUE_URL: '',
      FUNCTION_QUEUE_URL: '',
      GUARDDUTY_QUEUE_URL: '',
      INSPECTION_QUEUE_URL: '',
    },

    /** Rows that are due, with what they have in the buckets. */
    async fill(count: number): Promise<readonly Upload[]> {
      const now = Date.now();
      const uploads = Array.from({ length: count }, (_, at): Upload => {
        const times = { createdAt: now - 2 * HOUR, expiresAt: now - HOUR, dueAt: now - HOUR + at };
        if (at % 100 < KINDS.accepted)
          return aRequest({ ...times, state: 'accepted', epoch: 2, settledAt: now - HOUR });
        return aRequest({
          ...times,
          subject: at % 100 < KINDS.accepted + KINDS.arrived ? 'arrived' : 'expired',
        });
      });
      await write(
        uploads.map((upload, at) => ({
          PutRequest: { Item: toItem(upload, DUE_SHARDS[at % DUE_SHARDS.length] ?? '0') },
        })),
      );
      await inTurns(uploads, async (upload) => {
        if (upload.state === 'accepted') await put('store', upload);
        else if (upload.subject === 'arrived') await put('incoming', upload);
      });
      return uploads;
    },

    /** How many rows are due now. */
    async countDue(): Promise<number> {
      const counts = DUE_SHARDS.map(async (shard) => {
        const { Count = 0 } = await dynamo.send(
          new QueryCommand({
            TableName: TABLE,
            IndexName: 'by-due-keys',
            Select: 'COUNT',
            KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
            ExpressionAttributeValues: { ':shard': { S: shard }, ':now': { N: String(Date.now()) } },
          }),
        );
        return Count;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },

    /** Throws unless each row has ended as its kind does. */
    async checkSwept(uploads: readonly Upload[]): Promise<void> {
      const { uploads: rows } = await ledger.readMany(uploads.map(({ id }) => id));
      const wrong = rows.filter(({ state, subject, dueAt = 0 }) => {
        if (state === 'accepted') return dueAt !== 0;
        return subject === 'arrived' ? state !== 'requested' || dueAt < Date.now() : state !== 'expired';
      });
      if (rows.length !== uploads.length || wrong.length > 0) {
        throw new Error(`${wrong.length} of ${rows.length} rows did not end as they had to`);
      }
    },

    async empty(uploads: readonly Upload[]): Promise<void> {
      await write(uploads.map(({ id }) => ({ DeleteRequest: { Key: { id: { S: id } } } })));
      for (const Bucket of [BUCKETS.incoming, BUCKETS.store]) {
        for (let at = 0; at < uploads.length; at += 1_000) {
          const Objects = uploads.slice(at, at + 1_000).map(({ key }) => ({ Key: key }));
          await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
        }
      }
      await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    },
  };
}
