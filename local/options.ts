import { parseArgs } from 'node:util';
import { Obstacle } from './obstacle.ts';

export type Options = {
  readonly port: number;
  readonly fresh: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
};

export const usage = `Usage: npm start -- [options]

Runs Sluice whole on this machine: a local AWS, the same deployment that goes to AWS, a demo user.

  --port N     the port of the local AWS (default 4566)
  --fresh      forget uploads, users and everything else, and begin anew
  --verbose    show what every function logs, not only warnings and errors
  --help       this text

Ctrl-C stops everything that was started. Files and logs are in .sluice/.
`;

/** Reads the command line of `npm start`. Throws an Obstacle that names the option it does not understand. */
export function parseOptions(argv: readonly string[]): Options {
  const values = parse(argv);
  return {
    port: parsePort(values.port),
    fresh: values.fresh,
    verbose: values.verbose,
    help: values.help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string', default: '4566' },
        fresh: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('. ');
    // npm keeps options for itself unless `--` comes before them, and passes on their values alone.
    const hint = reason?.startsWith('Unexpected argument')
      ? ' Options come after --, as in: npm start -- --port 4711'
      : '';
    throw new Obstacle(`${reason}.${hint}\n\n${usage}`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Obstacle(`--port wants a number from 1 to 65535, not "${text}".`);
}
