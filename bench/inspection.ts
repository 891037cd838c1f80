// G19: a whole object is looked through in a thread, in little memory, and not much slower than raw HTTP with
// SHA-256 in the same run. `npm run bench:inspection -- large` looks through 5 GiB, too.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Report, runMeasured } from './connection/process.ts';
import { bundleEntry } from './functions.ts';
import { ratioOf } from './rounds.ts';
import { judge, printTable } from './verdict.ts';

const MIB = 2 ** 20;
const MAX_RSS_MIB = 200;
const ROUNDS = 5;
const WAYS = ['raw', 'text', 'csv', 'ndjson'] as const;
const NAMES = {
  raw: 'raw HTTP and SHA-256',
  text: 'text to its end',
  csv: 'CSV',
  ndjson: 'NDJSON, and JSON alike',
};

const { file } = await bundleEntry('inspection-read', 'bench/inspection/read.ts');
const server = fork(new URL('./inspection/server.ts', import.meta.url).pathname);
const [{ port }] = (await once(server, 'message')) as [{ port: number }]; // sound: what server.ts sends first
const url = `http://127.0.0.1:${port}`;

function run(way: (typeof WAYS)[number], bytes: number): Promise<Report & { readonly found: unknown }> {
  return runMeasured(process.execPath, [file, way, url, String(bytes)]);
}

const seconds = new Map<string, number[]>(WAYS.map((way) => [NAMES[way], []]));
let peak = 0;
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
    const report = await run(way, 256 * MIB);
    if (round > 0) seconds.get(NAMES[way])?.push(report.seconds);
    if (way !== 'raw') peak = Math.max(peak, report.peakRssMiB);
  }
}
printTable('256 MiB, from the first request on', 's', seconds, NAMES.raw);
if (process.argv.includes('large')) {
  const large = await run('text', 5 * 1024 * MIB);
  peak = Math.max(peak, large.peakRssMiB);
  console.log(
    `5 GiB of text: ${Math.round((5 * 1024) / large.seconds)} MiB/s, peak ${Math.round(large.peakRssMiB)} MiB, ${JSON.stringify(large.found)}`,
  );
}
server.disconnect();
judge([
  {
    id: 'G19',
    what: 'text to its end, its rate against raw HTTP and SHA-256',
    value: 1 / ratioOf(seconds, NAMES.text, NAMES.raw),
    atLeast: 0.6,
  },
  { id: 'G19', what: 'peak MiB', value: peak, atMost: MAX_RSS_MIB },
]);
// Memory is no timing: no slack for it.
if (peak > MAX_RSS_MIB) process.exitCode = 1;
