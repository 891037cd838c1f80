import { createClient } from '@sluice/client/client';
import { toSize } from '@sluice/contract/size-text';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findTarget } from '../target.ts';
import { printable } from '../text.ts';

export const policies: Command = {
  name: 'policies',
  summary: 'list what may be uploaded',
  usage: '[options]',
  options: {},
  examples: [
    ['sluice policies', 'lists types and limits of every policy'],
    ['sluice policies --json | jq ".policies[].types"', 'gives the types to a script'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, {});
    if (positionals.length > 0) throw new UsageError('`policies` takes no name.');
    const client = createClient({ ...(await findTarget(values, world)), timing: world.timing });
    const answer = await client.policies({ signal: world.signal });
    if (values.json) printJson(world.stdout, answer);
    else {
      for (const { name, title, types, minBytes, maxBytes, checksum } of answer.policies) {
        const least = minBytes > 1 ? `${toSize(minBytes)} to ` : 'up to ';
        const demands = checksum === 'required' ? ', checksum required' : '';
        printLine(
          world.stdout,
          `${printable(name)}  ${printable(title)}, ${least}${toSize(maxBytes)}${demands}`,
        );
        for (const type of types) printLine(world.stdout, `  ${printable(type)}`);
      }
    }
    return EXIT.ok;
  },
};
