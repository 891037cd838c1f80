import { createAnnounce, createAnnounceArrivals } from '../aws/announce.ts';
import { createArrivalsQueue } from '../aws/arrivals-queue.ts';
import { createQueueLength } from '../aws/queue-length.ts';
import { createPairReader } from '../aws/secret.ts';
import { createPushSecrets } from '../http/push-secrets.ts';
import { logger } from '../log/logger.ts';
import type { Environment } from '../settings.ts';
import { sqs } from './clients.ts';
import { incomingBucket } from './stores.ts';

/** Sends an arrival down the queue again. */
export function announce(environment: Environment) {
  return createAnnounce(
    environment.once(sqs),
    environment.text('ARRIVALS_QUEUE_URL'),
    incomingBucket(environment),
  );
}

/** Sends what a store pushed down the queue. */
export function announceArrivals(environment: Environment) {
  return createAnnounceArrivals(environment.once(sqs), environment.text('ARRIVALS_QUEUE_URL'));
}

/** How many messages the queue of arrivals has, about. */
export function countArrivals(environment: Environment) {
  return createQueueLength(environment.once(sqs), environment.text('ARRIVALS_QUEUE_URL'));
}

/** The queue of arrivals, and that of dead letters. */
export function arrivalsQueue(environment: Environment) {
  return createArrivalsQueue(environment.once(sqs), {
    arrivals: environment.text('ARRIVALS_QUEUE_URL'),
    deadLetters: environment.text('ARRIVALS_DEAD_LETTER_QUEUE_URL'),
  });
}

/** Undefined where the deployment takes no pushed notifications. */
export function pushSecrets(environment: Environment) {
  const secretId = environment.optional('ARRIVALS_PUSH_SECRET');
  if (secretId === undefined) return undefined;
  return createPushSecrets({
    read: createPairReader(environment.connection(), secretId, 'the secret of pushed notifications'),
    now: Date.now,
    onFailure: (error) => logger.warn('secrets of pushes not read', { error }),
  });
}
