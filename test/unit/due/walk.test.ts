import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { walk } from '../../../src/lib/due/walk.ts';

type Pages = readonly (readonly string[])[];

/** Rows `stuck…` never end by themselves. */
function setup(shards: Readonly<Record<string, Pages>>, atOnce = 4) {
  const begun: string[] = [];
  const read: string[] = [];
  const failed: string[] = [];
  const stuck: (() => void)[] = [];
  let inWork = 0;
  let most = 0;
  const options = {
    shards: Object.keys(shards),
    async *read(shard: string) {
      for (const [at, page] of (shards[shard] ?? []).entries()) {
        read.push(`${shard} ${at}`);
        if (page[0] === 'unreadable') throw new Error('no page');
        yield page;
      }
    },
    work: async (row: string) => {
      begun.push(row);
      inWork += 1;
      most = Math.max(most, inWork);
      await (row.startsWith('stuck') ? new Promise<void>((resolve) => stuck.push(resolve)) : setImmediate());
      inWork -= 1;
      if (row === 'faulty') throw new Error('a fault');
    },
    onShardFailure: (shard: string) => void failed.push(shard),
    atOnce,
  };
  const nothingMoves = async () => {
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
  };
  return {
    options,
    begun,
    read,
    failed,
    stuck,
    most: () => most,
    nothingMoves,
    run: (signal = new AbortController().signal, end?: AbortSignal) => walk(options, signal, end),
  };
}

function rowsOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${name}${at}`);
}

test('works on every row of every shard once, and on no more at a time than it may', async () => {
  const pages = { a: [rowsOf('a', 20), rowsOf('A', 20)], b: [rowsOf('b', 7)], c: [], d: [[]] };
  const { run, begun, most } = setup(pages);
  expect(await run()).toEqual({ rows: 0, shards: 0 });
  expect(begun.toSorted()).toEqual(Object.values(pages).flat(2).toSorted());
  expect(most()).toBe(4);
});

test('gives the part of a shard that has ended to those that go on', async () => {
  const { run, most } = setup({ a: [rowsOf('a', 60)], b: [['b']], c: [['c']], d: [['d']] });
  await run();
  expect(most()).toBe(4);
});

test('works on a row of each shard, however many shards there are', async () => {
  const { run, most } = setup({ a: [['a']], b: [['b']], c: [['c']] }, 1);
  await run();
  expect(most()).toBe(3);
});

test('goes on with the other shards while every row of one is stuck', async () => {
  const { run, begun, stuck, nothingMoves } = setup({ a: [rowsOf('stuck', 9)], b: [rowsOf('b', 50)] });
  const walking = run();
  await nothingMoves();
  expect(begun.filter((row) => row.startsWith('b'))).toHaveLength(50);
  expect(stuck.length).toBeLessThan(9);
  while (begun.length < 59) {
    for (const free of stuck.splice(0)) free();
    await nothingMoves();
  }
  for (const free of stuck.splice(0)) free();
  expect(await walking).toEqual({ rows: 0, shards: 0 });
});

test('reads the next page of a shard while a page is worked on, and no further', async () => {
  const { run, read, stuck, nothingMoves } = setup({ a: [rowsOf('stuck', 5), ['x'], ['y'], ['z']] });
  const walking = run();
  await nothingMoves();
  expect(read).toEqual(['a 0', 'a 1']);
  while (stuck.length > 0) {
    for (const free of stuck.splice(0)) free();
    await nothingMoves();
  }
  await walking;
  expect(read).toEqual(['a 0', 'a 1', 'a 2', 'a 3']);
});

test('begins nothing once its time is over, waits for what is in work, and says what it left', async () => {
  const stop = new AbortController();
  const pages = { a: [rowsOf('stuck', 10), rowsOf('a', 3)], b: [['b']] };
  const { run, begun, stuck, nothingMoves } = setup(pages);
  const walking = run(stop.signal);
  await nothingMoves();
  const soFar = begun.length;
  stop.abort();
  await nothingMoves();
  for (const free of stuck.splice(0)) free();
  expect(await walking).toEqual({ rows: 13 - (soFar - 1), shards: 1 });
  expect(begun).toHaveLength(soFar);
});

test('asks for nothing when its time is over before it begins', async () => {
  const { run, read } = setup({ a: [['a']], b: [['b']] });
  expect(await run(AbortSignal.abort())).toEqual({ rows: 0, shards: 2 });
  expect(read).toEqual([]);
});

test('does not wait for a row that hangs when its last moment has come', async () => {
  const [stop, end] = [new AbortController(), new AbortController()];
  const { run, nothingMoves } = setup({ a: [['stuck']], b: [['b']] });
  const walking = run(stop.signal, end.signal);
  await nothingMoves();
  stop.abort();
  end.abort();
  expect(await walking).toEqual({ rows: 1, shards: 0 });
});

test('reports a shard that cannot be read any further, and walks the others to their end', async () => {
  const { run, begun, failed } = setup({ a: [['a'], ['unreadable'], ['never']], b: [rowsOf('b', 9)] });
  expect(await run()).toEqual({ rows: 0, shards: 1 });
  expect(failed).toEqual(['a']);
  expect(begun.toSorted()).toEqual(['a', ...rowsOf('b', 9)]);
});

test('throws a fault of the work when all is at rest, and begins nothing after it', async () => {
  const { run, begun } = setup({ a: [['faulty', ...rowsOf('a', 50)]] }, 1);
  await expect(run()).rejects.toThrow('a fault');
  expect(begun).toEqual(['faulty']);
});
