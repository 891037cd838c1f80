// Scans by clamd: the client beside a bare one and clamdscan, then whole uploads on the deployed local stack
// that every policy has scanned. LARGE is the size of the large file in MiB; UPLOADS=0 leaves the
// stack out.
import { execFile } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createUploader, type Uploader } from '@sluice/client/uploader';
import { type LocalClamd, startClamd } from '../local/clamav.ts';
import { foldersIn, projectRoot } from '../local/folders.ts';
import { writeScannedPolicies } from '../local/scanned-policies.ts';
import { createClamd } from '../src/lib/clamav/clamd.ts';
import { compressedZip, EICAR } from '../test/clamav/files.ts';
import { startOwn, type TestStack } from '../test/setup/local-stack.ts';
import { measureRounds, ratioOf } from './rounds.ts';
import { bareScan } from './scan/bare.ts';
import { type Goal, judge, printTable } from './verdict.ts';

const run = promisify(execFile);
const MiB = 1024 ** 2;
const LARGE_BYTES = Number(process.env.LARGE ?? 200) * MiB;
const ROUNDS_OF_LARGE = 5;
const ZEROS = Buffer.alloc(64 * 1024);
const { signal } = new AbortController();

const name = `bench-scan-${process.pid}`;
const folders = foldersIn(join(projectRoot, '.sluice', name));

function* repeat(bytes: number) {
  for (let left = bytes; left > 0; left -= ZEROS.length)
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}

async function* inPieces(pieces: Iterable<Uint8Array>) {
  yield* pieces;
}

/** The most memory that a process had so far, and what it has, in MiB, by Linux. */
async function memoryOf(pid: number | undefined) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (field: string) =>
    Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { most: read('VmHWM'), now: read('VmRSS') };
}

/** The same bytes by each of the three ways. `clamdscan` answers 1 for a file that is infected. */
async function compareClients(clamd: LocalClamd): Promise<number> {
  const client = createClamd(clamd);
  const small = join(folders.base, 'small');
  await writeFile(small, EICAR);
  const config = ['--config-file', join(folders.clamav, 'clamd.conf'), '--stream', '--no-summary'];
  const clamdscan = (file: string) => run('clamdscan', [...config, file]).catch(() => {});
  const samples = await measureRounds([
    { name: 'Sluice', calls: 5, run: () => client.scan(inPieces([EICAR]), EICAR.length, signal) },
    { name: 'bare INSTREAM', calls: 5, run: () => bareScan(clamd.port, [EICAR]) },
    { name: 'clamdscan', calls: 1, run: () => clamdscan(small) },
  ]);
  printTable('EICAR, warm', 'µs', samples, 'bare INSTREAM');

  const large = join(folders.base, 'large');
  const file = await open(large, 'w');
  await file.truncate(LARGE_BYTES);
  await file.close();
  const before = process.memoryUsage().rss;
  let most = before;
  const rounds = await measureRounds(
    [
      {
        name: 'Sluice',
        calls: 1,
        run: async () => {
          await client.scan(inPieces(repeat(LARGE_BYTES)), LARGE_BYTES, signal);
          most = Math.max(most, process.memoryUsage().rss);
        },
      },
      { name: 'bare INSTREAM', calls: 1, run: () => bareScan(clamd.port, repeat(LARGE_BYTES)) },
      { name: 'clamdscan', calls: 1, run: () => clamdscan(large) },
    ],
    ROUNDS_OF_LARGE,
  );
  await rm(large);
  printTable(
    `${LARGE_BYTES / MiB} MiB of zeros, of ${ROUNDS_OF_LARGE} rounds`,
    'µs',
    rounds,
    'bare INSTREAM',
  );
  console.log(`  memory of this process grew by ${Math.round((most - before) / MiB)} MiB`);
  return ratioOf(rounds, 'Sluice', 'bare INSTREAM');
}

type File = { readonly name: string; readonly type: string; readonly bytes: Uint8Array };

