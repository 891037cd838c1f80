import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { classify } from './classify.ts';

/** Which messages to move. */
export type MoveRequest = {
  readonly client: SQSClient;
  /** names of queues */
  readonly from: string;
  readonly to: string;
  /** Called after each message that was moved, with how many that are so far. */
  readonly onProgress?: (moved: number) => void;
  readonly signal?: AbortSignal;
};

type Call = { readonly abortSignal?: AbortSignal };

// The most that one call gives.
const ENTRIES = 10;

/** How many messages a queue holds, as far as SQS knows. */
export async function countMessages(client: SQSClient, queue: string, signal?: AbortSignal): Promise<number> {
  const call = signal ? { abortSignal: signal } : {};
  try {
    return await count(client, await urlOf(client, queue, call), call);
  } catch (error) {
    throw classify(error);
  }
}

/**
 * Moves the messages that a queue holds now to another one, and gives their number. Each is in the second
 * before it leaves the first, so that an interruption loses none, and may leave one in both. What comes back
 * meanwhile is not moved a second time.
 */
export async function moveMessages({ client, from, to, onProgress, signal }: MoveRequest): Promise<number> {
  const call = signal ? { abortSignal: signal } : {};
  try {
    const [source, target] = await Promise.all([urlOf(client, from, call), urlOf(client, to, call)]);
    const all = await count(client, source, call);
    let moved = 0;
    while (moved < all) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: source,
          MaxNumberOfMessages: Math.min(ENTRIES, all - moved),
          VisibilityTimeout: 60,
          WaitTimeSeconds: 2,
        }),
        call,
      );
      if (Messages.length === 0) break;
      for (const { Body = '', ReceiptHandle } of Messages) {
        await moveOne(client, { source, target, body: Body, receipt: ReceiptHandle }, call);
        moved += 1;
        onProgress?.(moved);
      }
    }
    return moved;
  } catch (error) {
    throw classify(error);
  }
}

async function moveOne(
  client: SQSClient,
  message: {
    readonly source: string;
    readonly target: string;
    readonly body: string;
    readonly receipt: string | undefined;
  },
  call: Call,
): Promise<void> {
  const { source, target, body, receipt } = message;
  await client.send(new SendMessageCommand({ QueueUrl: target, MessageBody: body }), call);
  await client.send(new DeleteMessageCommand({ QueueUrl: source, ReceiptHandle: receipt }), call);
}

async function urlOf(client: SQSClient, queue: string, call: Call): Promise<string> {
  const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: queue }), call);
  return QueueUrl;
}

async function count(client: SQSClient, QueueUrl: string, call: Call): Promise<number> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    call,
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}
