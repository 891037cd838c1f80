import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { AdminQueue, ShownMessage } from '@sluice/contract/admin';
import type { DeadLetters, DeadMessage } from '../admin/ports.ts';
import { createQueueLength } from './queue-length.ts';

/** Of each queue: where its dead letters are, and where a message with this body came from. */
export type DeadLetterQueues = Readonly<
  Record<AdminQueue, { readonly deadLetters: string; readonly source: (body: string) => string }>
>;

// As many as one call gives.
const ENTRIES = 10;
// A look is for one upload: what is not among so many has to be looked for in the log.
const LOOKS = 10;
// Long enough that one look does not meet a message twice.
const HIDDEN_SECONDS = 10;
// A page of a redrive is over by then, and what it has left alone can be had again.
const RECEIVED_SECONDS = 60;

/**
 * The dead-letter queues on SQS.
 * @param aside the URL of the queue for what is set aside
 */
export function createDeadLetters(sqs: SQSClient, queues: DeadLetterQueues, aside: string): DeadLetters {
  const remove = (queue: AdminQueue, { receipt }: DeadMessage) =>
    sqs.send(new DeleteMessageCommand({ QueueUrl: queues[queue].deadLetters, ReceiptHandle: receipt }));
  return {
    queues: Object.keys(queues) as AdminQueue[],

    async peek(queue, isWanted) {
      const found: ShownMessage[] = [];
      const seen = new Set<string>();
      for (let look = 0; look < LOOKS; look += 1) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queues[queue].deadLetters,
            MaxNumberOfMessages: ENTRIES,
            VisibilityTimeout: HIDDEN_SECONDS,
            WaitTimeSeconds: 1, // a short look would pass over most of SQS's servers
          }),
        );
        if (Messages.length === 0) return { found, messages: seen.size, isAll: true };
        for (const { MessageId: messageId = '', Body: body = '' } of Messages) {
          if (!seen.has(messageId) && isWanted(body)) found.push({ queue, messageId, body });
          seen.add(messageId);
        }
      }
      return { found, messages: seen.size, isAll: false };
    },

    count: (queue) => createQueueLength(sqs, queues[queue].deadLetters)(),

    async receive(queue) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queues[queue].deadLetters,
          MaxNumberOfMessages: ENTRIES,
          VisibilityTimeout: RECEIVED_SECONDS,
          WaitTimeSeconds: 1,
        }),
      );
      return Messages.map(({ MessageId: id = '', Body: body = '', ReceiptHandle: receipt = '' }) => ({
        id,
        body,
        receipt,
      }));
    },

    async release(queue, { receipt }) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queues[queue].deadLetters,
          ReceiptHandle: receipt,
          VisibilityTimeout: 0,
        }),
      );
    },

    async putBack(queue, message) {
      await sqs.send(
        new SendMessageCommand({ QueueUrl: queues[queue].source(message.body), MessageBody: message.body }),
      );
      await remove(queue, message);
    },

    async setAside(queue, message, cause) {
      const text = (StringValue: string) => ({ DataType: 'String', StringValue });
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: aside,
          MessageBody: message.body,
          MessageAttributes: { queue: text(queue), cause: text(cause), messageId: text(message.id) },
        }),
      );
      await remove(queue, message);
    },
  };
}
