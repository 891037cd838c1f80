import type { Command } from './command.ts';
import { GLOBAL_OPTIONS, type Options } from './options.ts';

const EXIT_CODES = `Exit codes:
  0    accepted, or done
  1    rejected: the bytes are not what was announced, or not allowed
  2    the command line is wrong
  3    anything else: no answer, not logged in, the request was refused, a check of doctor failed
  130  stopped by Ctrl-C; other signals end it as they do every program`;

const ENVIRONMENT = `Environment:
  SLUICE_ENDPOINT       the API, as the deployment prints it
  SLUICE_TOKEN          a token of the caller
  SLUICE_CLIENT_ID      with SLUICE_CLIENT_SECRET: the credentials of a service, which gets its tokens by them
  SLUICE_CLIENT_SECRET
  SLUICE_TOKEN_URL      where services get their tokens, if the API does not say it
  SLUICE_AUDIENCE       whom their tokens are for, where the issuer wants to be told
  AWS_…                 keys, region and all else for S3 itself: \`sluice explain\` lists them
  NO_COLOR              when set, no colours

Without an endpoint, the local stack that \`npm start\` runs in this folder or one above it is used, as its demo user. The
commands for S3 itself use it only with --local.`;

/** All of `sluice --help`. */
export function explainAll(commands: readonly Command[]): string {
  return [
    'sluice: upload files that nobody reads until they are verified',
    `Usage: sluice <command> [options]`,
    `Commands:\n${list(commands.filter(({ shared }) => shared === undefined))}`,
    `Commands for S3 itself, past all verification:\n${list(commands.filter(({ shared }) => shared !== undefined))}`,
    `Options of every command, but --token for S3 itself, where --endpoint is S3's:\n${describe(GLOBAL_OPTIONS)}`,
    `Examples:\n${commands.flatMap(({ examples: [first] }) => (first ? [`  ${first[0]}`] : [])).join('\n')}`,
    ENVIRONMENT,
    EXIT_CODES,
    '`sluice <command> --help` tells more of one command.',
  ].join('\n\n');
}

/** All of `sluice <command> --help`. */
export function explain({
  name,
  summary,
  usage,
  details,
  options,
  shared = GLOBAL_OPTIONS,
  examples,
}: Command): string {
  return [
    `sluice ${name}: ${summary}`,
    `Usage: sluice ${name} ${usage}`.trimEnd(),
    ...(details === undefined ? [] : [details]),
    ...(Object.keys(options).length === 0 ? [] : [`Options:\n${describe(options)}`]),
    `Options of every ${shared === GLOBAL_OPTIONS ? 'command' : 'command for S3'}:\n${describe(shared)}`,
    `Examples:\n${examples.map(([line, effect]) => `  ${line}\n      ${effect}`).join('\n')}`,
    EXIT_CODES,
  ].join('\n\n');
}

function list(commands: readonly Command[]): string {
  return table(commands.map(({ name, summary }) => [name, summary]));
}

function describe(options: Options): string {
  return table(
    Object.entries(options).map(([name, { short, value, help }]) => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` <${value}>` : ''}`,
      help,
    ]),
  );
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
