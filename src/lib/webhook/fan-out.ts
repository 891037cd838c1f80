import type { UploadEvent } from '@sluice/contract/event';
import { newDelivery } from './delivery.ts';
import { ALL_TENANTS, LIMITS, type Scope, takes } from './endpoint.ts';
import type { Announce, Deliveries, Endpoints } from './ports.ts';

export type FanOutDeps = {
  readonly endpoints: Pick<Endpoints, 'list'>;
  readonly deliveries: Pick<Deliveries, 'create'>;
  readonly announce: Announce;
  readonly now: () => number;
};

/**
 * Makes one delivery of an event for each endpoint that is to hear of it, and announces those that nobody has
 * tried. Safe to repeat: a row that is there stays as it is.
 * @returns how many deliveries are new
 */
export async function fanOut(deps: FanOutDeps, event: UploadEvent): Promise<number> {
  const { endpoints, deliveries, announce, now } = deps;
  const scopes = [ALL_TENANTS, event.data.tenant];
  const all = await Promise.all(scopes.map((scope) => endpoints.list(scope)));
  const listeners = all.flat().filter((endpoint) => takes(endpoint, event.type));
  if (listeners.length === 0) return 0;
  const message = { type: event.type, body: toBody(event) };
  const made = await Promise.all(
    listeners.map(({ id, scope }) => {
      const key = { scope, endpointId: id, eventId: event.id };
      return deliveries.create(newDelivery(key, message, now()));
    }),
  );
  // Of those that were there already too: whoever made them may have died before it announced them.
  const untried = made
    .map(({ delivery }) => delivery)
    .filter(({ state, attemptCount }) => state === 'pending' && attemptCount === 0);
  if (untried.length > 0) await announce(untried, 0);
  return made.filter(({ created }) => created).length;
}

/** Endpoints that are read once in each scope, for the events of one batch. */
export function readOnce({ list }: Pick<Endpoints, 'list'>): Pick<Endpoints, 'list'> {
  const lists = new Map<Scope, ReturnType<Endpoints['list']>>();
  return {
    list: (scope) => {
      const known = lists.get(scope) ?? list(scope);
      lists.set(scope, known);
      return known;
    },
  };
}

/**
 * An event as an endpoint gets it. Where it would be larger than a webhook may be, which takes metadata that
 * are full of control characters, they are left out, and `metadataOmitted` says so.
 * @throws Error when it is too large even so
 */
export function toBody({ type, time, data }: Pick<UploadEvent, 'type' | 'time' | 'data'>): string {
  const body = JSON.stringify({ type, timestamp: time, data });
  if (isFit(body)) return body;
  const shorter = { ...data, metadata: {}, metadataOmitted: true };
  const without = JSON.stringify({ type, timestamp: time, data: shorter });
  if (!isFit(without)) throw new Error('an event is too large for a webhook');
  return without;
}

function isFit(body: string): boolean {
  return Buffer.byteLength(body) <= LIMITS.bodyBytes;
}
