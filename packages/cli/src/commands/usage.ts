import { createClient } from '@sluice/client/client';
import type { CounterUsage, Usage } from '@sluice/contract/quota';
import { toSize } from '@sluice/contract/size-text';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { OWNER_OPTIONS, parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findTarget } from '../target.ts';
import { printable, toColumns } from '../text.ts';

export const usage: Command = {
  name: 'usage',
  summary: 'tell what you have, and what is left of your quotas',
  usage: '[options]',
  details: 'With --json: the answer as it came.',
  options: OWNER_OPTIONS,
  examples: [
    ['sluice usage', 'tells how many files and bytes you have, and how many more you may'],
    ['sluice usage --owner-tenant acme', 'tells it of a tenant as a whole, as a service'],
    ['sluice usage --json | jq .all.left.bytes', 'gives what is left to a script'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OWNER_OPTIONS);
    if (positionals.length > 0) throw new UsageError('`usage` takes no name.');
    const client = createClient({ ...(await findTarget(values, world)), timing: world.timing });
    const { 'owner-tenant': tenant, owner } = values;
    const answer = await client.usage({
      ...(tenant !== undefined && { tenant }),
      ...(owner !== undefined && { owner }),
      signal: world.signal,
    });
    if (values.json) printJson(world.stdout, answer);
    else for (const line of toLines(answer)) printLine(world.stdout, line);
    return EXIT.ok;
  },
};

function toLines({ all, policies, unfinished }: Usage): readonly string[] {
  const rows: (readonly [string, CounterUsage])[] = [
    ...(all === undefined ? [] : [['all', all] as const]),
    ...Object.entries(policies),
    ...(unfinished === undefined ? [] : [['unfinished', unfinished] as const]),
  ];
  return toColumns([
    ['OF', 'FILES', 'LEFT', 'BYTES', 'LEFT'],
    ...rows.map(([name, { files, bytes, left }]) => [
      printable(name),
      String(files),
      left.files === undefined ? 'no limit' : String(left.files),
      bytes === undefined ? '' : toSize(bytes),
      bytes === undefined ? '' : left.bytes === undefined ? 'no limit' : toSize(left.bytes),
    ]),
  ]);
}
