// Random histories of events, repeats, lost messages, deaths of workers and moods of the endpoint: whatever
// happens, each event ends as one row, and nothing is due any more once all is calm.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliverGroup, toGroups } from '../../../src/lib/webhook/deliver.ts';
import type { Answer } from '../../../src/lib/webhook/schedule.ts';
import { crashing } from '../../fakes/crashing.ts';
import { eventOf, setup } from './world.ts';

const HOUR_MS = 3_600_000;

const mood: fc.Arbitrary<Answer> = fc.constantFrom<Answer>(
  { status: 200 },
  { status: 500, error: 'status' },
  { status: 301, error: 'redirect_refused' },
  { status: 429, error: 'status', retryAfterSeconds: 7 },
  { status: 503, error: 'status' },
  { error: 'timed_out' },
  { error: 'address_refused' },
);

const step = fc.oneof(
  fc.record({ kind: fc.constant('event' as const), id: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ kind: fc.constant('deliver' as const), dieAt: fc.option(fc.integer({ min: 1, max: 12 })) }),
  fc.record({ kind: fc.constant('lose messages' as const) }),
  fc.record({ kind: fc.constant('repeat messages' as const) }),
  fc.record({ kind: fc.constant('sweep' as const) }),
  fc.record({ kind: fc.constant('mood' as const), answer: mood }),
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 30_000 }) }),
);

test('every event ends as one row that is settled, with one id, whatever happened on the way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      let answer: Answer = { status: 200 };
      const world = setup({}, () => answer);
      const { deps, queue } = world;
      const told = new Set<string>();

      const deliver = async (dieAt: number | null) => {
        const { endpoints, deliveries, slots, announce, keys, post } = deps;
        const { ports } = crashing(
          { endpoints, deliveries, slots, keys, net: { post }, queue: { announce } },
          dieAt === null ? undefined : { call: dieAt, when: dieAt % 2 === 0 ? 'after' : 'before' },
        );
        const own = { ...deps, ...ports, post: ports.net.post, announce: ports.queue.announce };
        for (const group of toGroups(queue.take())) {
          await deliverGroup(
            own,
            group,
            () => true,
            () => {},
          ).catch(() => {});
        }
      };

      for (const one of steps) {
        if (one.kind === 'event') {
          told.add(`${one.id}.accepted`);
          await world.fanOut(eventOf(one.id));
        } else if (one.kind === 'deliver') await deliver(one.dieAt);
        else if (one.kind === 'lose messages') queue.messages.length = 0;
        else if (one.kind === 'repeat messages') queue.messages.push(...queue.messages);
        else if (one.kind === 'sweep') await world.sweep();
        else if (one.kind === 'mood') answer = one.answer;
        else world.pass(one.seconds * 1_000);
      }
      // From here on the endpoint is well, and nobody dies.
      answer = { status: 200 };
      await world.run(30 * HOUR_MS, 20_000);

      const rows = [...world.rows.values()];
      expect(new Set(rows.map(({ eventId }) => eventId))).toEqual(told);
      expect(rows).toHaveLength(told.size);
      for (const { state, dueAt, endReason, eventId, attempts } of rows) {
        expect(dueAt).toBeUndefined();
        // Given up only after as many attempts, or as much time, as the schedule has.
        if (state === 'failed') expect(['attempts_exhausted', 'too_old']).toContain(endReason);
        else expect(attempts.at(-1)).toMatchObject({ status: 200 });
        const sent = world.sent.filter(({ headers }) => headers['webhook-id'] === eventId);
        if (state === 'delivered') expect(sent.length).toBeGreaterThan(0);
      }
      expect(world.slots.taken()).toBeLessThanOrEqual(8);
    }),
    { numRuns: 200 },
  );
});
