import type { UploadEvent } from '@sluice/contract/event';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/lib/event/ports.ts';
import { type Brought, type BuriedFor, publish } from '../../../src/lib/event/publish.ts';
import { UnreadableRow } from '../../../src/lib/upload/faults.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, crashing } from '../../fakes/crashing.ts';
import { createMemoryFeed } from '../../fakes/memory-feed.ts';

const NOW = Date.parse('2026-11-20T09:15:00Z');

/** The change by which an upload was accepted. */
function accepted(id: string, changes: Partial<Upload> = {}, changedAt = NOW): Brought {
  const before = aRequest({ id, state: 'verifying' });
  const after: Upload = {
    ...before,
    state: 'accepted',
    servedType: 'image/jpeg',
    settledAt: NOW,
    ...changes,
  };
  return { sequence: `1${id}`, rowId: id, changedAt, read: () => ({ before, after, changedAt }) };
}

function unreadable(id: string): Brought {
  const fail = () => {
    throw new UnreadableRow(id, 'its schema is a newer one');
  };
  return { sequence: `1${id}`, rowId: id, changedAt: NOW, read: fail };
}

type Answer = readonly Delivery[] | Error;

/**
 * @param answers of the bus, one for each call; when they are used up, it takes everything
 */
function setup({ answers = [] as Answer[], now = NOW, remainingMs = 30_000 } = {}) {
  const feed = createMemoryFeed();
  const calls: string[][] = [];
  const onBus: UploadEvent[] = [];
  const buried: [string, BuriedFor][] = [];
  const told: string[] = [];
  const bus = {
    async put(events: readonly UploadEvent[]): Promise<readonly Delivery[]> {
      const answer = answers[calls.length] ?? events.map(() => 'taken' as const);
      calls.push(events.map(({ subject }) => subject));
      if (answer instanceof Error) throw answer;
      onBus.push(...events.filter((_event, index) => answer[index] === 'taken'));
      return answer;
    },
  };
  const deps = {
    feed,
    bus,
    bury: async ({ rowId }: Brought, why: BuriedFor) => void buried.push([rowId, why]),
    source: 'urn:sluice:test',
    now: () => now,
    random: () => 0.5,
    sleep: async () => {},
    remainingMs: () => remainingMs,
    report: {
      published: ({ id }: UploadEvent) => void told.push(`published ${id}`),
      buried: ({ rowId }: Brought, why: BuriedFor) => void told.push(`buried ${rowId} ${why}`),
      failed: ({ rowId }: Brought, error: unknown) =>
        void told.push(`failed ${rowId} ${(error as Error).name}`),
    },
  };
  const run = async (...batch: readonly Brought[]) => (await publish(deps, batch)).map(({ rowId }) => rowId);
  const inFeed = () => feed.all().map(({ event }) => event.subject);
  return { deps, run, calls, onBus, buried, told, inFeed };
}

function many(count: number, changes: Partial<Upload> = {}) {
  return Array.from({ length: count }, (_, index) => accepted(String(index), changes));
}

