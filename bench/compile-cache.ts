// G5, optional: what Node's compile cache would take off a cold start, were it deployed as a layer.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleEntry } from './functions.ts';
import { measureFreshRuns, ratioOf, toSamples } from './rounds.ts';
import { ENVIRONMENT } from './start-up/environment.ts';
import { judge, printTable } from './verdict.ts';

const FUNCTIONS = ['request-upload', 'verify-arrivals'];

const folder = mkdtempSync(join(tmpdir(), 'sluice-compile-cache-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const subjects = [];
for (const name of FUNCTIONS) {
  const { file } = await bundleEntry(name, `src/handlers/${name}.ts`);
  subjects.push(
    { name, file, env: ENVIRONMENT },
    { name: `${name}, cached`, file, env: { ...ENVIRONMENT, NODE_COMPILE_CACHE: folder } },
  );
}
// The first round, which is not counted, fills the cache.
const runs = await measureFreshRuns(subjects);
if (readdirSync(folder).length === 0) throw new Error('Node wrote no compile cache');

const cpu = toSamples(runs, ({ loadCpuMs }) => loadCpuMs);
const clock = toSamples(runs, ({ loadMs }) => loadMs);
printTable('CPU time to load', 'ms', cpu, 'request-upload');
printTable('The same by the clock', 'ms', clock, 'request-upload');
judge(
  FUNCTIONS.map((name) => ({
    id: 'G5',
    what: `${name}, cached / not, CPU time`,
    value: ratioOf(cpu, `${name}, cached`, name),
    atMost: 0.75,
  })),
);
