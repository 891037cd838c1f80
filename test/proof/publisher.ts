// Stands in for Lambda between the ledger's stream and publish-events: a process that is killed is run again
// with the same batch, and a batch of which something failed is brought again from there on. MiniStack's own
// mapping takes a batch with failures for done, where Lambda brings it again, and so it is switched off.
// One lane, where Lambda has four; nothing is bisected or filtered.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { bundleEntry } from '../../bench/functions.ts';
import type { Stack } from '../../local/stack.ts';
import { rootOf } from '../contract/root.ts';

const NAME = 'publish-events';
const TIMEOUT_MS = 30_000;
/** Lambda's is 100. With fewer there are more batches in which to be killed. */
const BATCH = 20;
const AGAIN_AFTER_MS = 100;

type StreamRecord = { readonly dynamodb: { readonly SequenceNumber: string } };
type Answer = {
  readonly result?: { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };
};

/** Runs publish-events in processes of its own that can be killed. `eventBridge`: where it finds that. */
export async function startPublisher(stack: Stack, eventBridge: string) {
  const figures = { batches: 0, killed: 0, broughtAgain: 0 };
  const lambda = new LambdaClient(rootOf(stack));
  const functionName = `${stack.stackName}-${NAME}`;
  const { file } = await bundleEntry(NAME, `src/handlers/${NAME}.ts`);
  const { Environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  );
  const environment = {
    PATH: process.env.PATH,
    ...Environment?.Variables,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_REGION: stack.region,
    AWS_ENDPOINT_URL: stack.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: '',
  };
  await switchOffMapping(lambda, functionName);
  let iterator = await newestOf(stack);

  let child: ChildProcess | undefined;
  let isBusy = false;
  let isStopped = false;
  const start = async () => {
    const started = fork(new URL('../../bench/killed-workers/host.ts', import.meta.url), [file], {
      env: environment,
      silent: true,
    });
    // Its logs are of no interest, and a full pipe would stop it.
    started.stdout?.resume();
    started.stderr?.resume();
    await once(started, 'message');
    return started;
  };
  const invoke = async (records: readonly StreamRecord[]): Promise<Answer | undefined> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) child = await start();
    const Records = records.map((record) => ({ ...record, eventSource: 'aws:dynamodb' }));
    isBusy = true;
    child.send({ event: { Records }, endsAt: Date.now() + TIMEOUT_MS });
    const ended = once(child, 'exit').then(() => undefined);
    const [answer] = (await Promise.race([once(child, 'message'), ended])) ?? [];
    isBusy = false;
    return answer as Answer | undefined;
  };
  const bring = async (records: readonly StreamRecord[]) => {
    let left = records;
    while (left.length > 0 && !isStopped) {
      const failures = (await invoke(left))?.result?.batchItemFailures;
      const [first] = failures ?? [];
      if (failures !== undefined && first === undefined) return;
      figures.broughtAgain += 1;
      const from = left.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === first?.itemIdentifier);
      left = left.slice(Math.max(0, from));
      await delay(AGAIN_AFTER_MS);
    }
  };
  const lane = async () => {
    while (!isStopped) {
      const { Records = [], NextShardIterator } = await ask<{
        Records?: StreamRecord[];
        NextShardIterator: string;
      }>(stack, 'GetRecords', { ShardIterator: iterator, Limit: BATCH });
      iterator = NextShardIterator;
      if (Records.length === 0) await delay(100);
      else {
        figures.batches += 1;
        await bring(Records);
      }
    }
    child?.kill('SIGKILL');
  };
  const running = lane();
  return {
    figures,
    /** Kills the process that is in the middle of a batch; false when there is none. */
    kill: () => {
      const isKilled = isBusy && child?.kill('SIGKILL') === true;
      if (isKilled) figures.killed += 1;
      return isKilled;
    },
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

async function switchOffMapping(lambda: LambdaClient, FunctionName: string): Promise<void> {
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName }),
  );
  const ofStream = EventSourceMappings.filter(({ EventSourceArn = '' }) =>
    EventSourceArn.includes(':dynamodb:'),
  );
  if (ofStream.length !== 1) throw new Error(`${ofStream.length} mappings of a stream`);
  for (const { UUID } of ofStream) {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  }
}

/** Where the stream goes on from now. */
async function newestOf(stack: Stack): Promise<string> {
  const { Table } = await new DynamoDBClient(rootOf(stack)).send(
    new DescribeTableCommand({ TableName: stack.table }),
  );
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await ask<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
    stack,
    'DescribeStream',
    { StreamArn },
  );
  const [shard] = StreamDescription.Shards;
  const { ShardIterator } = await ask<{ ShardIterator: string }>(stack, 'GetShardIterator', {
    StreamArn,
    ShardId: shard?.ShardId,
    ShardIteratorType: 'LATEST',
  });
  return ShardIterator;
}

/** MiniStack looks at no signature, so that three calls need no client of their own. */
async function ask<T>({ endpoint, region }: Stack, action: string, body: object): Promise<T> {
  const request = {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261126/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  };
  // A read, so it may be repeated: MiniStack may close a connection in the moment that it is used again.
  const send = () => fetch(endpoint, request);
  const response = await send().catch(send);
  if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
