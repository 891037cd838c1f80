import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findTarget } from '../target.ts';

export const token: Command = {
  name: 'token',
  summary: 'write a token for curl or a page, of your login or of the local stack',
  usage: '[options]',
  details:
    'Whoever has the token is you until it ends, for Cognito after an hour. Write it into no file that others read.',
  options: {},
  examples: [
    ['curl "$API/policies" -H "authorization: Bearer $(sluice token)"', 'calls the API by hand'],
    ['sluice token --json', 'writes the address of the API, too'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, {});
    if (positionals.length > 0) throw new UsageError('`token` takes no name.');
    const { endpoint, token: source } = await findTarget(values, world);
    const text = typeof source === 'string' ? source : await source();
    if (values.json) printJson(world.stdout, { endpoint, token: text });
    else printLine(world.stdout, text);
    return EXIT.ok;
  },
};
