// npm run corpus: how the service judges real files, of packages and of the programs that people use. Opt-in,
// since it downloads some hundred packages, once, into .sluice/corpus. The goals: 99.5 % of the honest files
// are accepted, and none of the dishonest.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContentType, isContentType } from '@sluice/contract/content-types';
import { projectRoot } from '../local/folders.ts';
import type { Policies } from '../src/lib/upload/policy.ts';
import { policies as shipped } from '../src/policies.ts';
import { disguise, ownDishonest } from './corpus/dishonest.ts';
import { exceptionOf } from './corpus/exceptions.ts';
import { fetchAll } from './corpus/fetch.ts';
import { type Found, gather, type Unknown } from './corpus/gather.ts';
import { type Judgement, judge } from './corpus/judge.ts';
import { makeAll } from './corpus/made.ts';
import { README_PROJECTS } from './corpus/sources.ts';

const HONEST_GOAL = 0.995;

const base = join(projectRoot, '.sluice', 'corpus');
await mkdir(base, { recursive: true });

console.log('Packages are downloaded and files made, unless an earlier run did so.');
const sources = [...(await fetchAll(base)), ...(await makeAll(base))];
const absent = sources.filter((source) => 'problem' in source);
for (const { source, problem } of absent) console.log(`left out: ${source}: ${problem}`);

const found: Found[] = [];
const seen = new Set<string>();
const unknown: Unknown = new Map();
for (const source of sources) {
  if ('problem' in source) continue;
  for await (const file of gather(source.source, source.folder, seen, unknown)) found.push(file);
}

const types = [...new Set(found.map(({ type }) => type))].filter((type): type is ContentType =>
  isContentType(type),
);
function isShipped(type: ContentType) {
  return Object.values(shipped).some((policy) => policy.types.includes(type));
}
// The shipped policies, as a team finds them; and one for what they leave out, such as HTML and SVG.
const policies: Policies = {
  ...shipped,
  rest: {
    title: 'What no shipped policy takes',
    types: types.filter((type) => !isShipped(type)),
    minBytes: 0,
    maxBytes: 2 ** 30,
    checksum: 'optional',
    urlExpiresInSeconds: 60,
  },
};

type Judged = Found & { readonly verdict: Judgement; readonly exception: string | undefined };
const judged: Judged[] = [];
for (const file of found) {
  judged.push({ ...file, verdict: await judge(policies, file), exception: exceptionOf(file) });
}

const honest = judged.filter(({ exception }) => exception === undefined);
function share(files: readonly Judged[]): string {
  const accepted = files.filter(({ verdict }) => verdict.accepted).length;
  const percent = files.length === 0 ? 100 : (100 * accepted) / files.length;
  return `${String(files.length).padStart(6)} tried ${String(accepted).padStart(6)} accepted ${String(files.length - accepted).padStart(5)} refused  ${percent.toFixed(1).padStart(5)} %`;
}

console.log('\nHonest files, declared as what their extension says');
for (const [type, files] of [...Map.groupBy(honest, ({ type }) => type)].toSorted(([a], [b]) =>
  a < b ? -1 : 1,
)) {
  console.log(
    `  ${type.padEnd(72)}${share(files)}${isContentType(type) && isShipped(type) ? '' : '  (no shipped policy)'}`,
  );
}
console.log(`  ${'all'.padEnd(72)}${share(honest)}`);

console.log('\nOf these');
function isReadme({ source, filename }: Found) {
  return /^readme\.md$/i.test(filename) && README_PROJECTS.some((project) => project === source);
}
for (const [title, pick] of [
  ['small spreadsheets by openpyxl', ({ filename }) => /^openpyxl-\d+\.xlsx$/.test(filename)],
  ['small spreadsheets by SheetJS', ({ filename }) => /^sheetjs-\d+\.xlsx$/.test(filename)],
  ['README files of well-known projects', isReadme],
] satisfies [string, (file: Judged) => boolean][]) {
  console.log(`  ${title.padEnd(72)}${share(honest.filter(pick))}`);
}

console.log('\nHonest files that were refused');
for (const { type, source, path, bytes, verdict } of honest) {
  if (verdict.accepted) continue;
  console.log(`  ${type} ${source} ${path} (${bytes.length} bytes): ${verdict.reason}: ${verdict.detail}`);
}

const excepted = judged.filter(({ exception }) => exception !== undefined);
console.log(
  `\nRefused rightly, being no such files: ${excepted.filter(({ verdict }) => !verdict.accepted).length}`,
);
for (const { source, path, exception, verdict } of excepted) {
  if (verdict.accepted)
    console.log(`  accepted, though it is said to be none: ${source} ${path}: ${exception}`);
}

const disguised = [...(await ownDishonest()), ...disguise(found, types)];
const letIn: (typeof disguised)[number][] = [];
for (const file of disguised) if ((await judge(policies, file)).accepted) letIn.push(file);
console.log(`\nDishonest files: ${disguised.length} tried, ${letIn.length} accepted`);
for (const { what, type, filename } of letIn)
  console.log(`  accepted as ${type}, named ${filename}: ${what}`);

console.log('\nFiles of types that Sluice does not know, by extension');
const rest = [...unknown].toSorted(([, a], [, b]) => b - a).slice(0, 60);
console.log(`  ${rest.map(([extension, count]) => `${extension} ${count}`).join(', ')}`);

const accepted = honest.filter(({ verdict }) => verdict.accepted).length;
const report = judged.map(({ bytes, ...file }) => ({ ...file, size: bytes.length }));
await writeFile(join(base, 'report.json'), JSON.stringify(report, undefined, 1));
console.log(`\nEvery verdict is in ${join(base, 'report.json')}.`);
const isMet = accepted >= HONEST_GOAL * honest.length && letIn.length === 0;
console.log(
  `${isMet ? 'met' : 'MISSED'}: ${((100 * accepted) / honest.length).toFixed(2)} % of ${honest.length} honest files accepted (goal ${HONEST_GOAL * 100} %), ${letIn.length} of ${disguised.length} dishonest (goal 0)`,
);
if (!isMet) process.exitCode = 1;
