// Looks into damaged files: every look has to come to an end, in little time and memory. Each file is told by
// its seed: SLUICE_SEED says the first one, SLUICE_FILES how many there are.
import { Worker } from 'node:worker_threads';
import type { Said } from './inspect-damaged.ts';

const FILES = Number(process.env.SLUICE_FILES ?? 100_000);
const FIRST = Number(process.env.SLUICE_SEED ?? 1);
const MOST_MS = 10_000;
const MOST_MEBIBYTES = 600;
const HEAP_MEBIBYTES = 256;

const causes = new Map<string, Said>();
let slowest: Said | undefined;
let peak = 0;
let last: Said | undefined;
let heardAt = performance.now();

const worker = new Worker(new URL('./inspect-damaged.ts', import.meta.url), {
  workerData: { first: FIRST, last: FIRST + FILES },
  resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
});
worker.on('message', (said: Said) => {
  heardAt = performance.now();
  last = said;
  peak = Math.max(peak, said.mebibytes);
  if (said.ms > (slowest?.ms ?? 0)) slowest = said;
  if (said.cause !== undefined) causes.set(said.cause.split('\n').slice(0, 2).join(' '), said);
});
const watch = setInterval(() => {
  if (performance.now() - heardAt < MOST_MS) return;
  console.error(`no end after ${MOST_MS} ms: ${last?.name}, seed ${last?.seed}`);
  process.exit(1);
}, 500);
worker.on('error', (error) => {
  console.error(`the thread died of ${last?.name}, seed ${last?.seed}:`, error);
  process.exit(1);
});
worker.on('exit', () => {
  clearInterval(watch);
  console.log(`${FILES} files, all looks ended; the longest took ${Math.round(slowest?.ms ?? 0)} ms:`);
  console.log(`  ${slowest?.name}, seed ${slowest?.seed}; peak ${Math.round(peak)} MiB`);
  console.log(`${causes.size} different throws that became "unsupported":`);
  for (const [cause, { name, seed }] of causes) console.log(`  ${cause} (${name}, seed ${seed})`);
  if (peak > MOST_MEBIBYTES) process.exitCode = 1;
});
