// SQS → here: the attempts that are due, the endpoints of a batch beside each other.
import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { count, publishCounts } from '../lib/log/metrics.ts';
import { reportWebhook } from '../lib/log/report-webhooks.ts';
import { VERSION } from '../lib/version.ts';
import { type DeliverDeps, deliverGroup, toGroups } from '../lib/webhook/deliver.ts';
import type { DeliveryKey } from '../lib/webhook/delivery.ts';
import { LIMITS } from '../lib/webhook/endpoint.ts';
import { parseDeliveryMessage } from '../lib/webhook/parse-message.ts';
import { createPost } from '../lib/webhook/post.ts';
import {
  webhookAnnounce,
  webhookDeliveries,
  webhookEndpoints,
  webhookKeys,
  webhookReach,
  webhookRetrySpeed,
  webhookSlots,
} from '../lib/wiring/webhooks.ts';

// What an attempt takes besides the time that its endpoint has.
const RESERVE_MS = LIMITS.timeoutMs + 5_000;

export function createHandler(deps: DeliverDeps) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async ({ Records }, context) => {
      const hasTime = () => context.getRemainingTimeInMillis() > RESERVE_MS;
      const messages = Records.flatMap(toMessage);
      const failed = await Promise.all(
        toGroups(messages.map(({ key }) => key)).map(async (group) => {
          try {
            await deliverGroup(deps, group, hasTime, reportWebhook);
            return [];
          } catch (error) {
            logger.error('webhooks not delivered', { endpointId: group.endpointId, error: error as Error });
            count('WebhookFaults');
            return messages
              .filter(({ key }) => group.endpointId === key.endpointId && group.scope === key.scope)
              .map(({ id }) => id);
          }
        }),
      );
      publishCounts();
      return { batchItemFailures: [...new Set(failed.flat())].map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

/** A message that names no delivery is dropped: the rows know what is to be done. */
function toMessage({ messageId, body }: SQSRecord): { readonly id: string; readonly key: DeliveryKey }[] {
  try {
    return parseDeliveryMessage(body).map((key) => ({ id: messageId, key }));
  } catch (error) {
    logger.error('webhooks not delivered', { messageId, error: error as Error });
    count('WebhookFaults');
    return [];
  }
}

export const handler = entryPoint(createHandler, {
  endpoints: webhookEndpoints,
  deliveries: webhookDeliveries,
  slots: webhookSlots,
  announce: webhookAnnounce,
  keys: webhookKeys,
  // Here, since what it imports would be in every function's bundle if wiring/webhooks.ts did.
  post: (environment) => createPost({ reach: webhookReach(environment), now: Date.now }),
  now: () => Date.now,
  random: () => Math.random,
  newId: () => randomUUID,
  speed: webhookRetrySpeed,
  userAgent: () => `Sluice-Webhooks/${VERSION}`,
});
