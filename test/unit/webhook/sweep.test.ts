import { expect, test } from 'vitest';
import { MOST_MESSAGES } from '../../../src/lib/due/room.ts';
import type { DueDelivery } from '../../../src/lib/webhook/ports.ts';
import { announceDue } from '../../../src/lib/webhook/sweep.ts';

const NOW = 1_000_000;
const SCOPE = { tenant: 'acme' } as unknown as DueDelivery['scope'];

/** So many deliveries that are due in each shard. */
function setup(counts: Readonly<Record<string, number>>, waiting = 0) {
  const due = new Map(
    Object.entries(counts).map(([shard, count]) => [
      shard,
      Array.from({ length: count }, (_, at) => ({
        scope: SCOPE,
        endpointId: shard,
        eventId: `${shard}${at}`,
        dueAt: at,
      })),
    ]),
  );
  const announced: string[] = [];
  const postponed = new Map<string, number>();
  const messages: number[] = [];
  const deps = {
    deliveries: {
      dueShards: [...due.keys()],
      async *due(shard: string): AsyncGenerator<readonly DueDelivery[]> {
        const rows = due.get(shard) ?? [];
        for (let start = 0; start < rows.length; start += 25) yield rows.slice(start, start + 25);
      },
      postpone: async ({ eventId }: DueDelivery, dueAt: number) => void postponed.set(eventId, dueAt),
    },
    announce: async (keys: readonly { readonly eventId: string }[]) => {
      messages.push(keys.length);
      announced.push(...keys.map(({ eventId }) => eventId));
    },
    countMessages: async () => waiting,
    now: () => NOW,
  };
  const { signal } = new AbortController();
  return { deps, announced, postponed, messages, run: () => announceDue(deps, signal) };
}

test('announces every delivery of every shard that is due, ten in a message, and puts each off', async () => {
  const { run, announced, postponed, messages } = setup({ a: 61, b: 0, c: 7 });
  expect(await run()).toBe(68);
  expect(new Set(announced).size).toBe(68);
  expect(Math.max(...messages)).toBe(10);
  expect([...postponed.keys()].toSorted()).toEqual(announced.toSorted());
  expect(new Set(postponed.values())).toEqual(new Set([NOW + 180_000]));
});

test('announces as much as the queue has room for, and leaves the others as they are', async () => {
  const { run, announced, postponed } = setup({ a: 500, b: 500 }, MOST_MESSAGES - 3);
  expect(await run()).toBeLessThanOrEqual(30);
  expect(announced.length).toBeGreaterThan(0);
  expect([...postponed.keys()].toSorted()).toEqual(announced.toSorted());
  const full = setup({ a: 500 }, MOST_MESSAGES);
  expect(await full.run()).toBe(0);
  expect(full.postponed.size).toBe(0);
});

test('announces what other shards have due when one cannot be read, and ends with its fault', async () => {
  const { deps, announced, run } = setup({ a: 5, b: 5 });
  const { due } = deps.deliveries;
  deps.deliveries.due = (shard) => {
    if (shard === 'a') throw new Error('throttled');
    return due(shard);
  };
  await expect(run()).rejects.toThrow('throttled');
  expect(announced).toHaveLength(5);
});

test('goes on with the others when a message cannot be sent, and leaves its deliveries due', async () => {
  const { deps, announced, postponed, run } = setup({ a: 30 });
  const { announce } = deps;
  deps.announce = async (keys) => {
    if (keys.some(({ eventId }) => eventId === 'a0')) throw new Error('SQS is down');
    await announce(keys);
  };
  await expect(run()).rejects.toThrow('SQS is down');
  expect(announced.length).toBeGreaterThanOrEqual(15);
  expect(postponed.has('a0')).toBe(false);
});
