// Commands of the runbook, run as an operator types them.
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { STAGE, stackName } from '../../local/deploy.ts';
import { localCredentials } from '../../local/environment.ts';
import { projectRoot } from '../../local/folders.ts';
import type { Stack } from '../../local/stack.ts';

/** More than these from a symptom to its cure are too many for somebody who was called at night. */
export const MOST_COMMANDS = 3;

/** How a command ended, and what it wrote. */
export type Ran = {
  readonly command: string;
  readonly seconds: number;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
};

/**
 * The command for this stack: `--stage prod` and `sluice-prod` are those of the local stage, and `<name>` is
 * what is filled in. Throws if something is left to fill in.
 */
export function toLocal(command: string, fill: Readonly<Record<string, string>>): string {
  return command
    .replaceAll('--stage prod', `--stage ${STAGE}`)
    .replaceAll('sluice-prod', stackName)
    .replaceAll(/<([\w -]+)>/g, (blank, name: string) => {
      const value = fill[name];
      if (value === undefined) throw new Error(`Nothing is filled in for ${blank} of: ${command}`);
      return quoted(value);
    });
}

/** A value as one word of a shell. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** Runs a command by the shell, in this project, with the keys of who operates the stack. */
export async function runCommand(
  command: string,
  { endpoint, region }: Pick<Stack, 'endpoint' | 'region'>,
  home: string,
): Promise<Ran> {
  const began = performance.now();
  const child = spawn('sh', ['-c', command], {
    cwd: projectRoot,
    env: {
      PATH: [join(projectRoot, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      HOME: home,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region, // all that version 1 of the AWS CLI looks at
      AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
      npm_config_update_notifier: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }),
  ]);
  return { command, seconds: (performance.now() - began) / 1000, code, out, err };
}

/** The sum that an admin command ends with: `100 announced, 3 recent.` */
export function countsOf({ out }: Pick<Ran, 'out'>): Readonly<Record<string, number>> {
  const sum = out
    .split('\n')
    .findLast((line) => /^\d+ [^,.]+(?:, \d+ [^,.]+)*\.(?: Nothing was changed\.)?$/.test(line));
  const entries = [...(sum ?? '').matchAll(/(\d+) ([^,.]+)/g)].map(([, count, name = '']) => [
    name,
    Number(count),
  ]);
  return Object.fromEntries(entries);
}
