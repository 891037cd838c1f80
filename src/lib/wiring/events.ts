import { createEventBridgeClient } from '@sluice/connection/clients/eventbridge';
import { createBury } from '../aws/dead-changes.ts';
import { createEventBus } from '../aws/event-bus.ts';
import { createEventFeed } from '../aws/event-feed.ts';
import type { Environment } from '../settings.ts';
import { dynamo, sqs } from './clients.ts';

/** The feed of events. */
export function eventFeed(environment: Environment) {
  return createEventFeed(
    environment.once(dynamo),
    environment.text('EVENT_TABLE'),
    eventRetentionInSeconds(environment),
  );
}

/** How long an event can be read in the feed. */
export function eventRetentionInSeconds(environment: Environment) {
  return environment.wholeNumber('EVENT_RETENTION_DAYS') * 86_400;
}

/** The bus that events leave by. */
export function eventBus(environment: Environment) {
  return createEventBus(createEventBridgeClient(environment.connection()), environment.text('EVENT_BUS'));
}

/** CloudEvents' source of this deployment. */
export function eventSource(environment: Environment) {
  return `urn:sluice:${environment.text('SLUICE_STAGE')}`;
}

/** Puts a change that makes no event into the dead-letter queue. */
export function buryChange(environment: Environment) {
  return createBury(environment.once(sqs), environment.text('EVENT_DEAD_LETTER_QUEUE_URL'));
}
