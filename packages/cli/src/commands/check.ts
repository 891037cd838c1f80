import { createClient } from '@sluice/client/client';
import { checkPromises, type Outcome } from '../check/promises.ts';
import { chooseSample } from '../check/sample.ts';
import type { Command } from '../command.ts';
import { Complaint, UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { type GlobalValues, parse } from '../options.ts';
import { paint, printJson, printLine } from '../print.ts';
import { findServiceTarget, findTarget, type Target } from '../target.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';

export const check: Command = {
  name: 'check',
  summary: 'try what a deployed Sluice promises, on the stack itself',
  usage: '[options]',
  details:
    'Uploads a few small files in every way, one of them dishonest, reads back what was accepted, and deletes it all.\n' +
    'Where a policy demands a scanner, one is EICAR, the test file that every scanner finds.\n' +
    'In some seconds: after a deployment, or when something seems stuck. What services alone may do is tried as that of\n' +
    'SLUICE_CLIENT_ID, or of the local stack; what cannot be tried is told as none. Exits 3 when a promise is not kept.\n' +
    'With --json: {"kept", "checks": [{"check", "verdict": "ok" | "fail" | "skip" | "none", "detail"}]}.',
  options: {},
  examples: [
    ['sluice check', 'tries the stack of this folder, or of SLUICE_ENDPOINT'],
    ['sluice check --json | jq -r ".checks[] | select(.verdict != \\"ok\\").detail"', 'lists what is wrong'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, {});
    if (positionals.length > 0) throw new UsageError('`check` takes no name.');
    const target = await findTarget(values, world);
    const { policies } = await createClient({ ...target, timing: world.timing }).policies({
      signal: world.signal,
    });
    const sample = chooseSample(policies);
    if (sample === undefined) {
      throw new Complaint('No policy takes text, CSV or NDJSON, so there is nothing to check with.');
    }
    const checks: Outcome[] = [];
    const service = await findService(values, world);
    for await (const outcome of checkPromises(target, service, sample, world)) {
      checks.push(outcome);
      if (!values.json) printOutcome(world, outcome);
    }
    const kept = checks.every(({ verdict }) => verdict === 'ok' || verdict === 'none');
    if (values.json) printJson(world.stdout, { kept, checks });
    else if (kept) printLine(world.stderr, `${target.endpoint} keeps what it promises.`);
    else printLine(world.stderr, 'docs/operating.md tells where to look.');
    return kept ? EXIT.ok : EXIT.failed;
  },
};

/** The same stack as a service; undefined where there are no credentials of one. */
async function findService(values: GlobalValues, world: World): Promise<Target | undefined> {
  try {
    return await findServiceTarget(values, world);
  } catch (error) {
    if (error instanceof Complaint) return undefined;
    throw error;
  }
}

const COLOUR_OF = { ok: 'green', none: 'yellow', skip: 'yellow', fail: 'red' } as const;

function printOutcome(world: World, { check: name, verdict, detail }: Outcome): void {
  const word = paint(world, world.stdout, COLOUR_OF[verdict], verdict.padEnd(4));
  printLine(world.stdout, `${word}  ${name.padEnd(16)}  ${printable(detail)}`);
}
