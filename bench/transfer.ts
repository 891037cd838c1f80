// 1 GiB goes up and comes down again, through the layer and through boto3, against one MiniStack that keeps
// objects in memory. ROUNDS=3 for a first look.
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { foldersIn } from '../local/folders.ts';
import { startMiniStack } from '../local/ministack.ts';
import { findFreePort } from '../local/port.ts';
import { prepareMiniStack } from '../local/prepare.ts';
import { installBoto3, python } from '../test/contract/connection/boto3/python.ts';
import { bundleFiles } from './bundle.ts';
import { createBenchClient } from './connection/client.ts';
import { type Report, runMeasured } from './connection/process.ts';
import { ROUNDS, ratioOf } from './rounds.ts';
import { judge, printTable } from './verdict.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MAX_RSS_MIB = 256;
const rounds = Number(process.env.ROUNDS ?? ROUNDS);

const scratch = mkdtempSync(join(tmpdir(), 'bench-transfer-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

function writeNoise(name: string, bytes: number): string {
  const path = join(scratch, name);
  const file = openSync(path, 'w');
  for (let left = bytes; left > 0; left -= MIB) writeSync(file, randomFillSync(Buffer.alloc(MIB)));
  closeSync(file);
  return path;
}

async function startStore(): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const folders = foldersIn(scratch);
  const port = await findFreePort();
  const { launch } = await prepareMiniStack(folders, port);
  // On disk it reads the whole object for every range of it, which would measure nothing but that.
  const env = { ...launch.env, S3_PERSIST: '0', PERSIST_STATE: '0', AUTH: 'false' };
  const { endpoint, stop } = await startMiniStack({ ...launch, env }, folders, port);
  return { endpoint, [Symbol.asyncDispose]: stop };
}

await installBoto3();
const ours = (await bundleFiles([new URL('./connection/transfer.ts', import.meta.url).pathname])).get(
  'transfer',
)?.file;
const theirs = new URL('./connection/transfer.py', import.meta.url).pathname;
await using store = await startStore();

const bucket = 'transfers';
await createBenchClient(store.endpoint).send(new CreateBucketCommand({ Bucket: bucket }));

type Transfer = Report & { readonly cpuSeconds: number };

/** The layer, on what its ranges come. */
function layer(sockets: 'own' | 'client') {
  return (way: string, path: string): Promise<Transfer> =>
    runMeasured(process.execPath, [ours ?? '', way, store.endpoint, bucket, path, sockets]);
}

const sides = {
  'the layer': layer('own'),
  "the layer, by Node's client": layer('client'),
  boto3: (way: string, path: string): Promise<Transfer> =>
    runMeasured(python, [theirs, way, store.endpoint, bucket, path]),
};
type Side = keyof typeof sides;
const downloaders = ['the layer', "the layer, by Node's client", 'boto3'] as const;
const uploaders = ['the layer', 'boto3'] as const;

/** Into a place where nothing is: to replace a large file, ext4 writes the new one to disk first. */
function download(name: Side): Promise<Transfer> {
  const path = join(scratch, 'down');
  rmSync(path, { force: true });
  return sides[name]('down', path);
}

const file = writeNoise('file', GIB);
// Else the disk is still busy with it when the first download is written.
execFileSync('sync');
function samples(names: readonly Side[]): Map<string, number[]> {
  return new Map(names.map((name) => [name, []]));
}
const up = samples(uploaders);
const down = samples(downloaders);
// What a busy machine adds nothing to.
const downCpu = samples(downloaders);
const peaks = new Map<string, number>();
function note(name: Side, way: 'up' | 'down', { peakRssMiB }: Transfer): void {
  peaks.set(`${name}, ${way}`, Math.max(peaks.get(`${name}, ${way}`) ?? 0, peakRssMiB));
}
for (let round = 0; round < rounds; round += 1) {
  for (const name of round % 2 === 0 ? uploaders : uploaders.toReversed()) {
    const there = await sides[name]('up', file);
    up.get(name)?.push(there.seconds);
    note(name, 'up', there);
  }
  for (const name of round % 2 === 0 ? downloaders : downloaders.toReversed()) {
    const back = await download(name);
    down.get(name)?.push(back.seconds);
    downCpu.get(name)?.push(back.cpuSeconds);
    note(name, 'down', back);
  }
}
printTable('1 GiB up', 's', up, 'the layer');
printTable('1 GiB down', 's', down, 'the layer');
printTable('1 GiB down, processor time', 's', downCpu, 'the layer');
console.log('\nPeak MiB');
for (const [name, mib] of peaks) console.log(`  ${name}: ${mib.toFixed(0)}`);
const peak = Math.max(
  peaks.get('the layer, up') ?? Number.POSITIVE_INFINITY,
  peaks.get('the layer, down') ?? Number.POSITIVE_INFINITY,
);
judge([
  {
    id: 'transfer',
    what: "upload's time against boto3",
    value: ratioOf(up, 'the layer', 'boto3'),
    atMost: 1,
  },
  {
    id: 'transfer',
    what: "download's time against boto3",
    value: ratioOf(down, 'the layer', 'boto3'),
    atMost: 1,
  },
  {
    id: 'transfer',
    what: "download's processor time, sockets of their own against Node's client",
    value: ratioOf(downCpu, 'the layer', "the layer, by Node's client"),
    atMost: 0.85,
  },
  { id: 'transfer', what: 'peak MiB at 1 GiB', value: peak, atMost: MAX_RSS_MIB },
]);
// Memory is no timing: no slack for it.
if (peak > MAX_RSS_MIB) process.exitCode = 1;