describe('a batch of changes', () => {
  test('is written to the feed and put on the bus, and nothing of it comes again', async () => {
    const { run, onBus, inFeed, told } = setup();
    expect(await run(accepted('1'), accepted('2'))).toEqual([]);
    expect(onBus.map(({ id }) => id)).toEqual(['1.accepted', '2.accepted']);
    expect(inFeed()).toEqual(['1', '2']);
    expect(told).toEqual(['published 1.accepted', 'published 2.accepted']);
  });

  test('makes no event of what changes nothing that others act on', async () => {
    const { run, calls, inFeed } = setup();
    const { read, ...same } = accepted('1');
    const postponed = {
      ...same,
      read: async () => {
        const { after, changedAt } = await read();
        return { before: after, after: { ...after, dueAt: 9 }, changedAt };
      },
    };
    expect(await run(postponed)).toEqual([]);
    expect(calls).toEqual([]);
    expect(inFeed()).toEqual([]);
  });

  test('is put on the bus ten at a time, and no more than 256 KB at a time', async () => {
    const { run, calls } = setup();
    await run(...many(23));
    expect(calls.map(({ length }) => length)).toEqual([10, 10, 3]);
    const large = setup();
    await large.run(...many(7, { metadata: { note: 'x'.repeat(100_000) } }));
    expect(large.calls.map(({ length }) => length)).toEqual([2, 2, 2, 1]);
  });

  test('has its bytes counted as they are sent, whatever the characters', async () => {
    const { run, deps, calls } = setup();
    const sizes: number[] = [];
    const { put } = deps.bus;
    deps.bus.put = (events) => {
      sizes.push(events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0));
      return put(events);
    };
    await run(...many(9, { metadata: { note: '\u0000💾é'.repeat(4_000) } }));
    expect(calls.flat()).toHaveLength(9);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
  });

  test('whose entries the bus takes in part gives it the others again, and only them', async () => {
    const { run, calls } = setup({ answers: [['taken', 'later', 'taken'], ['taken']] });
    expect(await run(...many(3))).toEqual([]);
    expect(calls).toEqual([['0', '1', '2'], ['1']]);
  });

  test('of which the bus takes some never has those come again, from the first on', async () => {
    const later: Answer = ['taken', 'later', 'later'];
    const { run, told } = setup({ answers: [later, ['later', 'later'], ['later', 'later']] });
    expect(await run(...many(3))).toEqual(['1', '2']);
    expect(told).toEqual(['published 0.accepted', 'failed 1 NotTaken', 'failed 2 NotTaken']);
  });

  test('comes again when the bus is throttled as a whole, and never throws', async () => {
    const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    const { run, told } = setup({ answers: [throttled, throttled] });
    expect(await run(...many(12))).toEqual(Array.from({ length: 12 }, (_, index) => String(index)));
    expect(told[0]).toBe('failed 0 ThrottlingException');
  });

  test('comes again when the bus answers for fewer events than it was given', async () => {
    const { run } = setup({ answers: [['taken'], [], []] });
    expect(await run(...many(2))).toEqual(['1']);
  });

  test('of which one is not in the feed has that one come again, and does not put it on the bus', async () => {
    const { run, deps, onBus } = setup();
    const { write } = deps.feed;
    deps.feed.write = async (bucket, entry) => {
      if (entry.event.subject === '1') throw new Error('ProvisionedThroughputExceeded');
      return write(bucket, entry);
    };
    expect(await run(...many(3))).toEqual(['1']);
    expect(onBus.map(({ subject }) => subject)).toEqual(['0', '2']);
  });

  test('begins nothing when there is too little time, and has the rest come again', async () => {
    const { run, calls, told } = setup({ remainingMs: 4_000 });
    expect(await run(...many(2))).toEqual(['0', '1']);
    expect(calls).toEqual([]);
    expect(told).toContain('failed 0 NoTimeLeft');
  });
});

describe('a change that cannot be published', () => {
  test('because its row is not readable goes to the dead-letter queue, and holds up none of its neighbours', async () => {
    const { run, buried, onBus } = setup();
    expect(await run(accepted('1'), unreadable('2'), accepted('3'))).toEqual([]);
    expect(buried).toEqual([['2', 'unreadable']]);
    expect(onBus.map(({ subject }) => subject)).toEqual(['1', '3']);
  });

  test('because its event is larger than the bus takes goes there, too', async () => {
    const { run, buried, inFeed } = setup();
    expect(await run(accepted('1', { metadata: { note: 'x'.repeat(262_000) } }))).toEqual([]);
    expect(buried).toEqual([['1', 'oversized']]);
    expect(inFeed()).toEqual([]);
  });

  test('because the bus refuses it for good goes there, too', async () => {
    const { run, buried } = setup({ answers: [['taken', 'never']] });
    expect(await run(...many(2))).toEqual([]);
    expect(buried).toEqual([['1', 'refused']]);
  });

  test('because of a fault in the making of its event goes there, too, and the fault is told', async () => {
    const { run, buried } = setup();
    // A date that is none: what makes an event of it throws.
    expect(await run(accepted('1', { settledAt: Number.NaN }))).toEqual([]);
    expect(buried).toEqual([['1', 'fault']]);
  });

  test('for more than an hour goes there, and makes room for what comes behind it', async () => {
    const down = new Error('no such bus');
    const { run, buried } = setup({ answers: [down] });
    expect(await run(accepted('1', {}, NOW - 3_600_001), accepted('2', {}, NOW - 3_600_000))).toEqual(['2']);
    expect(buried).toEqual([['1', 'overdue']]);
  });

  test('comes again when the dead-letter queue does not take it, either', async () => {
    const { run, deps, told } = setup();
    deps.bury = async () => Promise.reject(new Error('the queue is gone'));
    expect(await run(unreadable('1'), accepted('2'))).toEqual(['1']);
    expect(told).toEqual(['failed 1 Error', 'published 2.accepted']);
  });
});

