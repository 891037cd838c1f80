import type { Delivery } from '../webhook/delivery.ts';
import { ALL_TENANTS, type Endpoint } from '../webhook/endpoint.ts';
import type { WithSecrets } from '../webhook/manage.ts';

/** An endpoint as its managers see it. It holds no secret. */
export function toWebhook(endpoint: Endpoint, now: number) {
  const { id, scope, url, types, signatures, enabled, isGone, createdAt, version } = endpoint;
  const { previousUntil = 0, pausedUntil = 0 } = endpoint;
  return {
    id,
    url,
    types,
    signatures,
    enabled,
    ...(isGone && { isGone }),
    ...(scope !== ALL_TENANTS && { tenant: scope }),
    createdAt: toTime(createdAt),
    version,
    ...(previousUntil > now && { previousUntil: toTime(previousUntil) }),
    ...(pausedUntil > now && { pausedUntil: toTime(pausedUntil) }),
  };
}

/** The same, with what is shown once. */
export function toWebhookWithSecrets({ endpoint, secret, publicKey }: WithSecrets, now: number) {
  return {
    ...toWebhook(endpoint, now),
    ...(secret !== undefined && { secret }),
    ...(publicKey !== undefined && { publicKey }),
  };
}

/** A delivery as its managers see it, without the body. */
export function toDeliveryResource(delivery: Delivery) {
  const { eventId, type, state, createdAt, attempts, nextAttemptAt, endReason } = delivery;
  return {
    event: eventId,
    type,
    state,
    createdAt: toTime(createdAt),
    ...(state === 'pending' && nextAttemptAt !== undefined && { nextAttemptAt: toTime(nextAttemptAt) }),
    ...(endReason !== undefined && { reason: endReason }),
    attempts: attempts.map(({ at, ms, status, error }) => ({
      at: toTime(at),
      ms,
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error }),
    })),
  };
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