/** Milliseconds from the end of the sending to the verdict, and what that is. */
async function scanUpload(uploader: Uploader, file: File) {
  const body = new Blob([new Uint8Array(file.bytes)], { type: file.type });
  let sent = Number.NaN;
  const upload = await uploader.upload(body, {
    filename: file.name,
    contentType: file.type,
    onProgress: ({ bytes, totalBytes }) => {
      if (bytes === totalBytes) sent = performance.now();
    },
  });
  return { ms: performance.now() - sent, upload };
}

function text(content: string | Uint8Array): File {
  return { name: 'a.txt', type: 'text/plain', bytes: Buffer.from(content) };
}

async function measureUploads(stack: TestStack) {
  const uploader = createUploader({ endpoint: stack.apiUrl, token: stack.alice.idToken });
  const zip = {
    name: 'a.zip',
    type: 'application/zip',
    bytes: compressedZip({ name: 'eicar.com', content: EICAR }),
  };
  for (const file of [text(EICAR), zip, text('warm')]) await scanUpload(uploader, file);
  const verdicts: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const { ms, upload } = await scanUpload(uploader, round % 2 === 0 ? text(EICAR) : zip);
    if (upload.state !== 'rejected' || upload.reason !== 'infected')
      throw new Error(`EICAR is ${upload.state}`);
    verdicts.push(ms);
  }
  verdicts.sort((a, b) => a - b);
  const [p50 = Number.NaN, most = Number.NaN] = [verdicts[10], verdicts.at(-1)];
  console.log(
    `\nEICAR, plain and in a ZIP, from put to verdict: p50 ${p50.toFixed(0)} ms, most ${most.toFixed(0)} ms`,
  );

  const began = performance.now();
  const all = await Promise.all(
    Array.from({ length: 100 }, (_, at) => scanUpload(uploader, text(`file ${at}`))),
  );
  const seconds = (performance.now() - began) / 1000;
  const unsettled = all.filter(({ upload }) => upload.state !== 'accepted').length;
  const slowest = Math.max(...all.map(({ ms }) => ms)) / 1000;
  console.log(
    `100 small files at once: ${seconds.toFixed(1)} s with requests and sending; the slowest verdict took ${slowest.toFixed(1)} s; ${100 - unsettled} are accepted`,
  );
  return { most: most / 1000, unsettled };
}

async function measureStack(): Promise<Goal[]> {
  let clamd: LocalClamd | undefined;
  const { stack, stop } = await startOwn(`${name}-stack`, async () => {
    clamd = await startClamd(folders);
    const policies = await writeScannedPolicies(folders, undefined, ['clamav']);
    return { policies, parameters: { clamdAddress: clamd.address } };
  });
  try {
    const { most, unsettled } = await measureUploads(stack);
    return [
      {
        id: 'G16',
        what: 'seconds from put to the verdict on EICAR, the slowest of 20',
        value: most,
        atMost: 3,
      },
      {
        id: 'G16',
        what: 'of 100 files at once, without a verdict',
        value: unsettled,
        atMost: 0,
        strict: true,
      },
    ];
  } finally {
    await clamd?.stop();
    await stop();
  }
}

async function measureClients(): Promise<Goal> {
  const clamd = await startClamd(folders);
  try {
    const ratio = await compareClients(clamd);
    const { now, most } = await memoryOf(clamd.pid);
    console.log(`  memory of clamd, with one signature: ${now} MiB, at most ${most} MiB`);
    return {
      id: 'G16',
      what: 'a large file against a bare client',
      value: ratio,
      atMost: 1.3,
    };
  } finally {
    await clamd.stop();
  }
}

await mkdir(folders.base, { recursive: true });
try {
  const clients = await measureClients();
  judge([clients, ...(process.env.UPLOADS === '0' ? [] : await measureStack())]);
} finally {
  await rm(folders.base, { recursive: true, force: true });
}
