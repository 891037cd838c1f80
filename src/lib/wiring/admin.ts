import { createBucketWalk } from '../aws/bucket-walk.ts';
import { createDeadLetters } from '../aws/dead-letters.ts';
import type { Environment } from '../settings.ts';
import { s3, sqs } from './clients.ts';

/** Listings of the three buckets. */
export function bucketWalk(environment: Environment) {
  return createBucketWalk(environment.once(s3), {
    incoming: environment.text('INCOMING_BUCKET'),
    store: environment.text('STORE_BUCKET'),
    quarantine: environment.text('QUARANTINE_BUCKET'),
  });
}

/** The dead-letter queues of the stack, and where their messages came from. */
export function deadLetters(environment: Environment) {
  return createDeadLetters(environment.once(sqs), {
    arrivals: {
      deadLetters: environment.text('ARRIVALS_DEAD_LETTER_QUEUE_URL'),
      source: environment.text('ARRIVALS_QUEUE_URL'),
    },
    events: {
      deadLetters: environment.text('EVENT_DEAD_LETTER_QUEUE_URL'),
      source: environment.text('EVENT_RETRY_QUEUE_URL'),
    },
    webhooks: {
      deadLetters: environment.text('WEBHOOK_EVENTS_DEAD_LETTER_QUEUE_URL'),
      source: environment.text('WEBHOOK_EVENTS_QUEUE_URL'),
    },
  });
}
