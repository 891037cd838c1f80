// G19: how long the verdict takes when workers are killed. Many uploads into the local stack's S3, SQS and
// DynamoDB; the workers are processes of verify-arrivals as it is deployed, and those that are in the middle
// of a batch are killed at random. Nothing may be lost, and 99 of 100 verdicts are in within a minute.
//
//   node bench/killed-workers.ts [uploads] [kills] [another checkout, its two time-outs in seconds]
//
// The time-outs of the other checkout are its queue's visibility time-out and its function's.
//
// Lambda's poller is played by bench/killed-workers/lambda.ts. MiniStack's own is not used: after a worker
// was killed it fails batches that it gives to no worker. Neither plays what AWS does besides: pollers that
// come and go with the load, throttling by the account, and messages that SQS hands out twice.

import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parse } from 'yaml';
import { deployTo } from '../local/deploy.ts';
import { foldersIn, projectRoot } from '../local/folders.ts';
import { startMiniStack } from '../local/ministack.ts';
import { findFreePort } from '../local/port.ts';
import { prepareMiniStack } from '../local/prepare.ts';
import { type PoolStack, readPoolStack, type Stack } from '../local/stack.ts';
import { createUser, demoUser, logIn } from '../local/users.ts';
import { bundleEntry } from './functions.ts';
import { startLambda } from './killed-workers/lambda.ts';
import { ENVIRONMENT } from './start-up/environment.ts';
import { judge } from './verdict.ts';

const [uploads = 300, kills = 25] = process.argv.slice(2, 4).map(Number);
const [checkout = projectRoot, visibility, timeout] = process.argv.slice(4);
const AT_ONCE = 8;
const SENDERS = 10;
const PATIENCE_MS = 30 * 60_000;

const CSV = 'name,size\nphoto,3\n';

type Upload = { readonly id: string; readonly put: { url: string; headers: Record<string, string> } };

