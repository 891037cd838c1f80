import { EVENT_TYPES, type UploadEvent } from '@sluice/contract/event';
import type { DeliveryKey } from './delivery.ts';

/** A message that holds nothing that can be worked on. What was in it is not shown. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  constructor(what: string) {
    super(`a message of the webhooks' queues is malformed: ${what}`);
  }
}

/**
 * The event in a message that a rule of EventBridge wrote.
 * @throws MalformedMessage
 */
export function parseEventMessage(body: string): UploadEvent {
  const { detail } = toFields(parse(body), 'the envelope');
  const event = toFields(detail, 'the event');
  const { id, type, time } = event;
  const { tenant } = toFields(event.data, 'the data');
  const isKnown = EVENT_TYPES.some((known) => known === type);
  if (!isKnown || !isText(id) || !isText(time) || !isText(tenant)) throw new MalformedMessage('the event');
  // Sound: what the webhooks use was looked at, and the data are passed on as they are.
  return event as UploadEvent;
}

/**
 * The deliveries that a message announces.
 * @throws MalformedMessage
 */
export function parseDeliveryMessage(body: string): DeliveryKey[] {
  const { deliveries } = toFields(parse(body), 'the announcement');
  if (!Array.isArray(deliveries)) throw new MalformedMessage('the list of deliveries');
  return deliveries.map((one: unknown) => {
    const { scope, endpointId, eventId } = toFields(one, 'a delivery');
    if (!isText(scope) || !isText(endpointId) || !isText(eventId)) throw new MalformedMessage('a delivery');
    return { scope, endpointId, eventId };
  });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new MalformedMessage('not JSON');
  }
}

function toFields(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new MalformedMessage(what);
}

/** A text that a key of the table may be made of. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 255;
}
