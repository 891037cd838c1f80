// One process of `bench/streaming.ts`: hashes one object, through the layer or by raw HTTP, and reports what
// that took.
import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { createBenchClient } from './client.ts';

const [way, url = '', bytes = ''] = process.argv.slice(2);

function readRaw(): Promise<AsyncIterable<Buffer>> {
  return new Promise((resolve, reject) => get(`${url}/bucket/${bytes}`, resolve).on('error', reject));
}

async function readSdk(): Promise<AsyncIterable<Buffer>> {
  const { Body } = await createBenchClient(url).send(new GetObjectCommand({ Bucket: 'bucket', Key: bytes }));
  if (Body === undefined || !(Symbol.asyncIterator in Body)) throw new TypeError('no body');
  return Body;
}

async function hashOnce(): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of way === 'raw' ? await readRaw() : await readSdk()) hash.update(chunk);
  return hash.digest('hex');
}

// Bundled as functions are, that is as CommonJS, which has no await at the top.
async function main(): Promise<void> {
  const start = process.hrtime.bigint();
  const digest = await hashOnce();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ digest, seconds, peakRssMiB }), () => process.exit());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