test('a change that is brought again is the same event', async () => {
  const { run, onBus } = setup();
  await run(accepted('1'));
  await run(accepted('1'));
  const [first, second] = onBus;
  expect(second).toEqual(first);
});

describe('killed at every call', () => {
  /** Brings a batch until all of it is acknowledged, killed once at `crash`; says what became of it. */
  async function bring(crash?: Crash) {
    const world = setup({ answers: [['taken', 'later', 'never']] });
    const batch = [accepted('0'), accepted('1'), unreadable('2'), accepted('3')];
    const { feed, bus, bury } = world.deps;
    const { ports, calls } = crashing({ feed, bus, queue: { bury } }, crash);
    const first = { ...world.deps, feed: ports.feed, bus: ports.bus, bury: ports.queue.bury };
    const isKilled = () => crash !== undefined && calls() >= crash.call;
    // What a killed function answers, nobody hears: the stream brings all of it again.
    const answer = await publish(first, batch);
    let left = isKilled() ? batch : answer;
    for (let rounds = 0; left.length > 0 && rounds < 5; rounds += 1) left = await publish(world.deps, left);
    return { ...world, left, calls: calls() };
  }

  test('every event is on the bus and in the feed, or in the dead-letter queue', async () => {
    const { calls } = await bring();
    expect(calls).toBeGreaterThan(5);
    for (let call = 1; call <= calls; call += 1) {
      for (const when of ['before', 'after'] as const) {
        const { onBus, inFeed, buried, left } = await bring({ call, when });
        expect(left).toEqual([]);
        const ended = new Set([...onBus.map(({ subject }) => subject), ...buried.map(([id]) => id)]);
        expect([...ended].toSorted(), `killed ${when} call ${call}`).toEqual(['0', '1', '2', '3']);
        for (const { subject } of onBus) expect(inFeed()).toContain(subject);
        expect(new Set(onBus.map(({ id }) => id)).size).toBe(
          new Set(onBus.map(({ subject }) => subject)).size,
        );
      }
    }
  });
});

test('whatever the feed, the bus and the queue answer, each change is delivered, buried, or comes again', async () => {
  const outcome = fc.constantFrom('taken', 'later', 'never', 'throws' as const);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('accepted', 'unreadable', 'oversized' as const), { maxLength: 15 }),
      fc.infiniteStream(outcome),
      fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
      async (kinds, outcomes, dice) => {
        const { deps, run, onBus, buried, inFeed } = setup();
        const { write } = deps.feed;
        const { bury } = deps;
        const fails = () => dice.next().value === 0;
        deps.feed.write = async (bucket, entry) =>
          fails() ? Promise.reject(new Error('feed')) : write(bucket, entry);
        deps.bury = async (brought, why) =>
          fails() ? Promise.reject(new Error('queue')) : bury(brought, why);
        deps.bus.put = async (events) => {
          const answers = events.map(() => outcomes.next().value);
          if (answers.includes('throws')) throw new Error('bus');
          onBus.push(...events.filter((_event, index) => answers[index] === 'taken'));
          return answers as Delivery[];
        };
        const batch = kinds.map((kind, index) => {
          if (kind === 'unreadable') return unreadable(String(index));
          return accepted(
            String(index),
            kind === 'oversized' ? { metadata: { x: 'x'.repeat(262_000) } } : {},
          );
        });
        const failed = await run(...batch);
        const taken = onBus.map(({ subject }) => subject);
        for (const { rowId } of batch) {
          const isBuried = buried.some(([id]) => id === rowId);
          expect([taken.includes(rowId), isBuried, failed.includes(rowId)].filter(Boolean)).toHaveLength(1);
          if (taken.includes(rowId)) expect(inFeed()).toContain(rowId);
        }
      },
    ),
  );
});
