import type { Command } from './command.ts';
import { GLOBAL_OPTIONS, type Options } from './options.ts';

const EXIT_CODES = `Exit codes:
  0    accepted, or done
  1    rejected: the bytes are not what was announced, or not allowed
  2    the command line is wrong
  3    anything else: no answer, not logged in, the request was refused
  130  stopped by Ctrl-C`;

const ENVIRONMENT = `Environment:
  SLUICE_ENDPOINT  the API, as the deployment prints it
  SLUICE_TOKEN     a token of the caller
  NO_COLOR         when set, no colours

Without an endpoint, the local stack that \`npm start\` runs in this folder or one above it is used, as its demo user.`;

/** All of `sluice --help`. */
export const explainAll = (commands: readonly Command[]): string =>
  [
    'sluice: upload files that nobody reads until they are verified',
    `Usage: sluice <command> [options]`,
    `Commands:\n${table(commands.map(({ name, summary }) => [name, summary]))}`,
    `Options of every command:\n${describe(GLOBAL_OPTIONS)}`,
    `Examples:\n${commands.flatMap(({ examples: [first] }) => (first ? [`  ${first[0]}`] : [])).join('\n')}`,
    ENVIRONMENT,
    EXIT_CODES,
    '`sluice <command> --help` tells more of one command.',
  ].join('\n\n');

/** All of `sluice <command> --help`. */
export const explain = ({ name, summary, usage, details, options, examples }: Command): string =>
  [
    `sluice ${name}: ${summary}`,
    `Usage: sluice ${name} ${usage}`.trimEnd(),
    ...(details === undefined ? [] : [details]),
    ...(Object.keys(options).length === 0 ? [] : [`Options:\n${describe(options)}`]),
    `Options of every command:\n${describe(GLOBAL_OPTIONS)}`,
    `Examples:\n${examples.map(([line, effect]) => `  ${line}\n      ${effect}`).join('\n')}`,
    EXIT_CODES,
  ].join('\n\n');

const describe = (options: Options): string =>
  table(
    Object.entries(options).map(([name, { short, value, help }]) => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` <${value}>` : ''}`,
      help,
    ]),
  );

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};
