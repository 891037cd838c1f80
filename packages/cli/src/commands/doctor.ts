import type { Finding, Verdict } from '@sluice/connection/doctor/finding';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { paint, printJson, printLine } from '../print.ts';
import { parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { parseBucket } from '../storage/place.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'examine the way to S3, and a bucket, and say what to mend',
  usage: '[s3://bucket] [options]',
  details:
    'Measures the look-up of the name, TCP, TLS, the first byte and the clock; checks the keys and whose they are; of a\n' +
    'bucket its region, public access, TLS-only policy, encryption, CORS, notifications and lifecycle. Changes nothing.\n' +
    'Exits 3 when a check fails; warnings do not count. With --json: {"verdict", "findings": [{"check", "verdict",\n' +
    '"detail", "fix", "ms", "error"}]}. docs/connection.md tells more of each check.',
  options: {},
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice doctor', 'examines the connection'],
    ['sluice doctor s3://my-bucket --profile prod', 'examines a bucket as well'],
    ['sluice doctor --json | jq -r ".findings[] | select(.verdict != \\"ok\\").fix"', 'lists what to mend'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, {});
    const [name, ...more] = positionals;
    if (more.length > 0) throw new UsageError('One bucket at a time, please.');
    const bucket = name === undefined ? undefined : parseBucket(name);
    const { examine } = await import('../storage/doctor.ts');
    const findings: Finding[] = [];
    for await (const finding of examine(values, bucket, world)) {
      findings.push(finding);
      if (!values.json) printFinding(world, finding);
    }
    const verdict = worstOf(findings);
    if (values.json) printJson(world.stdout, { verdict, findings });
    else printSummary(world, findings, verdict);
    return verdict === 'fail' ? EXIT.failed : EXIT.ok;
  },
};

const COLOUR_OF = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<Verdict, string>;

function printFinding(world: World, { check, verdict, detail, fix, ms }: Finding): void {
  const word = paint(world, world.stdout, COLOUR_OF[verdict], verdict.padEnd(4));
  const time = ms === undefined ? '' : `, ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  printLine(world.stdout, `${word}  ${check.padEnd(13)}  ${printable(detail)}${time}`);
  if (fix !== undefined) printLine(world.stdout, `${' '.repeat(21)}→ ${printable(fix)}`);
}

function printSummary(world: World, findings: readonly Finding[], verdict: Verdict): void {
  const count = findings.filter(({ verdict: one }) => one === 'warn').length;
  const warnings = count === 0 ? '' : `, with ${count} ${count === 1 ? 'warning' : 'warnings'}`;
  if (verdict === 'fail')
    printLine(world.stderr, 'What failed has to be mended first; the rest was not checked.');
  else printLine(world.stderr, `S3 can be used${warnings}.`);
}

function worstOf(findings: readonly Finding[]): Verdict {
  return (['fail', 'warn'] as const).find((one) => findings.some(({ verdict }) => verdict === one)) ?? 'ok';
}
