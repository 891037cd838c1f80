// A sweep that has more to do than it can: nothing is starved, and the queue is not flooded.
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { MOST_MESSAGES } from '../../../src/lib/due/room.ts';
import { CopyUnfinished } from '../../../src/lib/upload/faults.ts';
import { type Swept, sweep } from '../../../src/lib/upload/sweep.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EVERY = 5 * MINUTE;
const START = 1_000 * HOUR;

/** Ids whose rows are in one shard of the memory ledger. */
function inOneShard(count: number, first: string): string[] {
  return Array.from(
    { length: count },
    (_, at) => `${first}0000000-0000-4000-8000-${String(at).padStart(11, '0')}0`,
  );
}

async function setup(uploads: readonly Upload[], waiting = 0) {
  let now = START;
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects({ now: () => now });
  for (const upload of uploads) await ledger.record(upload);
  const announced: { readonly id: string; readonly at: number }[] = [];
  const queue = { isRead: true, waiting };
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    policies,
    now: () => now,
    newId: () => 'sweeper',
    rowRetentionInSeconds: 60,
    announce: async ({ id }: Upload) => {
      announced.push({ id, at: now });
      if (!queue.isRead) queue.waiting += 1;
    },
    countArrivals: async () => queue.waiting,
  };
  return {
    deps,
    ledger,
    objects,
    announced,
    queue,
    at: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    /** One run; it is cut short after so many calls of the buckets. */
    run: (calls = Number.POSITIVE_INFINITY, shards?: readonly string[]): Promise<Swept> => {
      const stop = new AbortController();
      let made = 0;
      const facts: typeof objects.facts = async (...args) => {
        made += 1;
        if (made >= calls) stop.abort();
        return objects.facts(...args);
      };
      const own = { ...deps, objects: { ...objects, facts } };
      return sweep(own, stop.signal, UNHEARD, shards && { shards });
    },
    state: (id: string) => ledger.rows.get(id)?.upload.state,
  };
}

describe('rows behind many that stay due', () => {
  const HEAD = 400;
  const behind = () => inOneShard(5, 'b').map((id, at) => aRequest({ id, dueAt: START - MINUTE + at }));
  const world = async (head: readonly Upload[]) => {
    const rows = behind();
    const made = await setup([...head, ...rows]);
    const areDone = () => rows.every(({ id }) => made.state(id) === 'expired');
    return { ...made, areDone };
  };

  test.each([
    ['whose files are missing', { state: 'accepted' as const, epoch: 1 }],
    ['that fail every time', { state: 'rejected' as const, epoch: 2, settledAt: START - 10 * HOUR }],
  ])('%s are reached by runs that are all cut short', async (_which, kind) => {
    const head = inOneShard(HEAD, 'a').map((id, at) => aRequest({ id, ...kind, dueAt: at }));
    const { run, areDone, pass, objects, ledger } = await world(head);
    // A copy where the verdict does not say, and none where it does: such a row fails until somebody looks.
    for (const { id, key, state } of head) {
      const headers = { contentType: 'a/b', contentDisposition: '', metadata: { 'upload-id': id } };
      if (state === 'rejected') objects.places.store.set(key, { bytes: Buffer.from('abc'), headers });
    }
    let runs = 0;
    for (; runs < 50 && !areDone(); runs += 1) {
      await run(60);
      pass(EVERY);
    }
    expect(areDone()).toBe(true);
    // As many runs as it takes to look at each row before them once, by one or two calls.
    expect(runs).toBeGreaterThan(2);
    expect(runs).toBeLessThan((2 * HEAD) / 60 + 3);
    // They are still there, and still looked at.
    expect([...ledger.rows.values()].filter(({ upload }) => upload.dueAt !== undefined)).toHaveLength(HEAD);
    const again = await run();
    expect(again.missing + again.failed).toBe(HEAD);
  });

  test('that cannot be read are reached in one run: nothing is done about those, a page at a time', async () => {
    const head = inOneShard(5_000, 'a').map((id, at) => aRequest({ id, dueAt: at }));
    const { run, areDone, ledger } = await world([]);
    for (const upload of head) ledger.rows.set(upload.id, { upload, schema: 99 });
    expect(await run()).toMatchObject({ unreadable: 5_000, expired: 5, failed: 0 });
    expect(areDone()).toBe(true);
    expect(ledger.rows.get(head[0]?.id ?? '')?.upload.dueAt).toBe(0);
  });
});

test('a recall that takes longer than a run goes behind, and is gone on with in the next', async () => {
  const [large, next] = inOneShard(2, 'c').map((id, at) =>
    aRequest({ id, state: 'recalled', epoch: 1, settledAt: START - HOUR, dueAt: at }),
  );
  if (large === undefined || next === undefined) throw new Error('there are two');
  const { deps, objects, ledger, pass } = await setup([large, next]);
  for (const { id, key } of [large, next]) {
    const headers = { contentType: 'a/b', contentDisposition: '', metadata: { 'upload-id': id } };
    objects.places.store.set(key, { bytes: Buffer.from('abc'), headers });
  }
  let copies = 0;
  const copy: typeof objects.copy = async (from, to, signal) => {
    if (from.key === large.key && ++copies === 1) throw new CopyUnfinished(3, 80);
    return objects.copy(from, to, signal);
  };
  const run = () => sweep({ ...deps, objects: { ...objects, copy } }, new AbortController().signal, UNHEARD);
  expect(await run()).toMatchObject({ recalling: 1, removed: 1, failed: 0 });
  expect(ledger.rows.get(large.id)?.upload.dueAt).toBe(START + 1);
  pass(EVERY);
  expect(await run()).toMatchObject({ recalling: 0, removed: 1 });
  expect(objects.places.store.size).toBe(0);
});

