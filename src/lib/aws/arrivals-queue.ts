import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Queue } from '../intake/hold.ts';
import type { Message } from '../intake/messages.ts';

export type QueueUrls = { readonly arrivals: string; readonly deadLetters: string };

// The most that one call takes.
const ENTRIES = 10;

/**
 * The messages of the arrivals queue that a worker has. If SQS refuses an entry, the call has not failed: the
 * message was acknowledged in the meantime, or another worker has received it, and this worker can change
 * neither.
 */
export function createArrivalsQueue(sqs: SQSClient, { arrivals, deadLetters }: QueueUrls): Queue {
  return {
    async hide(pauses) {
      for (const some of chunks(pauses)) {
        const Entries = some.map(({ message, seconds }, index) => ({
          Id: String(index),
          ReceiptHandle: message.receiptHandle,
          VisibilityTimeout: seconds,
        }));
        await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: arrivals, Entries }));
      }
    },

    async acknowledge(messages) {
      for (const some of chunks(messages)) {
        const Entries = some.map(({ receiptHandle }: Message, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
        }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: arrivals, Entries }));
      }
    },

    async bury({ body }) {
      // SQS accepts no empty message.
      await sqs.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: body || '(empty)' }));
    },

    async sendAgain({ body }, seconds) {
      await sqs.send(
        new SendMessageCommand({ QueueUrl: arrivals, MessageBody: body || '(empty)', DelaySeconds: seconds }),
      );
    },
  };
}

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / ENTRIES) }, (_, index) =>
    items.slice(index * ENTRIES, (index + 1) * ENTRIES),
  );
}
