// G7: sockets are opened once and reused, by HEADs too. Against one client per call, as many handlers are
// written.
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readSockets } from '@sluice/connection/clients/wire';
import { createBenchClient } from './connection/client.ts';
import { startStub } from './connection/stub.ts';
import { measureRounds, ratioOf } from './rounds.ts';
import { judge, printTable } from './verdict.ts';

const CALLS = 1_000;
const CONCURRENCY = 10;
const object = { Bucket: 'bucket', Key: '100' };

/** Every other call a HEAD. */
async function call(client: S3Client, index: number): Promise<void> {
  if (index % 2 === 0) await client.send(new HeadObjectCommand(object));
  else await (await client.send(new GetObjectCommand(object))).Body?.transformToByteArray();
}

async function callMany(calls: number, one: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let index = next++; index < calls; index = next++) await one(index);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

await using stub = await startStub();
const shared = createBenchClient(stub.url);
function callShared(index: number) {
  return call(shared, index);
}
/** As it is written where nobody thought of sockets. */
async function callFresh(index: number) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new S3Client({ endpoint: stub.url, forcePathStyle: true, region: 'us-east-1', credentials });
  await call(client, index);
  client.destroy();
}

async function acceptedBy(run: () => Promise<void>): Promise<number> {
  const before = await stub.readAccepted();
  await run();
  return (await stub.readAccepted()) - before;
}

const cold = await acceptedBy(() => callMany(CALLS, callShared));
const warm = await acceptedBy(() => callMany(CALLS, callShared));
const fresh = await acceptedBy(() => callMany(CALLS, callFresh));
console.log(`sockets for ${CALLS} calls, ${CONCURRENCY} at once, half of them HEADs`);
console.log(`  one client, cold: ${cold}   warm: ${warm}   one client per call: ${fresh}`);
console.log('  as the layer counts them:', JSON.stringify(readSockets(shared)));

const samples = await measureRounds([
  { name: 'one client', calls: 1, run: () => callMany(200, callShared) },
  { name: 'one client per call', calls: 1, run: () => callMany(200, callFresh) },
]);
shared.destroy();
printTable('200 calls', 'us', samples, 'one client');
judge([
  {
    id: 'G7',
    what: 'sockets opened by 1,000 calls, and 1,000 more',
    value: cold + warm,
    atMost: CONCURRENCY,
  },
  {
    id: 'G7',
    what: 'rate against one client per call',
    value: ratioOf(samples, 'one client per call', 'one client'),
    atLeast: 2,
  },
]);
// Sockets are counted, not timed: no slack for them.
if (cold > CONCURRENCY || warm > 0) process.exitCode = 1;
