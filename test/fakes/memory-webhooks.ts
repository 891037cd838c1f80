import type { Delivery, DeliveryChanges, DeliveryKey } from '../../src/lib/webhook/delivery.ts';
import { type Endpoint, LIMITS } from '../../src/lib/webhook/endpoint.ts';
import type { Announce, Deliveries, Endpoints, Slots } from '../../src/lib/webhook/ports.ts';

/** Endpoints in memory. */
export function memoryEndpoints(rows = new Map<string, Endpoint>()) {
  const endpoints: Endpoints = {
    list: async (scope) => [...rows.values()].filter((row) => row.scope === scope),
    add: async (endpoint) => {
      const own = [...rows.values()].filter(({ scope }) => scope === endpoint.scope);
      if (own.length >= LIMITS.endpoints) return false;
      rows.set(endpoint.id, endpoint);
      return true;
    },
    change: async (seen, next) => {
      const row = rows.get(seen.id);
      if (row === undefined ? seen.revision !== 0 : row.revision !== seen.revision) return false;
      rows.set(next.id, next);
      return true;
    },
    remove: async ({ id }) => {
      rows.delete(id);
    },
  };
  return { endpoints, rows };
}

type Row = Delivery & { readonly worker?: string; readonly leaseEndsAt?: number };

function nameOf({ endpointId, eventId }: DeliveryKey): string {
  return `${endpointId} ${eventId}`;
}

/** Deliveries in memory, with the conditions of the real table. */
export function memoryDeliveries(rows = new Map<string, Row>()) {
  const write = (row: Row, changes: DeliveryChanges) => {
    const { worker: _w, leaseEndsAt: _l, nextAttemptAt: _n, dueAt: _d, endReason: _e, ...rest } = row;
    rows.set(nameOf(row), { ...rest, ...changes });
    return true;
  };
  const isAsSeen = (row: Row | undefined, seen: Delivery): row is Row =>
    row !== undefined && row.state === seen.state && row.attemptCount === seen.attemptCount;
  const deliveries: Deliveries = {
    create: async (delivery) => {
      const row = rows.get(nameOf(delivery));
      if (row !== undefined) return { created: false, delivery: row };
      rows.set(nameOf(delivery), delivery);
      return { created: true, delivery };
    },
    read: async (key) => rows.get(nameOf(key)),
    claim: async (key, { worker, now, endsAt }) => {
      const row = rows.get(nameOf(key));
      if (row?.state !== 'pending' || (row.nextAttemptAt ?? 0) > now) return undefined;
      if (row.leaseEndsAt !== undefined && row.leaseEndsAt > now) return undefined;
      const claimed: Row = { ...row, worker, leaseEndsAt: endsAt, dueAt: endsAt };
      rows.set(nameOf(key), claimed);
      return claimed;
    },
    record: async (seen, worker, changes) => {
      const row = rows.get(nameOf(seen));
      return isAsSeen(row, seen) && row.worker === worker && write(row, changes);
    },
    change: async (seen, changes, now) => {
      const row = rows.get(nameOf(seen));
      return isAsSeen(row, seen) && (row.leaseEndsAt ?? 0) <= now && write(row, changes);
    },
    list: async ({ id }, { limit }) => ({
      deliveries: [...rows.values()]
        .filter(({ endpointId }) => endpointId === id)
        .toSorted((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit),
    }),
    dueShards: ['0'],
    async *due(_shard, now) {
      yield [...rows.values()].flatMap((row) =>
        row.dueAt !== undefined && row.dueAt <= now ? [{ ...row, dueAt: row.dueAt }] : [],
      );
    },
    postpone: async (due, dueAt) => {
      const row = rows.get(nameOf(due));
      if (row?.dueAt === due.dueAt) rows.set(nameOf(row), { ...row, dueAt });
    },
  };
  return { deliveries, rows };
}

/** Slots in memory. */
export function memorySlots(count: number = LIMITS.slots): Slots & { readonly taken: () => number } {
  const held = new Map<string, { readonly worker: string; readonly endsAt: number }>();
  return {
    take: async (endpointId, { worker, now, endsAt }) => {
      for (let slot = 0; slot < count; slot += 1) {
        const name = `${endpointId} ${slot}`;
        if ((held.get(name)?.endsAt ?? 0) > now) continue;
        held.set(name, { worker, endsAt });
        return slot;
      }
      return undefined;
    },
    release: async (endpointId, slot, worker) => {
      const name = `${endpointId} ${slot}`;
      if (held.get(name)?.worker === worker) held.delete(name);
    },
    taken: () => held.size,
  };
}

/** A queue in memory, whose messages stay until they are taken. */
export function memoryQueue(now: () => number) {
  const messages: { readonly key: DeliveryKey; readonly at: number }[] = [];
  const announce: Announce = async (keys, delaySeconds) => {
    for (const { scope, endpointId, eventId } of keys) {
      messages.push({ key: { scope, endpointId, eventId }, at: now() + delaySeconds * 1_000 });
    }
  };
  return {
    announce,
    messages,
    /** Takes the messages whose time has come. */
    take: (): DeliveryKey[] => {
      const due = messages.filter(({ at }) => at <= now());
      for (const message of due) messages.splice(messages.indexOf(message), 1);
      return due.map(({ key }) => key);
    },
  };
}
