import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Delivery, DeliveryKey } from '../webhook/delivery.ts';
import type { Endpoint, Scope } from '../webhook/endpoint.ts';

export type Item = Record<string, AttributeValue>;

// Raise it if older code would misread a row of the new form.
const SCHEMA = 1;

/** How long a delivery can be looked at, and made again, after its last beginning. */
const KEPT_SECONDS = 30 * 86_400;

// JSON keeps the parts apart, whatever they contain.
function partition(...parts: readonly string[]): { pk: string } {
  return { pk: JSON.stringify(parts) };
}

export function endpointsIn(scope: Scope): { pk: string } {
  return partition('endpoints', scope);
}

export function endpointKey({ scope, id }: Pick<Endpoint, 'scope' | 'id'>): Item {
  return marshall({ ...endpointsIn(scope), sk: id });
}

/** The row that counts the endpoints of a scope. */
export function countKey(scope: Scope): Item {
  return marshall({ ...partition('endpoint count', scope), sk: '-' });
}

export function deliveriesOf({ scope, id }: Pick<Endpoint, 'scope' | 'id'>): { pk: string } {
  return partition('deliveries', scope, id);
}

export function deliveryKey({ scope, endpointId, eventId }: DeliveryKey): Item {
  return marshall({ ...deliveriesOf({ scope, id: endpointId }), sk: eventId });
}

/** What the keys of a delivery's row say. */
export function toDeliveryKey(item: Item): DeliveryKey {
  const { pk, sk } = unmarshall(item);
  const [, scope, endpointId]: string[] = JSON.parse(String(pk));
  return { scope: scope ?? '', endpointId: endpointId ?? '', eventId: String(sk) };
}

export function slotsOf(endpointId: string): { pk: string } {
  return partition('slots', endpointId);
}

export function slotKey(endpointId: string, slot: number): Item {
  return marshall({ ...slotsOf(endpointId), sk: String(slot) });
}

export function toEndpointItem(endpoint: Endpoint): Item {
  return {
    ...marshall({ ...endpoint, schema: SCHEMA }, { removeUndefinedValues: true }),
    ...endpointKey(endpoint),
  };
}

export function toEndpoint(item: Item): Endpoint {
  const { pk: _pk, sk: _sk, schema, ...endpoint } = unmarshall(item);
  requireKnown(schema);
  // Sound: only this code writes rows of this schema.
  return endpoint as Endpoint;
}

export function toDeliveryItem(delivery: Delivery, dueShard: string): Item {
  const { createdAt, eventId, dueAt } = delivery;
  return {
    ...marshall(
      {
        ...delivery,
        schema: SCHEMA,
        createdAtId: `${String(createdAt).padStart(15, '0')}#${eventId}`,
        forgetAt: forgetAt(createdAt),
        ...(dueAt !== undefined && { dueShard }),
      },
      { removeUndefinedValues: true },
    ),
    ...deliveryKey(delivery),
  };
}

export function toDelivery(item: Item): Delivery {
  const row = unmarshall(item);
  requireKnown(row.schema);
  const { type, body, state, createdAt, beganAt, attemptCount, attempts } = row;
  const { nextAttemptAt, dueAt, endReason } = row;
  return {
    ...toDeliveryKey(item),
    ...{ type, body, state, createdAt, beganAt, attemptCount, attempts },
    ...(nextAttemptAt !== undefined && { nextAttemptAt }),
    ...(dueAt !== undefined && { dueAt }),
    ...(endReason !== undefined && { endReason }),
  };
}

/** DynamoDB's TTL of a delivery that began then; seconds. */
export function forgetAt(beganAt: number): number {
  return Math.floor(beganAt / 1_000) + KEPT_SECONDS;
}

function requireKnown(schema: unknown): void {
  if (schema !== SCHEMA) throw new Error('a row of webhooks has a newer form');
}
