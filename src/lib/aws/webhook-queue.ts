import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeliveryKey } from '../webhook/delivery.ts';
import type { Announce } from '../webhook/ports.ts';

// The most that one call takes.
const ENTRIES = 10;

/**
 * Announces deliveries on the queue of webhooks.
 * @throws Error when SQS takes some of them not; a repeat of the others is harmless
 */
export function createWebhookAnnounce(sqs: SQSClient, queueUrl: string): Announce {
  return async (keys, delaySeconds) => {
    for (let start = 0; start < keys.length; start += ENTRIES) {
      const Entries = keys.slice(start, start + ENTRIES).map((key, index) => ({
        Id: String(index),
        MessageBody: toBody(key),
        DelaySeconds: delaySeconds,
      }));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      if (Failed.length > 0)
        throw new Error(`${Failed.length} webhooks were not announced: ${Failed[0]?.Code}`);
    }
  };
}

function toBody({ scope, endpointId, eventId }: DeliveryKey): string {
  return JSON.stringify({ scope, endpointId, eventId });
}
