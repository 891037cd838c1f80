// EventBus → SQS → here: one delivery of each event for each endpoint that is to hear of it.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { count, publishCounts } from '../lib/log/metrics.ts';
import { ofMessage } from '../lib/log/of-message.ts';
import { type FanOutDeps, fanOut, readOnce } from '../lib/webhook/fan-out.ts';
import { parseEventMessage } from '../lib/webhook/parse-message.ts';
import { webhookAnnounce, webhookDeliveries, webhookEndpoints } from '../lib/wiring/webhooks.ts';

export function createHandler(deps: FanOutDeps) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async ({ Records }) => {
      const shared = { ...deps, endpoints: readOnce(deps.endpoints) };
      const failed = await Promise.all(
        Records.map(async ({ messageId, body }) => {
          try {
            const event = parseEventMessage(body);
            const created = await fanOut(shared, event);
            logger.info('webhooks made', { eventId: event.id, created });
            return [];
          } catch (error) {
            logger.error('webhooks not made', { messageId, ...ofMessage(body), error: error as Error });
            count('WebhookFanOutFailures');
            return [{ itemIdentifier: messageId }];
          }
        }),
      );
      publishCounts();
      return { batchItemFailures: failed.flat() };
    });
}

export const handler = entryPoint(createHandler, {
  endpoints: webhookEndpoints,
  deliveries: webhookDeliveries,
  announce: webhookAnnounce,
  now: () => Date.now,
});
