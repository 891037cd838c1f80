import { parseArgs } from 'node:util';
import { ANNOUNCE_OPTIONS, announce } from '../admin/announce.ts';
import { ADMIN_STACK_OPTIONS, WORK_OPTIONS } from '../admin/options.ts';
import { SHOW_OPTIONS, show } from '../admin/show.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../complaint.ts';
import type { ExitCode } from '../exit.ts';
import { GLOBAL_OPTIONS, type Options } from '../options.ts';
import type { World } from '../world.ts';

const OPTIONS = {
  ...ADMIN_STACK_OPTIONS,
  ...WORK_OPTIONS,
  ...SHOW_OPTIONS,
  ...ANNOUNCE_OPTIONS,
} as const satisfies Options;

const FAMILY: Readonly<Record<string, (argv: readonly string[], world: World) => Promise<ExitCode>>> = {
  show,
  announce,
};

export const admin: Command = {
  name: 'admin',
  summary: 'for operators: look into a deployment, and mend it',
  usage: 'show | announce [options]',
  details:
    'show       one upload by its id, its key, or a request or message id of the log: its row, its objects, its messages,\n' +
    '           its log lines, and what to do next\n' +
    'announce   has uploads verified whose notification was lost: those named, or with --stuck all that wait\n\n' +
    'They invoke the function administer of the stack with the keys of your environment, and IAM says whether you may:\n' +
    'docs/admin.md. All but show work page by page, can be stopped and resumed, and change nothing with --dry-run. With\n' +
    '--json they write a line for each thing that they did, and then one with the counts.',
  options: OPTIONS,
  examples: [
    [
      'sluice admin show 34340c23-051e-14db-0628-27fa2f069f97 --stage prod',
      'tells all that is known of an upload',
    ],
    [
      'sluice admin show JKJaXmPLvHcESHA= --stage prod',
      'finds the upload by the request id of an error message',
    ],
    [
      'sluice admin announce --stuck --stage prod --dry-run',
      'counts what waits in incoming for more than 5 minutes',
    ],
    ['sluice admin announce --stuck --stage prod', 'has it verified now'],
  ],
  run: async (argv, world) => {
    const { tokens } = parseArgs({
      args: [...argv],
      options: { ...GLOBAL_OPTIONS, ...OPTIONS },
      strict: false,
      tokens: true,
    });
    const word = tokens.find((token) => token.kind === 'positional');
    const run = FAMILY[word?.value ?? ''];
    if (word === undefined || run === undefined) {
      throw new UsageError(`\`admin\` is followed by one of ${Object.keys(FAMILY).join(', ')}.`);
    }
    return await run(argv.toSpliced(word.index, 1), world);
  },
};
