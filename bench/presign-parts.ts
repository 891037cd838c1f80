// G2: 10 000 parts are signed in little more than the time of their cryptography, and answered in a megabyte.
import { fileURLToPath } from 'node:url';
import { createPartsPresigner } from '@sluice/connection/sign/presign-parts';
import { bundleFiles } from './bundle.ts';
import { BUCKET, CREDENTIALS, REGION, REQUEST } from './parts/input.ts';
import { measureFreshRuns, median, ratioOf, toSamples } from './rounds.ts';
import { judge, printTable } from './verdict.ts';

const NAMES = ['limit', 'ours', 'ours-as-urls', 'aws4', 'smithy', 's3mini', 'aws4fetch', 'sdk'];

const bundles = await bundleFiles(
  NAMES.map((name) => fileURLToPath(new URL(`./parts/${name}.ts`, import.meta.url))),
);
const runs = await measureFreshRuns([...bundles].map(([name, { file }]) => ({ name, file })));

const fingerprints = ['limit', 'ours', 'ours-as-urls'].map((name) =>
  runs.get(name)?.map(({ value }) => value),
);
if (new Set(fingerprints.flat()).size !== 1)
  throw new Error('ours are not the signatures that the limit made');

printTable(
  '10 000 part signatures, loading and signing',
  'ms',
  toSamples(runs, ({ loadMs, runMs }) => loadMs + runMs),
  'limit',
);
const signing = toSamples(runs, ({ runMs }) => runMs);
printTable('10 000 part signatures, signing alone', 'ms', signing, 'limit');
console.log('\nBundles and memory');
for (const [name, { bytes }] of bundles) {
  const peak = median((runs.get(name) ?? []).map(({ rssBytes }) => rssBytes));
  console.log(
    `  ${name.padEnd(12)}  ${(bytes / 1024).toFixed(1).padStart(7)} KiB  peak ${(peak / 2 ** 20).toFixed(0)} MiB`,
  );
}

const answer = createPartsPresigner({ region: REGION, bucket: BUCKET }).presignParts(CREDENTIALS, REQUEST);
const answerBytes = Buffer.byteLength(JSON.stringify(answer));
const total = toSamples(runs, ({ loadMs, runMs }) => loadMs + runMs);
judge([
  {
    id: 'G2',
    what: 'loading and signing, ours / limit',
    value: ratioOf(total, 'ours', 'limit'),
    atMost: 1.5,
  },
  { id: 'G2', what: 'signing alone, ours / limit', value: ratioOf(signing, 'ours', 'limit'), atMost: 1.5 },
  { id: 'G2', what: 'the answer in megabytes', value: answerBytes / 1e6, atMost: 1 },
]);
