import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import type { Command } from './command.ts';
import { admin } from './commands/admin.ts';
import { check } from './commands/check.ts';
import { cp } from './commands/cp.ts';
import { deleteUploads } from './commands/delete.ts';
import { doctor } from './commands/doctor.ts';
import { download } from './commands/download.ts';
import { events } from './commands/events.ts';
import { explainSettings } from './commands/explain.ts';
import { grants } from './commands/grants.ts';
import { list } from './commands/list.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { ls } from './commands/ls.ts';
import { mb } from './commands/mb.ts';
import { policies } from './commands/policies.ts';
import { presign } from './commands/presign.ts';
import { rb } from './commands/rb.ts';
import { rm } from './commands/rm.ts';
import { share } from './commands/share.ts';
import { status } from './commands/status.ts';
import { token } from './commands/token.ts';
import { upload } from './commands/upload.ts';
import { usage } from './commands/usage.ts';
import { webhooks } from './commands/webhooks.ts';
import { UsageError } from './complaint.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { explain, explainAll } from './help.ts';
import { GLOBAL_OPTIONS } from './options.ts';
import { paint, printJson, printLine } from './print.ts';
import { toReport } from './report.ts';
import { describeCause } from './result.ts';
import { findStack } from './stack.ts';
import { printable } from './text.ts';
import type { World } from './world.ts';

const COMMANDS: readonly Command[] = [
  ...[
    upload,
    status,
    list,
    download,
    share,
    deleteUploads,
    policies,
    usage,
    grants,
    webhooks,
    events,
    admin,
    check,
    login,
    logout,
    token,
  ],
  ...[explainSettings, doctor, cp, ls, rm, presign, mb, rb],
];

/**
 * Runs one command line. Everything that goes wrong is told on stderr and in the exit code; nothing is
 * thrown.
 */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
  const { words, flags, rest } = split(argv);
  const [word = ''] = words;
  const command = COMMANDS.find(({ name }) => name === (word === 'help' ? words[1] : word));
  if (flags.has('version')) return tell(world, manifest.version);
  if (flags.has('help') || word === 'help')
    return tell(world, command ? explain(command) : explainAll(COMMANDS));
  try {
    if (command) return await command.run(rest, world);
    throw new UsageError(word === '' ? 'Which command?' : `There is no command "${printable(word)}".`);
  } catch (error) {
    return complain(error, world, { command, json: flags.has('json'), named: flags.has('endpoint') });
  }
}

/** Finds the command word, which options of every command may precede, and leaves it out of `rest`. */
function split(argv: readonly string[]) {
  const { tokens } = parseArgs({ args: [...argv], options: GLOBAL_OPTIONS, strict: false, tokens: true });
  const words = tokens.filter((token) => token.kind === 'positional');
  // A flag counts where it stands alone: the h of `-dash.png` is no wish for help, but the command's own to
  // refuse.
  const flags = new Set(
    tokens.flatMap((token) =>
      token.kind === 'option' && argv[token.index]?.split('=', 1)[0] === token.rawName ? [token.name] : [],
    ),
  );
  const rest = words[0] === undefined ? argv : argv.toSpliced(words[0].index, 1);
  return { words: words.map(({ value }) => value), flags, rest };
}

function tell(world: World, text: string): ExitCode {
  printLine(world.stdout, text);
  return EXIT.ok;
}

async function complain(
  error: unknown,
  world: World,
  call: { readonly command: Command | undefined; readonly json: boolean; readonly named: boolean },
): Promise<ExitCode> {
  if (world.signal.aborted) {
    printLine(world.stderr, 'Stopped.');
    return EXIT.interrupted;
  }
  const { command, json } = call;
  const local = !call.named && !world.env.SLUICE_ENDPOINT && (await findStack(world.folder)) !== undefined;
  const { exit, ...report } = toReport(error, local);
  if (json) {
    printJson(world.stderr, { error: report });
    return exit;
  }
  printLine(world.stderr, `${paint(world, world.stderr, 'red', 'sluice:')} ${describeCause(report)}`);
  if (report.hint !== undefined) printLine(world.stderr, report.hint);
  if (exit === EXIT.usage) {
    printLine(world.stderr, `Try \`sluice ${command ? `${command.name} ` : ''}--help\`.`);
  }
  return exit;
}