test('a run sweeps the shards that it is given, and no others', async () => {
  const uploads = Array.from({ length: 64 }, () => aRequest({ dueAt: START - 1 }));
  const { run } = await setup(uploads);
  const parts = ['0123', '4567', '89ab', 'cdef'].map((shards) => [...shards]);
  let expired = 0;
  for (const shards of parts) {
    const swept = await run(undefined, shards);
    expect(swept.expired).toBeLessThan(64);
    expired += swept.expired;
  }
  expect(expired).toBe(64);
});

test('a row whose call hangs stops neither the others nor the end of the run', async () => {
  const uploads = Array.from({ length: 300 }, () => aRequest({ dueAt: START - 1 }));
  const [slow] = uploads;
  const { deps, objects, state } = await setup(uploads);
  const [stop, end] = [new AbortController(), new AbortController()];
  const facts: typeof objects.facts = (place, key) =>
    key === slow?.key ? new Promise(() => {}) : objects.facts(place, key);
  const running = sweep({ ...deps, objects: { ...objects, facts } }, stop.signal, UNHEARD, {
    end: end.signal,
  });
  const isDone = () => uploads.filter(({ id }) => state(id) === 'expired').length === 299;
  for (let turn = 0; turn < 10_000 && !isDone(); turn += 1) await new Promise(setImmediate);
  expect(isDone()).toBe(true);
  stop.abort();
  end.abort();
  expect(await running).toMatchObject({ expired: 299, left: 1, shardsLeft: 0, failed: 0 });
});

test('a shard that cannot be read is left for the next run, and the others are swept', async () => {
  const uploads = Array.from({ length: 32 }, () => aRequest({ dueAt: START - 1 }));
  const { deps, ledger } = await setup(uploads);
  const down: string[] = [];
  const broken: typeof ledger.due = (shard, now) => {
    if (shard === '7') throw new Error('throttled');
    return ledger.due(shard, now);
  };
  const swept = await sweep({ ...deps, ledger: { ...ledger, due: broken } }, new AbortController().signal, {
    ...UNHEARD,
    onShardFailure: (shard) => void down.push(shard),
  });
  expect(down).toEqual(['7']);
  expect(swept.shardsLeft).toBe(1);
  expect(swept.expired).toBeGreaterThan(0);
});

describe('while nothing is verified', () => {
  const arrived = async (count: number, waiting = 0) => {
    const uploads = Array.from({ length: count }, () => aRequest({ dueAt: START }));
    const world = await setup(uploads, waiting);
    for (const { key } of uploads) world.objects.put(key, 'abc');
    world.queue.isRead = false;
    world.pass(15 * MINUTE);
    return { ...world, uploads };
  };
  const runFor = async (world: Awaited<ReturnType<typeof arrived>>, ms: number) => {
    let deferred = 0;
    for (const end = world.at() + ms; world.at() < end; world.pass(EVERY)) {
      deferred += (await world.run()).deferred;
    }
    return deferred;
  };

  test('an upload is announced after a quarter of an hour, then half an hour, and every two hours in the end', async () => {
    const world = await arrived(1);
    await runFor(world, 12 * HOUR);
    const minutes = world.announced.map(({ at }) => (at - START) / MINUTE);
    expect(minutes).toEqual([15, 30, 60, 120, 240, 360, 480, 600, 720]);
  });

  test('a day of it brings a queue fifteen messages an upload at most, and none beyond its most', async () => {
    const few = await arrived(20);
    await runFor(few, 24 * HOUR);
    expect(few.announced.length).toBeLessThanOrEqual(20 * 15);
    const many = await arrived(50, MOST_MESSAGES - 30);
    expect(await runFor(many, 24 * HOUR)).toBeGreaterThan(0);
    expect(many.announced).toHaveLength(30);
    expect(many.queue.waiting).toBe(MOST_MESSAGES);
  });

  test('and when it is verified again, what was lost is announced within two hours and a run', async () => {
    const world = await arrived(40, MOST_MESSAGES + 5_000);
    await runFor(world, 30 * HOUR);
    expect(world.announced).toEqual([]);
    Object.assign(world.queue, { isRead: true, waiting: 0 });
    await runFor(world, 2 * HOUR + EVERY);
    expect(new Set(world.announced.map(({ id }) => id)).size).toBe(40);
  });

  test('a queue that cannot be counted gets nothing: the rows fail, and stay due', async () => {
    const world = await arrived(3);
    world.deps.countArrivals = async () => {
      throw new Error('AccessDenied');
    };
    const swept = await sweep(world.deps, new AbortController().signal, UNHEARD);
    expect(swept).toMatchObject({ failed: 3, announced: 0, deferred: 0 });
    expect(world.announced).toEqual([]);
    expect(world.ledger.rows.get(world.uploads[0]?.id ?? '')?.upload.dueAt).toBe(world.at() + 1);
  });
});
