// G8: an object is hashed while it streams by, in little memory and nearly as fast as raw HTTP allows.
import { bundleFiles } from './bundle.ts';
import { type Report, runMeasured } from './connection/process.ts';
import { startStub } from './connection/stub.ts';
import { ROUNDS, ratioOf } from './rounds.ts';
import { judge, printTable } from './verdict.ts';

const MIB = 2 ** 20;
const MAX_RSS_MIB = 200;
const source = new URL('./connection/stream.ts', import.meta.url).pathname;
const program = (await bundleFiles([source])).get('stream')?.file ?? '';

type Hashed = Report & { readonly digest: string };

await using stub = await startStub();
function run(way: string, bytes: number): Promise<Hashed> {
  return runMeasured(process.execPath, [program, way, stub.url, String(bytes)]);
}

const ways = ['raw HTTP', 'the layer'] as const;
const seconds = new Map<string, number[]>(ways.map((way) => [way, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
    seconds.get(way)?.push((await run(way === 'raw HTTP' ? 'raw' : 'sdk', 256 * MIB)).seconds);
  }
}
const large = await run('sdk', 1024 * MIB);
function rate(mib: number, time: number) {
  return `${Math.round(mib / time)} MiB/s`;
}
console.log(
  `1 GiB through the layer: ${rate(1024, large.seconds)}, peak ${Math.round(large.peakRssMiB)} MiB`,
);
printTable('256 MiB, GET and SHA-256', 's', seconds, 'raw HTTP');
judge([
  {
    id: 'G8',
    what: 'rate against raw HTTP',
    value: 1 / ratioOf(seconds, 'the layer', 'raw HTTP'),
    atLeast: 0.7,
  },
  { id: 'G8', what: 'peak MiB at 1 GiB', value: large.peakRssMiB, atMost: MAX_RSS_MIB },
]);
// Memory is no timing: no slack for it.
if (large.peakRssMiB > MAX_RSS_MIB) process.exitCode = 1;
