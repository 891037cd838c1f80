import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Options } from '../options.ts';
import { paint, printJson, printLine } from '../print.ts';
import { gatherSources, toSource, toUsage } from '../storage/connect.ts';
import { parseStorage, STORAGE_OPTIONS } from '../storage/options.ts';
import { printable, toColumns } from '../text.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  profiles: { type: 'boolean', help: 'list the profiles of both shared files instead' },
} as const satisfies Options;

export const explainSettings: Command = {
  name: 'explain',
  summary: 'list every setting of the connection, its value and where it comes from',
  usage: '[options]',
  details:
    'The command line wins over the environment, the environment over ~/.aws/config and ~/.aws/credentials. Times are\n' +
    'milliseconds. Secrets are masked. A setting that is not allowed says what is, and the command exits 3.\n' +
    'With --json: {"settings": [{"setting", "value", "source", "error"}]}; "error" only where something is wrong. With\n' +
    '--profiles the names of the profiles, one a line, or {"profiles": ["name"]}.',
  options: OPTIONS,
  shared: STORAGE_OPTIONS,
  examples: [
    ['sluice explain', 'shows what a call would use'],
    ['sluice explain --profiles', 'lists the profiles that there are'],
    ['sluice explain --profile dev --json', 'shows it for another profile, to a script'],
  ],
  run: async (argv, world) => {
    const { values, positionals } = parseStorage(argv, OPTIONS);
    if (positionals.length > 0) throw new UsageError('`explain` takes no name.');
    if (values.profiles) return listProfiles(world, values.json === true);
    const { explain } = await import('@sluice/connection/settings/explain');
    const { inspectSettings } = await import('@sluice/connection/settings/load');
    const inspected = inspectSettings(await gatherSources(values, world));
    const misused = inspected.faults.find(({ source }) => source === 'code');
    if (misused) throw toUsage(misused);
    const settings = explain(inspected).map((one) => ({
      ...one,
      source: toSource(values, one.setting, one.source),
    }));
    const code = inspected.faults.length > 0 ? EXIT.failed : EXIT.ok;
    if (values.json) {
      printJson(world.stdout, { settings });
      return code;
    }
    const rows = settings.map(({ setting, value, source, error }) =>
      [setting, value, error === undefined ? source : `${source}: ${error}`].map(printable),
    );
    const [heading = '', ...lines] = toColumns([['SETTING', 'VALUE', 'SOURCE'], ...rows]);
    printLine(world.stdout, heading);
    for (const [i, line] of lines.entries()) {
      const { source = '', error } = settings[i] ?? {};
      const isGiven = !/^(default|not set)$/.test(source);
      const colour = error !== undefined ? 'red' : isGiven ? undefined : 'grey';
      printLine(world.stdout, colour ? paint(world, world.stdout, colour, line) : line);
    }
    return code;
  },
};

async function listProfiles(world: World, isJson: boolean): Promise<ExitCode> {
  const { availableProfiles } = await import('@sluice/connection/settings/shared-file');
  const profiles = availableProfiles(world.env);
  if (isJson) printJson(world.stdout, { profiles });
  else for (const profile of profiles) printLine(world.stdout, printable(profile));
  return EXIT.ok;
}
