// On a schedule: announce the webhooks whose time has come, and those whose message was lost.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { announceDue, type RetryDeps } from '../lib/webhook/sweep.ts';
import { countWebhooks, webhookAnnounce, webhookDeliveries } from '../lib/wiring/webhooks.ts';

// Nothing new is begun this close to the deadline; the next run goes on.
const RESERVE_MS = 5_000;

export function createHandler(deps: RetryDeps) {
  return middy<EventBridgeEvent<'Scheduled Event', unknown>, void, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (_event, context) => {
      const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
      const announced = await announceDue(deps, signal);
      logger.info('webhooks announced', { announced });
    });
}

export const handler = entryPoint(createHandler, {
  deliveries: webhookDeliveries,
  announce: webhookAnnounce,
  countMessages: countWebhooks,
  now: () => Date.now,
});
