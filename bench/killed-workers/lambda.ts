import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

type Options = {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** the bundle of verify-arrivals */
  readonly bundle: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly atOnce: number;
  readonly timeoutMs: number;
};

/**
 * An event source mapping and its function, as Lambda runs them: batches of ten, each worker a process of its
 * own.
 */
export type Lambda = {
  /** Kills a worker that is in the middle of a batch; false when there is none. */
  readonly kill: () => boolean;
  readonly stop: () => Promise<void>;
};

/**
 * Starts workers that read the queue. A worker that dies acknowledges nothing, and the next batch starts
 * another.
 */
export function startLambda(options: Options): Lambda {
  const busy = new Set<ChildProcess>();
  let isStopped = false;

  const start = async (): Promise<ChildProcess> => {
    const child = fork(new URL('./host.ts', import.meta.url), [options.bundle], {
      env: options.environment,
      silent: true,
    });
    // Its logs are of no interest, and a full pipe would stop it.
    child.stdout?.resume();
    child.stderr?.resume();
    await once(child, 'message');
    return child;
  };

  const invoke = async (child: ChildProcess, event: unknown) => {
    busy.add(child);
    child.send({ event, endsAt: Date.now() + options.timeoutMs });
    const ended = once(child, 'exit').then(() => undefined);
    const [answer] = (await Promise.race([once(child, 'message'), ended])) ?? [];
    busy.delete(child);
    return answer as { result?: { batchItemFailures: { itemIdentifier: string }[] } } | undefined;
  };

  const lane = async (): Promise<void> => {
    let child: ChildProcess | undefined;
    while (!isStopped) {
      const messages = await receive(options);
      if (messages.length === 0) continue;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) child = await start();
      const answer = await invoke(child, toEvent(messages));
      const failed = answer?.result?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      if (failed)
        await acknowledge(
          options,
          messages.filter(({ MessageId = '' }) => !failed.includes(MessageId)),
        );
    }
    child?.kill('SIGKILL');
  };
  const lanes = Promise.all(Array.from({ length: options.atOnce }, lane));

  return {
    kill() {
      const victim = [...busy][Math.floor(Math.random() * busy.size)];
      return victim?.kill('SIGKILL') ?? false;
    },
    async stop() {
      isStopped = true;
      await lanes;
    },
  };
}

async function receive({ sqs, queueUrl }: Options): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['All'],
    }),
  );
  if (Messages.length === 0) await delay(50);
  return Messages;
}

async function acknowledge({ sqs, queueUrl }: Options, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}

function toEvent(messages: readonly Message[]) {
  return {
    Records: messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      messageAttributes: {},
      eventSource: 'aws:sqs',
    })),
  };
}
