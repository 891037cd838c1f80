// npm test: everything, one section after the other. All of them run even when one fails; the last line adds
// them up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findClamd } from '../local/clamav.ts';
import { ENGINES } from './engines/engines.ts';

type Section = { readonly title: string; readonly command: string; readonly projects?: readonly string[] };
/** `differing`: cases in which an engine is known to differ from AWS. They ran, and count neither way. */
type Tally = { readonly passed: number; readonly failed: number; readonly differing: number };

// What is not installed is left out, and said to be. Nothing is skipped in silence.
const installed: string[] = [];
const leftOut: string[] = [];
for (const engine of ENGINES) ((await engine.isInstalled()) ? installed : leftOut).push(engine.name);
const hasClamd = (await findClamd()) !== undefined;

const SECTIONS: readonly Section[] = [
  { title: 'Types', command: 'tsc' },
  { title: 'Lint and format', command: 'biome check .' },
  { title: 'Unit tests', command: 'vitest run', projects: ['unit'] },
  { title: 'The template', command: 'vitest run', projects: ['template'] },
  // One run for both, so that they share one local stack.
  { title: 'Contract and end-to-end tests', command: 'vitest run', projects: ['contract', 'e2e'] },
  ...(installed.length > 0
    ? [{ title: `Contract tests on ${installed.join(', ')}`, command: 'vitest run', projects: installed }]
    : []),
  ...(installed.includes('versitygw')
    ? [{ title: 'The service on versitygw', command: 'vitest run', projects: ['other-s3'] }]
    : []),
  ...(hasClamd ? [{ title: 'Scans by the real clamd', command: 'vitest run', projects: ['clamav'] }] : []),
];

const reports = join(import.meta.dirname, '..', '.sluice', 'reports');

const NOTHING: Tally = { passed: 0, failed: 0, differing: 0 };

async function runSection({ title, command, projects = [] }: Section): Promise<Tally> {
  const began = performance.now();
  console.log(`\n── ${title} ${'─'.repeat(70 - title.length)}\n`);
  const report = join(reports, `${projects.join('-')}.json`);
  const options = projects.flatMap((project) => ['--project', project]);
  const reporters = [
    '--reporter=default',
    '--reporter=./test/engines/table-reporter.ts',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const exitCode = await run(command, projects.length > 0 ? [...options, ...reporters] : []);
  const tally = projects.length > 0 ? await readTally(report) : NOTHING;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`\n${exitCode === 0 ? '✓' : '✗'} ${title} (${seconds} s)`);
  // A section that fails without a failed test (types, lint, a stack that does not start) counts as one
  // failure.
  return exitCode === 0 || tally.failed > 0 ? tally : { ...tally, failed: 1 };
}

async function run(command: string, options: readonly string[]): Promise<number> {
  const [name = '', ...args] = command.split(' ');
  const child = spawn(name, [...args, ...options], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

async function readTally(report: string): Promise<Tally> {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(await readFile(report, 'utf8'));
    const [passed, failed, differing] = [numPassedTests, numFailedTests, numPendingTests].map(Number);
    return { passed: passed ?? 0, failed: failed ?? 0, differing: differing ?? 0 };
  } catch {
    return NOTHING; // vitest ended before it could report; its exit code tells
  }
}

await rm(reports, { recursive: true, force: true });
await mkdir(reports, { recursive: true });

const tallies: Tally[] = [];
for (const section of SECTIONS) tallies.push(await runSection(section));

function sum(of: (tally: Tally) => number) {
  return tallies.reduce((total, tally) => total + of(tally), 0);
}
const failed = sum((tally) => tally.failed);
const differing = sum((tally) => tally.differing);
if (differing > 0) {
  console.log(
    `\nNot counted: ${differing} cases in which ${installed.join(' or ')} differs from AWS (test/engines/differences.ts).`,
  );
}
if (leftOut.length > 0) {
  const list = leftOut.join(' and ');
  console.log(
    `\nLeft out: the contract tests on ${list}${leftOut.includes('versitygw') ? ', and the service with its buckets there' : ''}, since that is not installed. npm run engines installs it.`,
  );
}
if (!hasClamd) {
  console.log(
    '\nLeft out: scans by the real clamd, since that is not installed (apt-get install clamav-daemon).',
  );
}
console.log(`\n${sum((tally) => tally.passed)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
