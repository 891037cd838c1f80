import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { parse } from '../options.ts';
import { printJson, printLine } from '../print.ts';
import { findPlace } from '../target.ts';

export const logout: Command = {
  name: 'logout',
  summary: 'forget a login',
  usage: '[options]',
  options: {},
  examples: [['sluice logout', 'forgets the login to this endpoint']],
  run: async (argv, world) => {
    const { values, positionals } = parse(argv, {});
    if (positionals.length > 0) throw new UsageError('`logout` takes no name.');
    const { endpoint, logins, stack } = await findPlace(values, world);
    const forgotten = await logins.forget(endpoint);
    if (values.json) printJson(world.stdout, { endpoint, forgotten });
    else {
      const news = forgotten
        ? `You are logged out of ${endpoint}.`
        : `You were not logged in to ${endpoint}.`;
      // The next command would sign in again by itself, which is no logout to whoever does not know.
      const demo = stack ? ' Commands act there as the demo user of the local stack.' : '';
      printLine(world.stdout, news + demo);
    }
    return EXIT.ok;
  },
};
