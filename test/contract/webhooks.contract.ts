import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Delivery, giveUp, newDelivery, startAgain } from '../../src/lib/webhook/delivery.ts';
import { ALL_TENANTS, DEPLOYMENTS_OWN, type Endpoint, LIMITS } from '../../src/lib/webhook/endpoint.ts';
import type { Deliveries, Endpoints, Slots } from '../../src/lib/webhook/ports.ts';

type Stores = { readonly endpoints: Endpoints; readonly deliveries: Deliveries; readonly slots: Slots };

const NOW = 1_795_166_100_000;

function anEndpoint(changes: Partial<Endpoint> = {}): Endpoint {
  return {
    id: randomUUID(),
    scope: `t-${randomUUID()}`,
    url: 'https://hooks.example.com/',
    types: ['upload.accepted'],
    signatures: ['v1', 'v1a'],
    enabled: true,
    createdAt: NOW,
    version: 1,
    revision: 1,
    ...changes,
  };
}

/** What every store of webhooks promises. `create` gives one that may hold other tests' rows. */
export function webhooksContract(name: string, create: () => Promise<Stores>): void {
  const setup = async (at = NOW) => {
    const stores = await create();
    const key = { scope: ALL_TENANTS, endpointId: randomUUID(), eventId: `${randomUUID()}.accepted` };
    const delivery = newDelivery(key, { type: 'upload.accepted', body: '{"ü":"€"}' }, at);
    const { created } = await stores.deliveries.create(delivery);
    return { ...stores, key, delivery, created };
  };
  const lease = (worker: string, now = NOW) => ({ worker, now, endsAt: now + 25_000 });
  const attempt = { at: NOW, ms: 12, status: 500, error: 'status' } as const;

  describe(`${name}: endpoints`, () => {
    test('are given back field by field, to their own scope alone', async () => {
      const { endpoints } = await create();
      const endpoint = anEndpoint({ previousUntil: NOW + 1, pausedUntil: NOW + 2, pauses: 3 });
      expect(await endpoints.add(endpoint)).toBe(true);
      expect(await endpoints.list(endpoint.scope)).toEqual([endpoint]);
      expect(await endpoints.list(`${endpoint.scope}0`)).toEqual([]);
    });

    test('are as many as the limit in one scope, however many are added at once', async () => {
      const { endpoints } = await create();
      const scope = `t-${randomUUID()}`;
      const added = await Promise.all(
        Array.from({ length: LIMITS.endpoints + 3 }, async () => {
          // A store that is busy with the rows of another call says so, and is asked again.
          for (;;) {
            const isAdded = await endpoints.add(anEndpoint({ scope })).catch(() => undefined);
            if (isAdded !== undefined) return isAdded;
          }
        }),
      );
      expect(added.filter(Boolean)).toHaveLength(LIMITS.endpoints);
      const [first] = await endpoints.list(scope);
      expect(await endpoints.list(scope)).toHaveLength(LIMITS.endpoints);
      if (first) await endpoints.remove(first);
      if (first) await endpoints.remove(first);
      expect(await endpoints.add(anEndpoint({ scope }))).toBe(true);
      expect(await endpoints.add(anEndpoint({ scope }))).toBe(false);
    });

    test('change only as they were seen', async () => {
      const { endpoints } = await create();
      const seen = anEndpoint();
      await endpoints.add(seen);
      const next = { ...seen, enabled: false, revision: 2 };
      expect(await endpoints.change(seen, next)).toBe(true);
      expect(await endpoints.change(seen, { ...seen, version: 2, revision: 2 })).toBe(false);
      expect(await endpoints.list(seen.scope)).toEqual([next]);
    });

    test('that were removed do not come back by a change', async () => {
      const { endpoints } = await create();
      const seen = anEndpoint();
      await endpoints.add(seen);
      await endpoints.remove(seen);
      expect(await endpoints.change(seen, { ...seen, revision: 2 })).toBe(false);
      expect(await endpoints.list(seen.scope)).toEqual([]);
    });

    test('of the deployment get their row by their first change', async () => {
      const { endpoints } = await create();
      const seen = anEndpoint({ id: DEPLOYMENTS_OWN, revision: 0 });
      const next = { ...seen, revision: 1, version: 2 };
      expect(await endpoints.change(seen, next)).toBe(true);
      expect(await endpoints.change(seen, next)).toBe(false);
      expect(await endpoints.list(seen.scope)).toEqual([next]);
    });
  });

  describe(`${name}: deliveries`, () => {
    test('are made once, and given back field by field', async () => {
      const { deliveries, key, delivery, created } = await setup();
      expect(created).toBe(true);
      expect(await deliveries.read(key)).toEqual(delivery);
      expect(await deliveries.create({ ...delivery, body: 'another' })).toEqual({ created: false, delivery });
      expect(await deliveries.read({ ...key, eventId: 'unknown' })).toBeUndefined();
    });

    test('that are due are one worker’s, until its lease ends', async () => {
      const { deliveries, key } = await setup();
      expect(await deliveries.claim(key, lease('w1'))).toMatchObject({ state: 'pending', attemptCount: 0 });
      expect(await deliveries.claim(key, lease('w2'))).toBeUndefined();
      expect(await deliveries.claim(key, lease('w2', NOW + 24_999))).toBeUndefined();
      expect(await deliveries.claim(key, lease('w2', NOW + 25_000))).toBeDefined();
    });

    test('that are not due, settled or unknown are nobody’s', async () => {
      const { deliveries, key } = await setup();
      expect(await deliveries.claim(key, lease('w1', NOW - 1))).toBeUndefined();
      expect(await deliveries.claim({ ...key, eventId: 'unknown' }, lease('w1'))).toBeUndefined();
      const claimed = await deliveries.claim(key, lease('w1'));
      if (claimed) await deliveries.record(claimed, 'w1', { state: 'delivered', attemptCount: 1 });
      expect(await deliveries.claim(key, lease('w1', NOW + 100_000))).toBeUndefined();
    });

    test('are written by the worker that has them, and by no other', async () => {
      const { deliveries, key } = await setup();
      const claimed = await deliveries.claim(key, lease('w1'));
      if (claimed === undefined) throw new Error('not claimed');
      const changes = {
        state: 'pending',
        attemptCount: 1,
        attempts: [attempt],
        nextAttemptAt: NOW + 5_000,
        dueAt: NOW + 65_000,
      } as const;
      expect(await deliveries.record(claimed, 'w2', changes)).toBe(false);
      expect(await deliveries.record(claimed, 'w1', changes)).toBe(true);
      expect(await deliveries.read(key)).toMatchObject(changes);
      // The lease is over, so that the next attempt can be claimed.
      expect(await deliveries.claim(key, lease('w2', NOW + 5_000))).toBeDefined();
    });

    test('that are recorded again after a lost reply count as recorded', async () => {
      const { deliveries, key } = await setup();
      const claimed = await deliveries.claim(key, lease('w1'));
      if (claimed === undefined) throw new Error('not claimed');
      const changes = { state: 'delivered', attemptCount: 1, attempts: [attempt] } as const;
      expect(await deliveries.record(claimed, 'w1', changes)).toBe(true);
      const again = await deliveries.record(claimed, 'w1', changes);
      // A store without lost replies may say either.
      expect([true, false]).toContain(again);
      expect(await deliveries.read(key)).toMatchObject({ state: 'delivered', attemptCount: 1 });
    });

    test('change as they were seen, unless somebody works on them', async () => {
      const { deliveries, key, delivery } = await setup();
      await deliveries.claim(key, lease('w1'));
      expect(await deliveries.change(delivery, giveUp('endpoint_removed'), NOW)).toBe(false);
      expect(await deliveries.change(delivery, giveUp('endpoint_removed'), NOW + 25_000)).toBe(true);
      const failed = await deliveries.read(key);
      expect(failed).toMatchObject({ state: 'failed', endReason: 'endpoint_removed' });
      expect(failed).not.toHaveProperty('nextAttemptAt');
      expect(failed).not.toHaveProperty('dueAt');
      expect(await deliveries.change(delivery, startAgain(NOW), NOW)).toBe(false);
      if (failed) expect(await deliveries.change(failed, startAgain(NOW), NOW)).toBe(true);
      expect(await deliveries.read(key)).toEqual({ ...delivery, attempts: [] });
    });

    test('are listed by endpoint, the newest first, in pages', async () => {
      const { deliveries, key, delivery } = await setup();
      const made: Delivery[] = [delivery];
      for (let index = 1; index < 3; index += 1) {
        const next = newDelivery({ ...key, eventId: `e${index}` }, { type: 'a', body: '' }, NOW + index);
        await deliveries.create(next);
        made.unshift(next);
      }
      const endpoint = { scope: key.scope, id: key.endpointId };
      const first = await deliveries.list(endpoint, { limit: 2 });
      expect(first.deliveries).toEqual(made.slice(0, 2));
      expect(await deliveries.list({ ...endpoint, id: 'other' }, { limit: 2 })).toEqual({ deliveries: [] });
      if (first.cursor === undefined) return; // memory has no pages
      const second = await deliveries.list(endpoint, { limit: 2, cursor: first.cursor });
      expect(second.deliveries).toEqual(made.slice(2));
    });

    test('are due until they are settled or put off', async () => {
      const { deliveries, key, delivery } = await setup();
      const dueAt = delivery.dueAt ?? 0;
      const isDue = async (now: number) => {
        for (const shard of deliveries.dueShards) {
          for await (const page of deliveries.due(shard, now)) {
            const found = page.find(({ endpointId }) => endpointId === key.endpointId);
            if (found) return found;
          }
        }
        return undefined;
      };
      expect(await isDue(dueAt - 1)).toBeUndefined();
      const due = await isDue(dueAt);
      expect(due).toMatchObject({ ...key, dueAt });
      if (due) await deliveries.postpone(due, dueAt + 1_000);
      expect(await isDue(dueAt)).toBeUndefined();
      if (due) await deliveries.postpone(due, dueAt + 9_000); // has been put off since
      expect(await isDue(dueAt + 1_000)).toBeDefined();
      await deliveries.change(delivery, giveUp('too_old'), NOW);
      expect(await isDue(dueAt + 100_000)).toBeUndefined();
    });
  });

  describe(`${name}: slots`, () => {
    test('are as many as the limit, and free again when they are given back or their worker is dead', async () => {
      const { slots } = await create();
      const id = randomUUID();
      const taken: (number | undefined)[] = [];
      for (let index = 0; index < LIMITS.slots; index += 1) {
        taken.push(await slots.take(id, lease(`w${index}`)));
      }
      expect(new Set(taken)).toEqual(new Set(Array.from({ length: LIMITS.slots }, (_, slot) => slot)));
      expect(await slots.take(id, lease('late'))).toBeUndefined();
      expect(await slots.take(randomUUID(), lease('w'))).toBeDefined();
      await slots.release(id, taken[0] ?? 0, 'somebody else');
      expect(await slots.take(id, lease('late'))).toBeUndefined();
      await slots.release(id, taken[0] ?? 0, 'w0');
      expect(await slots.take(id, lease('late'))).toBe(taken[0]);
      expect(await slots.take(id, lease('later', NOW + 25_000))).toBeDefined();
    });
  });
}
