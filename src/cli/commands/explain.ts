import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT } from '../exit.ts';
import { paint, printJson, printLine } from '../print.ts';
import { connect, toSource } from '../storage/connect.ts';
import { parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { printable, toColumns } from '../text.ts';

export const explainSettings: Command = {
  name: 'explain',
  summary: 'list every setting of the connection, its value and where it comes from',
  usage: '[options]',
  details:
    'The command line wins over the environment, the environment over ~/.aws/config and ~/.aws/credentials. Times are\n' +
    'milliseconds. Secrets are masked. With --json: {"settings": [{"setting", "value", "source"}]}.',
  options: {},
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice explain', 'shows what a call would use'],
    ['sluice explain --profile dev --json', 'shows it for another profile, to a script'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, {});
    if (positionals.length > 0) throw new UsageError('`explain` takes no name.');
    const { explain } = await import('../../lib/connection/settings/explain.ts');
    using session = await connect(values, world);
    const settings = explain(session.settings).map((one) => ({
      ...one,
      source: toSource(values, one.setting, one.source),
    }));
    if (values.json) {
      printJson(world.stdout, { settings });
      return EXIT.ok;
    }
    const rows = settings.map(({ setting, value, source }) => [setting, value, source].map(printable));
    const [heading = '', ...lines] = toColumns([['SETTING', 'VALUE', 'SOURCE'], ...rows]);
    printLine(world.stdout, heading);
    for (const [i, line] of lines.entries()) {
      const isGiven = !/^(default|not set)$/.test(settings[i]?.source ?? '');
      printLine(world.stdout, isGiven ? line : paint(world, world.stdout, 'grey', line));
    }
    return EXIT.ok;
  },
};