function rootOf({ endpoint, region }: Stack) {
  return {
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}

async function request({ apiUrl }: Stack, idToken: string): Promise<Upload> {
  const response = await fetch(`${apiUrl}/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${idToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ filename: 'a.csv', contentType: 'text/csv', size: CSV.length }),
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Upload;
}

/** Sends one upload, and gives when its last byte was answered. */
async function send({ id, put }: Upload): Promise<{ id: string; sentAt: number }> {
  const { status } = await fetch(put.url, { method: 'PUT', headers: put.headers, body: CSV });
  if (status !== 200) throw new Error(`PUT was answered with ${status}`);
  return { id, sentAt: Date.now() };
}

/** Runs `work` so many times, SENDERS at once. */
async function times<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: SENDERS }, worker));
  return results;
}

/**
 * Queues of our own, set up as the stack's are, or as those of another checkout, and told of what comes into
 * incoming.
 */
async function makeQueues(stack: Stack, sqs: SQSClient) {
  const template = parse(readFileSync(join(checkout, 'infra/arrivals.yml'), 'utf8'), { logLevel: 'silent' });
  const { VisibilityTimeout, RedrivePolicy } = template.Resources.ArrivalsQueue.Properties;
  const make = async (QueueName: string, Attributes: Record<string, string>) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    const asked = { QueueUrl, AttributeNames: ['QueueArn' as const] };
    const { Attributes: { QueueArn = '' } = {} } = await sqs.send(new GetQueueAttributesCommand(asked));
    return { url: QueueUrl, arn: QueueArn };
  };
  const deadLetters = await make('bench-dead-letters', {});
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' };
  const arrivals = await make('bench-arrivals', {
    VisibilityTimeout: visibility ?? String(VisibilityTimeout),
    Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: deadLetters.arn,
      maxReceiveCount: RedrivePolicy.maxReceiveCount,
    }),
  });
  await new S3Client(rootOf(stack)).send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: stack.buckets.incoming,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: arrivals.arn, Events: ['s3:ObjectCreated:*'] }],
      },
    }),
  );
  return { arrivals: arrivals.url, deadLetters: deadLetters.url };
}

async function readRows(dynamo: DynamoDBClient, table: string) {
  const rows = new Map<string, { state: string; settledAt: number }>();
  let start: ScanCommandOutput['LastEvaluatedKey'];
  do {
    const page: ScanCommandOutput = await dynamo.send(
      new ScanCommand({ TableName: table, ...(start && { ExclusiveStartKey: start }) }),
    );
    for (const { id, state, settledAt } of page.Items ?? []) {
      rows.set(id?.S ?? '', { state: state?.S ?? '', settledAt: Number(settledAt?.N) });
    }
    start = page.LastEvaluatedKey;
  } while (start);
  return rows;
}

async function measure(stack: PoolStack): Promise<void> {
  const dynamo = new DynamoDBClient(rootOf(stack));
  const sqs = new SQSClient(rootOf(stack));
  const queues = await makeQueues(stack, sqs);
  await createUser(stack, demoUser);
  const { idToken } = await logIn(stack, demoUser);
  const requested = await times(uploads, () => request(stack, idToken));

  const functions = parse(readFileSync(join(checkout, 'serverless.yml'), 'utf8'), {
    logLevel: 'silent',
  }).functions;
  const entry = resolve(checkout, 'src/handlers/verify-arrivals.ts');
  const lambda = startLambda({
    sqs,
    queueUrl: queues.arrivals,
    bundle: (await bundleEntry('verify-arrivals', entry)).file,
    environment: {
      PATH: process.env.PATH,
      ...ENVIRONMENT,
      AWS_ENDPOINT_URL: stack.endpoint,
      AWS_REGION: stack.region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SESSION_TOKEN: '',
      LEDGER_TABLE: stack.table,
      INCOMING_BUCKET: stack.buckets.incoming,
      STORE_BUCKET: stack.buckets.store,
      QUARANTINE_BUCKET: stack.buckets.quarantine,
      ARRIVALS_QUEUE_URL: queues.arrivals,
      ARRIVALS_DEAD_LETTER_QUEUE_URL: queues.deadLetters,
    },
    atOnce: AT_ONCE,
    timeoutMs: Number(timeout ?? functions['verify-arrivals'].timeout) * 1_000,
  });

  let sentSoFar = 0;
  const sending = times(uploads, async (index) => {
    const upload = requested[index];
    if (upload === undefined) throw new Error('requested');
    const sent = await send(upload);
    sentSoFar += 1;
    return sent;
  });
  // A kill for each share of the uploads that is sent, as soon as a worker is at work.
  let killed = 0;
  for (let waited = 0; killed < kills && waited < 120_000; waited += 10) {
    await delay(10);
    if (sentSoFar > (killed * uploads) / kills && lambda.kill()) {
      killed += 1;
      await delay(Math.random() * 100);
    }
  }
  const sent = await sending;

  const until = Date.now() + PATIENCE_MS;
  let rows = await readRows(dynamo, stack.table);
  const isOpen = ({ id }: { id: string }) => !(Number(rows.get(id)?.settledAt) > 0);
  while (sent.some(isOpen) && Date.now() < until) {
    await delay(500);
    rows = await readRows(dynamo, stack.table);
  }
  await lambda.stop();
  const attributes = {
    QueueUrl: queues.deadLetters,
    AttributeNames: ['ApproximateNumberOfMessages' as const],
  };
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand(attributes));

  const waits = sent
    .map((upload) =>
      isOpen(upload) ? Number.POSITIVE_INFINITY : (rows.get(upload.id)?.settledAt ?? 0) - upload.sentAt,
    )
    .sort((a, b) => a - b);
  const at = (share: number) => (waits[Math.ceil(share * waits.length) - 1] ?? 0) / 1_000;
  const accepted = sent.filter(({ id }) => rows.get(id)?.state === 'accepted').length;
  console.log(
    `\n${uploads} uploads, ${killed} workers killed at work. From the end of the PUT to the verdict:`,
  );
  for (const [name, share] of Object.entries({ p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, max: 1 })) {
    console.log(`  ${name}  ${at(share).toFixed(1).padStart(6)} s`);
  }
  judge([
    { id: 'G19', what: 'p99 from PUT to verdict, s', value: at(0.99), atMost: 60 },
    { id: 'G19', what: 'uploads accepted', value: accepted, atLeast: uploads, strict: true },
    {
      id: 'G19',
      what: 'messages in the dead-letter queue',
      value: Number(Attributes.ApproximateNumberOfMessages),
      atMost: 0,
      strict: true,
    },
  ]);
}

const folders = foldersIn(join(projectRoot, '.sluice', `bench-${process.pid}`));
const port = await findFreePort();
const { launch } = await prepareMiniStack(folders, port);
const ministack = await startMiniStack(launch, folders, port);
try {
  await Promise.race([ministack.ended, deployTo(ministack.endpoint, folders)]);
  await measure(await readPoolStack(ministack.endpoint));
} finally {
  await ministack.stop();
  await rm(folders.base, { recursive: true, force: true });
}
process.exit();
