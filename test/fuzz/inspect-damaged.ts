// The thread of inspection.ts: looks into damaged files, and says after each how long it took.
import { parentPort, workerData } from 'node:worker_threads';
import { look } from '../unit/inspect/file.ts';
import { ORIGINALS } from './inspected.ts';
import { mutate } from './mutate.ts';

/** What is said of one file. */
export type Said = {
  readonly seed: number;
  readonly name: string;
  readonly ms: number;
  readonly mebibytes: number;
  readonly cause?: string;
};

const { first, last }: { first: number; last: number } = workerData;

for (let seed = first; seed < last; seed++) {
  const original = ORIGINALS[seed % ORIGINALS.length];
  if (original === undefined) break;
  const { name, type, bytes } = original;
  const start = performance.now();
  // What is on the way is said before, so that a file without an end is known.
  parentPort?.postMessage({ seed, name, ms: 0, mebibytes: 0 } satisfies Said);
  const { cause } = await look(type, mutate(bytes, seed));
  parentPort?.postMessage({
    seed,
    name,
    ms: performance.now() - start,
    mebibytes: process.memoryUsage.rss() / 2 ** 20,
    ...(cause !== undefined && { cause }),
  } satisfies Said);
}
