import { createQueueLength } from '../aws/queue-length.ts';
import { createPairReader } from '../aws/secret.ts';
import { createWebhookDeliveries } from '../aws/webhook-deliveries.ts';
import { createWebhookEndpoints } from '../aws/webhook-endpoints.ts';
import { createWebhookAnnounce } from '../aws/webhook-queue.ts';
import { createWebhookSlots } from '../aws/webhook-slots.ts';
import { createHeld } from '../held.ts';
import { logger } from '../log/logger.ts';
import type { Environment } from '../settings.ts';
import { withConfigured } from '../webhook/configured.ts';
import { createWebhookKeys } from '../webhook/keys.ts';
import type { Reach } from '../webhook/target.ts';
import { dynamo, sqs } from './clients.ts';

/** The endpoints that are told of events, with the one that the deployment itself names. */
export function webhookEndpoints(environment: Environment) {
  const stored = createWebhookEndpoints(environment.once(dynamo), environment.text('WEBHOOK_TABLE'));
  return withConfigured(stored, environment.optional('WEBHOOK_URL'));
}

/** What endpoints were told, and are still to be told. */
export function webhookDeliveries(environment: Environment) {
  return createWebhookDeliveries(environment.once(dynamo), environment.text('WEBHOOK_TABLE'));
}

/** The slots of deliveries that are under way. */
export function webhookSlots(environment: Environment) {
  return createWebhookSlots(environment.once(dynamo), environment.text('WEBHOOK_TABLE'));
}

/** Has deliveries looked at. */
export function webhookAnnounce(environment: Environment) {
  return createWebhookAnnounce(environment.once(sqs), environment.text('WEBHOOK_QUEUE_URL'));
}

/** How many messages the queue of webhooks has, about. */
export function countWebhooks(environment: Environment) {
  return createQueueLength(environment.once(sqs), environment.text('WEBHOOK_QUEUE_URL'));
}

/** The secrets and keys of endpoints. */
export function webhookKeys(environment: Environment) {
  const held = createHeld({
    fetch: createPairReader(
      environment.connection(),
      environment.text('WEBHOOK_KEY_SECRET'),
      'the secret of the webhooks',
    ),
    now: Date.now,
    onFailure: (error) => logger.warn('secret of the webhooks not read', { error }),
  });
  return createWebhookKeys(() => held.get());
}

/** Where webhooks may go to: anywhere on the local stack, and otherwise to the internet alone. */
export function webhookReach(environment: Environment): Reach {
  return environment.text('WEBHOOK_REACH') === 'anywhere' ? 'anywhere' : 'public';
}

/** How many times faster than their schedule webhooks are tried again. */
export function webhookRetrySpeed(environment: Environment) {
  return environment.wholeNumber('WEBHOOK_RETRY_SPEED');
}
