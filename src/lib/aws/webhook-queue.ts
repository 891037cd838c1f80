import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Announce } from '../webhook/ports.ts';

// Few enough for one worker, and so many that an event for all endpoints of a scope is two messages.
const DELIVERIES_OF_A_MESSAGE = 10;

/** Announces deliveries on the queue of webhooks, several in one message. A repeat is harmless. */
export function createWebhookAnnounce(sqs: SQSClient, queueUrl: string): Announce {
  return async (keys, delaySeconds) => {
    for (let start = 0; start < keys.length; start += DELIVERIES_OF_A_MESSAGE) {
      const deliveries = keys
        .slice(start, start + DELIVERIES_OF_A_MESSAGE)
        .map(({ scope, endpointId, eventId }) => ({ scope, endpointId, eventId }));
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify({ deliveries }),
          DelaySeconds: delaySeconds,
        }),
      );
    }
  };
}
