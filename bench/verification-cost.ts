// G9: what verifying one upload asks of S3 and DynamoDB, whatever its size, and what memory it takes.
import { randomUUID } from 'node:crypto';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { WHOLE_COPY_MAX_BYTES } from '../src/lib/aws/copy.ts';
import { createLedger } from '../src/lib/aws/ledger.ts';
import { toKey } from '../src/lib/upload/key.ts';
import { bundleEntry } from './functions.ts';
import { runFresh } from './rounds.ts';
import { judge } from './verdict.ts';
import { PER_MILLION, WRITE_UNITS } from './verification/prices.ts';
import { type Counts, startCountingProxy } from './verification/proxy.ts';
import { digestOf, startStore, VARIABLES } from './verification/store.ts';

const MiB = 1024 ** 2;
const CASES = [
  { what: '1 KiB', bytes: 1024 },
  { what: '64 KiB', bytes: 64 * 1024 },
  { what: '16 MiB', bytes: 16 * MiB },
  { what: '256 MiB', bytes: WHOLE_COPY_MAX_BYTES },
  { what: '256 MiB, SHA-256 declared, S3 recorded it', bytes: WHOLE_COPY_MAX_BYTES, sha256: 'recorded' },
  { what: '1 GiB, copied by parts', bytes: 1024 * MiB },
  { what: '1 GiB, SHA-256 declared, the store has none', bytes: 1024 * MiB, sha256: 'unrecorded' },
] as const;

const store = await startStore();
const proxy = await startCountingProxy(store.endpoint);
const environment = { ...VARIABLES, AWS_ENDPOINT_URL: proxy.endpoint };
const dynamo = createDynamoDBClient(resolveSettings({ environment }));
const ledger = createLedger(dynamo, VARIABLES.LEDGER_TABLE, VARIABLES.GRANTS_TABLE);
const { file } = await bundleEntry('worker', 'bench/verification/worker.ts');

type Result = Counts & { readonly what: string; readonly peakMiB: number; readonly seconds: number };

async function verifyOne({ what, bytes, ...rest }: (typeof CASES)[number]): Promise<Result> {
  const id = randomUUID();
  const key = toKey('bench', id);
  const now = Date.now();
  const value = 'sha256' in rest ? digestOf(bytes) : undefined;
  proxy.take();
  await ledger.record({
    id,
    tenant: 'bench',
    subject: randomUUID(),
    policy: 'data',
    transport: 'put',
    key,
    state: 'requested',
    epoch: 0,
    filename: 'rows.csv',
    contentType: 'text/csv',
    size: bytes,
    ...(value && { checksum: { algorithm: 'sha256', value } }),
    metadata: { album: 'spring' },
    createdAt: now,
    expiresAt: now + 3_600_000,
    dueAt: now + 7_200_000,
    correlationId: randomUUID(),
    fingerprint: 'f'.repeat(43),
  });
  await store.put(key, bytes, 'sha256' in rest && rest.sha256 === 'recorded' ? value : undefined);
  const {
    value: accepted,
    rssBytes,
    runMs,
  } = await runFresh({
    name: what,
    file,
    env: { ...environment, KEY: key },
  });
  const counts = proxy.take();
  if (accepted !== 1) throw new Error(`${what} was not accepted`);
  await store.forget(key);
  return { what, ...counts, peakMiB: rssBytes / MiB, seconds: runMs / 1000 };
}

const results: Result[] = [];
try {
  for (const one of CASES) results.push(await verifyOne(one));
} finally {
  dynamo.destroy();
  proxy.close();
  await store.stop();
}

console.log(
  "\nOne accepted upload, from its request to its removal from incoming; the client's own PUT is not in it",
);
console.log(`  ${''.padEnd(44)}  ${'bytes read'.padStart(13)}  peak MiB  seconds  calls`);
for (const { what, bytesRead, peakMiB, seconds, s3, ledger: writes } of results) {
  console.log(
    `  ${what.padEnd(44)}  ${bytesRead.toLocaleString('en').padStart(13)}  ${peakMiB.toFixed(0).padStart(8)}  ${seconds.toFixed(2).padStart(7)}  ${toText([...s3, ...writes])}`,
  );
}

const [smallest] = results;
if (smallest === undefined) throw new Error('nothing was measured');
const perMillion = smallest.s3.reduce((sum, name) => sum + priceOf(name), 0);
const units = Object.values(WRITE_UNITS).reduce((sum, count) => sum + count, 0);
console.log(
  `\nA million accepted uploads, list prices of us-east-1 (bench/verification/prices.ts), without Lambda, SQS and storage:\n` +
    `  S3 ${toDollars(perMillion)} (${smallest.s3.join(', ')}), ` +
    `ledger ${toDollars(units * PER_MILLION.writeUnit)} (${units} write units each, all indexes included); ` +
    `the clients' PUTs ${toDollars(PER_MILLION.PUT)}`,
);

/** The same call many times over is written once. */
function toText(calls: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return [...counts].map(([call, count]) => (count === 1 ? call : `${count}×${call}`)).join(' ');
}

function priceOf(name: string): number {
  const price = new Map<string, number>(Object.entries(PER_MILLION)).get(name);
  if (price === undefined) throw new Error(`there is no price for ${name}`);
  return price;
}

function toDollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

// Bytes and calls are what they are: no slack.
const unread = results.filter(({ what }) => !what.endsWith('none'));
const ordinary = unread.filter(({ what }) => !what.endsWith('parts'));
function worst(of: (result: Result) => number, among = results): number {
  return Math.max(...among.map(of));
}
judge([
  {
    id: 'G9',
    what: 'bytes read of an object',
    value: worst(({ bytesRead }) => bytesRead, unread),
    atMost: 8192,
    strict: true,
  },
  {
    id: 'G9',
    what: 'calls of S3 for each up to 256 MiB',
    value: worst(({ s3 }) => s3.length, ordinary),
    atMost: 4,
    strict: true,
  },
  {
    id: 'G9',
    what: 'calls of the ledger for each',
    value: worst(({ ledger: calls }) => calls.length),
    atMost: 3,
    strict: true,
  },
  {
    id: 'G9',
    what: 'peak memory at 1 GiB / at 1 KiB',
    value: worst(({ peakMiB }) => peakMiB, unread) / smallest.peakMiB,
    atMost: 1.1,
  },
  {
    id: 'G9',
    what: 'peak memory in MiB where 1 GiB has to be hashed',
    value: worst(({ peakMiB }) => peakMiB),
    atMost: 200,
  },
]);
