import { isUploadId } from '../upload/key.ts';
import type { Outcome } from '../webhook/deliver.ts';
import { logger } from './logger.ts';
import { count } from './metrics.ts';

/**
 * Tells what was done about a webhook: one line, and a metric where something ended. The URL is left out: it
 * may hold a secret of the receiver's.
 */
export function reportWebhook(outcome: Outcome): void {
  if (!('delivery' in outcome)) {
    const { endpointId, eventId } = outcome.key;
    logger.info(`webhook ${outcome.kind}`, { endpointId, eventId });
    if (outcome.kind === 'postponed') count('WebhooksPostponed');
    return;
  }
  const { kind, delivery } = outcome;
  const { endpointId, eventId, attemptCount, attempts, endReason, nextAttemptAt } = delivery;
  const { status, error: failure, ms } = attempts.at(-1) ?? {};
  const line = {
    endpointId,
    eventId,
    attemptCount,
    status,
    failure,
    ms,
    endReason,
    nextAttemptAt,
  };
  const failed = { ...line, uploadId: toUploadId(eventId) };
  if (kind === 'delivered') {
    logger.info('webhook delivered', line);
    count('WebhooksDelivered');
  } else if (kind === 'retrying') {
    logger.info('webhook failed, and is tried again', line);
    count('WebhookAttemptsFailed');
  } else if (kind === 'gone') {
    logger.error('webhook endpoint is gone, and disabled', failed);
    count('WebhookEndpointsGone');
  } else if (endReason === 'attempts_exhausted' || endReason === 'too_old') {
    logger.error('webhook given up', failed);
    count('WebhooksGivenUp');
  } else logger.warn('webhook not needed any more', failed);
}

/** Events are named after their uploads; a ping is of none. */
function toUploadId(eventId: string): string | undefined {
  const [id = ''] = eventId.split('.');
  return isUploadId(id) ? id : undefined;
}
