import { expect, test } from 'vitest';
import { INSPECTION_LIMITS, type InspectedFile } from '../../../src/lib/inspect/file.ts';
import { inspectInThread, type ThreadDeps } from '../../../src/lib/inspect/thread.ts';
import { fileOf } from './file.ts';

const PNG = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452000000100000002008060000000000000000000000', 'hex'),
  Buffer.from('IDAT'),
]);

// What hangs has begun before.
const SPEAKS =
  "import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ ask: 'more', id: 0, bytes: 0 });";

/** A thread that runs other code than the inspectors. */
function codeOf(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

function setup(changes: Partial<ThreadDeps> = {}) {
  const deps: ThreadDeps = {
    maxResidentBytes: Number.POSITIVE_INFINITY,
    maxHeapMegabytes: 128,
    stallMs: 10_000,
    every: (ms, run) => {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
    now: () => performance.now(),
    ...changes,
  };
  return (file: InspectedFile = fileOf('image/png', PNG), signal = new AbortController().signal) =>
    inspectInThread(deps, file, INSPECTION_LIMITS, signal);
}

test('tells what a thread finds in the bytes that it is sent', async () => {
  expect(await setup()()).toEqual({
    facts: {
      'picture.width': 16,
      'picture.height': 32,
      'picture.frames': 1,
      'picture.pixels': 512,
      gps: false,
    },
  });
});

test('ends a thread that never comes to an end, and the next one is unharmed', async () => {
  expect(await setup({ stallMs: 200, code: codeOf(`${SPEAKS}for (;;);`) })()).toEqual({ ended: 'stalled' });
  expect(await setup()()).toMatchObject({ facts: { 'picture.width': 16 } });
});

test('ends a thread whose heap has no end', async () => {
  const code = codeOf('const all = []; for (;;) all.push(Array.from({ length: 1e5 }, () => ({})))');
  expect(await setup({ maxHeapMegabytes: 16, code })()).toEqual({ ended: 'memory' });
});

test('ends a thread that takes more memory beside its heap than the process may have', async () => {
  const code = codeOf(
    'const all = []; setInterval(() => { if (all.length < 64) all.push(new Uint8Array(4194304).fill(1)); }, 5)',
  );
  const maxResidentBytes = process.memoryUsage.rss() + 100 * 1024 * 1024;
  expect(await setup({ maxResidentBytes, code })()).toEqual({ ended: 'memory' });
});

test('does not take a slow store for a thread that hangs', async () => {
  const slow = fileOf('image/png', PNG);
  const file: InspectedFile = {
    ...slow,
    read: async (range) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      return slow.read(range);
    },
  };
  expect(await setup({ stallMs: 500 })(file)).toMatchObject({ facts: { 'picture.width': 16 } });
});

test('throws what reading the file threw', async () => {
  const fault = new Error('the store is away');
  const file: InspectedFile = { ...fileOf('image/png', PNG), read: () => Promise.reject(fault) };
  await expect(setup()(file)).rejects.toBe(fault);
});

test('throws what a stream threw midway', async () => {
  const fault = new Error('the connection was cut');
  const file: InspectedFile = {
    ...fileOf('text/csv', 'a,b\n'.repeat(1000)),
    async *stream() {
      yield Buffer.from('a,b\n');
      throw fault;
    },
  };
  await expect(setup()(file)).rejects.toBe(fault);
});

test('ends with the signal, whatever the thread does', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('over')), 50);
  await expect(
    setup({ code: codeOf('setInterval(() => {}, 1000)') })(undefined, abort.signal),
  ).rejects.toThrow('over');
});
