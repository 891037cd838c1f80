import { createClient } from '@sluice/client/client';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { type Options, parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findServiceTarget, findTarget } from '../target.ts';

const OPTIONS = {
  service: { type: 'boolean', help: 'the token of a service, not of a user' },
} as const satisfies Options;

export const token: Command = {
  name: 'token',
  summary: 'write a token that the API takes, for curl or a page',
  usage: '[options]',
  details:
    'Whoever has the token is you until it ends, for Cognito after an hour. Write it into no file that others read.\n' +
    'A service is a backend: that of SLUICE_CLIENT_ID and SLUICE_CLIENT_SECRET, or the one that the local stack has.',
  options: OPTIONS,
  examples: [
    ['curl "$API/policies" -H "authorization: Bearer $(sluice token)"', 'calls the API by hand'],
    ['sluice token --json', 'writes the address of the API, too'],
    ['sluice token --service', 'writes a token of a backend'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, OPTIONS);
    if (positionals.length > 0) throw new UsageError('`token` takes no name.');
    const { endpoint, token: source } = await (values.service
      ? findServiceTarget(values, world)
      : findTarget(values, world));
    let current = '';
    const client = createClient({
      endpoint,
      timing: world.timing,
      token: async (refused) => (current = typeof source === 'string' ? source : await source(refused)),
    });
    // A login that is remembered may be to a pool that is gone, as after a fresh start: only the API can say.
    await client.policies({ signal: world.signal });
    if (values.json) printJson(world.stdout, { endpoint, token: current });
    else printLine(world.stdout, current);
    return EXIT.ok;
  },
};
