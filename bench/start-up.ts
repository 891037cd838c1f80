// G3, G3', G4: what a cold start costs, against loading the SDK's clients alone.

import { execFileSync } from 'node:child_process';
import type { BuildOptions } from 'esbuild';
import { bundleEntry, readFunctions } from './functions.ts';
import { measureFreshRuns, median, ratioOf, toSamples } from './rounds.ts';
import { ENVIRONMENT } from './start-up/environment.ts';
import { judge, printTable } from './verdict.ts';

// What a team without this project would deploy: our options, less what we replace in the SDK.
const SDK_AS_IT_IS: BuildOptions = { alias: {} };
// esbuild's defaults for ES modules, and what such a bundle needs to run at all.
const DEFAULT_ESM: BuildOptions = {
  alias: {},
  format: 'esm',
  minify: false,
  mainFields: ['main', 'module'],
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
};

// The console's function reads the page when it starts.
execFileSync(process.execPath, ['infra/bundle-console.cjs']);

const bundles = new Map([
  ['client-s3', await bundleEntry('client-s3', 'bench/start-up/client-s3.ts', SDK_AS_IT_IS)],
  ['client-s3, default ESM', await bundleEntry('client-s3-esm', 'bench/start-up/client-s3.ts', DEFAULT_ESM)],
  ['client-s3, our alias', await bundleEntry('client-s3-alias', 'bench/start-up/client-s3.ts')],
  [
    'client-dynamodb',
    await bundleEntry('client-dynamodb', 'bench/start-up/client-dynamodb.ts', SDK_AS_IT_IS),
  ],
  [
    'client-dynamodb, our alias',
    await bundleEntry('client-dynamodb-alias', 'bench/start-up/client-dynamodb.ts'),
  ],
  ['sign-upload*', await bundleEntry('sign-upload', 'bench/start-up/sign-upload.ts')],
  ['sign-download*', await bundleEntry('sign-download', 'bench/start-up/sign-download.ts')],
]);
for (const { name, entry } of readFunctions()) bundles.set(name, await bundleEntry(name, entry));

const runs = await measureFreshRuns(
  [...bundles].map(([name, { file }]) => ({ name, file, env: ENVIRONMENT })),
);
const cpu = toSamples(runs, ({ loadCpuMs }) => loadCpuMs);
printTable('CPU time to load, in ratio to client-s3 alone', 'ms', cpu, 'client-s3');
printTable(
  'The same by the clock',
  'ms',
  toSamples(runs, ({ loadMs }) => loadMs),
  'client-s3',
);
console.log(
  '\nBundles, and what a process that loaded them holds (* signs alone: not deployed, see bench/start-up/)',
);
for (const [name, { bytes }] of bundles) {
  const held = median((runs.get(name) ?? []).map(({ rssBytes }) => rssBytes));
  console.log(
    `  ${name.padEnd(26)}  ${(bytes / 1024).toFixed(1).padStart(7)} KiB  ${(held / 2 ** 20).toFixed(0)} MiB`,
  );
}

function size(name: string): number {
  return (bundles.get(name)?.bytes ?? Number.NaN) / 1024;
}
const SIGNERS = ['sign-upload*', 'sign-download*'];
const WITH_LEDGER = ['request-upload', 'download-upload', 'sign-parts'];
function goal(id: string, name: string, peer: string, atMost: number) {
  return {
    id,
    what: `${name} / ${peer}`,
    value: ratioOf(cpu, name, peer),
    atMost,
  };
}
judge([
  ...SIGNERS.map((name) => goal('G3', name, 'client-s3', 0.3)),
  ...SIGNERS.map((name) => ({ id: 'G3', what: `${name} in KiB`, value: size(name), atMost: 64 })),
  ...WITH_LEDGER.map((name) => goal("G3'", name, 'client-dynamodb', 0.95)),
  goal('G4', 'verify-arrivals', 'client-s3', 1.2),
  goal('G4', 'verify-arrivals', 'client-s3, default ESM', 0.85),
]);
