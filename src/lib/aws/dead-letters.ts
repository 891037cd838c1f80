import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ShownMessage } from '@sluice/contract/admin';
import type { DeadLetters, QueueName } from '../admin/ports.ts';

/** Of each queue: where its dead letters are, and where they came from. */
export type DeadLetterQueues = Readonly<
  Record<QueueName, { readonly deadLetters: string; readonly source: string }>
>;

// As many as one call gives.
const ENTRIES = 10;
// A look is for one upload: what is not among so many has to be looked for in the log.
const LOOKS = 10;
// Long enough that one look does not meet a message twice.
const HIDDEN_SECONDS = 10;

/** The dead-letter queues on SQS. */
export function createDeadLetters(sqs: SQSClient, queues: DeadLetterQueues): DeadLetters {
  return {
    queues: Object.keys(queues) as QueueName[],

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
  };
}
