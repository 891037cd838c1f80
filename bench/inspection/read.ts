// One process of `bench/inspection.ts`: looks through one object in a thread, or hashes it by raw HTTP, and
// reports what that took.
import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { createScannedObjects } from '../../src/lib/aws/scanned-object.ts';
import { INSPECTION_LIMITS } from '../../src/lib/inspect/file.ts';
import { inspectInThread } from '../../src/lib/inspect/thread.ts';
import { createBenchClient } from '../connection/client.ts';

const [way = '', url = '', bytes = ''] = process.argv.slice(2);

const TYPES: Readonly<Record<string, string>> = {
  text: 'text/plain',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
};

async function hash(): Promise<unknown> {
  const answer: AsyncIterable<Buffer> = await new Promise((resolve, reject) =>
    get(`${url}/bucket/text/${bytes}`, resolve).on('error', reject),
  );
  const hash = createHash('sha256');
  for await (const chunk of answer) hash.update(chunk);
  return hash.digest('hex');
}

async function inspect(): Promise<unknown> {
  const { signal } = new AbortController();
  const open = createScannedObjects(createBenchClient(url), ['bucket']);
  const object = { uploadId: 'u', bucket: 'bucket', key: `${way}/${bytes}`, etag: 'e', size: Number(bytes) };
  const file = { size: object.size, type: TYPES[way] ?? '', name: 'file', ...open(object, signal) };
  const deps = {
    maxResidentBytes: Number.POSITIVE_INFINITY,
    maxHeapMegabytes: 512,
    stallMs: 30_000,
    every: (ms: number, run: () => void) => {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
    now: () => performance.now(),
  };
  return inspectInThread(deps, file, INSPECTION_LIMITS, signal);
}

// Bundled as functions are, that is as CommonJS, which has no await at the top.
async function main(): Promise<void> {
  const start = process.hrtime.bigint();
  const found = await (way === 'raw' ? hash() : inspect());
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ found, seconds, peakRssMiB }), () => process.exit());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
