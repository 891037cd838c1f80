import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';

const COUNTS: readonly QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
];

/**
 * Counts the messages of a queue, about: those that wait and those in work, and not those that were delayed
 * on purpose. SQS's counts may be a minute old.
 */
export function createQueueLength(sqs: SQSClient, queueUrl: string): () => Promise<number> {
  return async () => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...COUNTS] }),
    );
    const length = COUNTS.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    if (!Number.isFinite(length)) throw new Error('SQS did not say how many messages the queue has');
    return length;
  };
}
