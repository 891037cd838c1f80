// G10: how many uploads one worker verifies in a second, against a loop that makes the same calls and thinks
// nothing.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { SQSEvent } from 'aws-lambda';
import { context } from './context.ts';
import { quietly } from './quiet.ts';
import { measureRounds, medianOf, ratioOf } from './rounds.ts';
import { ENVIRONMENT } from './start-up/environment.ts';
import { judge, printTable } from './verdict.ts';

const BATCH = 10;
const AT_ONCE = 5;
const BATCHES = 20;
// Enough to show what grows with the number of objects seen; 100 000 with the argument.
const MANY = Number(process.argv[2] ?? 10_000);

const stub = fork(new URL('./throughput/stub.ts', import.meta.url));
const [port] = await once(stub, 'message');
const endpoint = `http://127.0.0.1:${port}`;

Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL: endpoint });
const { createHandler } = await import('../src/handlers/verify-arrivals.ts');
const { createLedger } = await import('../src/lib/aws/ledger.ts');
const { createObjects } = await import('../src/lib/aws/objects.ts');
const { createDynamoDBClient } = await import('@sluice/connection/clients/dynamodb');
const { createS3Client } = await import('@sluice/connection/clients/s3');
const { readSockets } = await import('@sluice/connection/clients/wire');
const { resolveSettings } = await import('@sluice/connection/settings/resolve');
const { policies } = await import('../src/policies.ts');

const connection = resolveSettings({ environment: process.env });
const workerS3 = createS3Client(connection);
const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), 'ledger', 'grants'),
  objects: createObjects(workerS3, {
    incoming: 'incoming',
    store: 'store',
    quarantine: 'quarantine',
  }),
  announce: async () => {},
  policies,
  now: Date.now,
  newId: randomUUID,
  rowRetentionInSeconds: 86_400,
  queue: {
    hide: async () => {},
    acknowledge: async () => {},
    bury: async () => {},
    sendAgain: async () => {},
  },
  every: () => () => {},
  random: Math.random,
  incomingBucket: 'incoming',
  sockets: () => readSockets(workerS3),
});

function toEvent(ids: readonly string[]): SQSEvent {
  return {
    Records: ids.map((id) => ({
      messageId: id,
      receiptHandle: id,
      body: JSON.stringify({
        Records: [
          {
            eventVersion: '2.1',
            eventSource: 'aws:s3',
            eventName: 'ObjectCreated:Put',
            s3: { bucket: { name: 'incoming' }, object: { key: `bench/${id}` } },
          },
        ],
      }),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1795166102500',
        SenderId: 'S3',
        ApproximateFirstReceiveTimestamp: '1795166102511',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:arrivals',
      awsRegion: 'eu-central-1',
    })),
  };
}

async function ours() {
  const { batchItemFailures } = await handler(toEvent(Array.from({ length: BATCH }, randomUUID)), context);
  if (batchItemFailures.length > 0) throw new Error('an upload was not verified');
}

const s3 = new S3Client({ endpoint, forcePathStyle: true });
const dynamo = new DynamoDBClient({ endpoint });
function update(id: string, values: Record<string, { S: string }>) {
  return new UpdateItemCommand({
    TableName: 'ledger',
    Key: { id: { S: id } },
    UpdateExpression: 'SET #state = :to',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_NEW',
  });
}

async function oneRaw(id: string) {
  const object = { Bucket: 'incoming', Key: `bench/${id}` };
  await s3.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
  await dynamo.send(update(id, { ':to': { S: 'verifying' } }));
  const { Body } = await s3.send(new GetObjectCommand({ ...object, Range: 'bytes=0-8191' }));
  await Body?.transformToByteArray();
  await s3.send(
    new CopyObjectCommand({ Bucket: 'store', Key: object.Key, CopySource: `incoming/${object.Key}` }),
  );
  await dynamo.send(update(id, { ':to': { S: 'accepted' } }));
  await s3.send(new DeleteObjectCommand(object));
}

async function raw() {
  const waiting = Array.from({ length: BATCH }, randomUUID);
  const worker = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await oneRaw(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const { result } = await quietly(async () => {
  const samples = await measureRounds([
    { name: 'the calls alone', calls: BATCHES, run: raw },
    { name: 'ours', calls: BATCHES, run: ours },
  ]);
  const cpuOf = async (batches: number): Promise<number> => {
    const before = process.cpuUsage();
    for (let batch = 0; batch < batches; batch += 1) await ours();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / batches / BATCH;
  };
  const first = await cpuOf(100);
  const heapBefore = process.memoryUsage().heapUsed;
  await cpuOf(MANY / BATCH);
  const last = await cpuOf(100);
  return { samples, growth: last / first, heapMiB: (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20 };
});
stub.disconnect();

const { samples, growth, heapMiB } = result;
printTable(
  `A batch of ${BATCH} uploads, ${AT_ONCE} at a time, against a stub`,
  'us',
  samples,
  'the calls alone',
);
console.log(
  `\n  ${(1e6 / (medianOf(samples, 'ours') / BATCH)).toFixed(0)} uploads a second; after ${MANY} more of them the heap had grown by ${heapMiB.toFixed(0)} MiB`,
);
judge([
  {
    id: 'G10',
    what: 'rate, ours / the calls alone',
    value: 1 / ratioOf(samples, 'ours', 'the calls alone'),
    atLeast: 0.6,
  },
  { id: 'G10', what: `CPU time of one upload, after ${MANY} / at first`, value: growth, atMost: 1.2 },
]);
