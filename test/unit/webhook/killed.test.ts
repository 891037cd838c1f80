import { describe, expect, test } from 'vitest';
import { type DeliverDeps, deliverGroup, toGroups } from '../../../src/lib/webhook/deliver.ts';
import { fanOut } from '../../../src/lib/webhook/fan-out.ts';
import type { Answer } from '../../../src/lib/webhook/schedule.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';
import { eventOf, setup } from './world.ts';

type World = ReturnType<typeof setup>;

const ANSWERS: readonly (readonly [string, (count: number) => Answer])[] = [
  ['that takes everything', () => ({ status: 200 })],
  ['that fails once', (count) => (count === 1 ? { status: 500 } : { status: 200 })],
  ['that is busy once', (count) => (count === 1 ? { status: 429 } : { status: 200 })],
  ['that does not answer once', (count) => (count === 1 ? { error: 'timed_out' } : { status: 200 })],
  ['that is gone', () => ({ status: 410 })],
];

/** The adapters of a process that is killed at one of its calls. */
function mortal(deps: World['deps'], crash?: Crash) {
  const { endpoints, deliveries, slots, announce, keys, post } = deps;
  const { ports, calls } = crashing(
    { endpoints, deliveries, slots, keys, net: { post }, queue: { announce } },
    crash,
  );
  const own: DeliverDeps = {
    ...deps,
    endpoints: ports.endpoints,
    deliveries: ports.deliveries,
    slots: ports.slots,
    keys: ports.keys,
    post: ports.net.post,
    announce: ports.queue.announce,
  };
  return { own, ports, calls };
}

/** Fans out an event and delivers it; both may be killed, and the messages come again. */
async function live(answer: (count: number) => Answer, crash?: Crash) {
  const world = setup({}, (_sent, count) => answer(count));
  const { own, ports, calls } = mortal(world.deps, crash);
  const first = await fanOut({ ...own, deliveries: ports.deliveries }, eventOf()).then(
    () => 'done',
    () => 'killed',
  );
  // The queue gives the event again.
  if (first === 'killed') await world.fanOut();
  const keys = world.queue.take();
  for (const group of toGroups(keys)) {
    await deliverGroup(
      own,
      group,
      () => true,
      () => {},
    ).catch(() => world.queue.announce(keys, 60));
  }
  await world.run(3_600_000);
  return { ...world, calls: calls() };
}

describe.each(ANSWERS)(
  'a process that is killed at any of its calls, with an endpoint %s',
  (_name, answer) => {
    test('leaves one row, which ends as it does when nobody is killed, and one id', async () => {
      const calm = await live(answer);
      const wanted = calm.row();
      expect(wanted?.state).not.toBe('pending');
      expect(calm.calls).toBeGreaterThan(6);
      for (let call = 1; call <= calm.calls; call += 1) {
        for (const when of ['before', 'after'] as const) {
          const { rows, row, sent, endpoint, slots } = await live(answer, { call, when });
          const where = `${when} call ${call}`;
          expect(rows.size, where).toBe(1);
          expect(row()?.state, where).toBe(wanted?.state);
          expect(row()?.dueAt, where).toBeUndefined();
          expect(endpoint()?.enabled, where).toBe(calm.endpoint()?.enabled);
          expect(new Set(sent.map(({ headers }) => headers['webhook-id'])), where).toEqual(
            new Set(['a0.accepted']),
          );
          // At least once, and once more at most for the one time that it was killed.
          expect(sent.length, where).toBeGreaterThanOrEqual(calm.sent.length);
          expect(sent.length, where).toBeLessThanOrEqual(calm.sent.length + 1);
          expect(slots.taken(), where).toBeLessThanOrEqual(1);
        }
      }
    });

    test('without the queue giving anything again, the sweep brings it to the same end', async () => {
      const calm = await live(answer);
      for (let call = 1; call <= calm.calls; call += 1) {
        const world = setup({}, (_sent, count) => answer(count));
        await world.fanOut();
        const { own } = mortal(world.deps, { call, when: 'after' });
        for (const group of toGroups(world.queue.take())) {
          await deliverGroup(
            own,
            group,
            () => true,
            () => {},
          ).catch(() => {});
        }
        await world.run(3_600_000);
        expect(world.row()?.state, `after call ${call}`).toBe(calm.row()?.state);
      }
    });
  },
);

test('a duplicate of the event at every moment makes no second row and no second message', async () => {
  for (const at of [0, 1, 2, 3]) {
    const world = setup();
    if (at === 0) await Promise.all([world.fanOut(), world.fanOut(), world.fanOut()]);
    else await world.fanOut();
    if (at === 1) await world.fanOut();
    await Promise.all([world.deliverAll(), at === 2 ? world.fanOut() : undefined]);
    if (at === 3) await world.fanOut();
    await world.run(300_000);
    expect([at, world.rows.size, world.sent.length]).toEqual([at, 1, 1]);
  }
});
