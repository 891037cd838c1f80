// The command line, as an operator or a user runs it against a deployed stack.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TestStack } from '../setup/local-stack.ts';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/sluice.ts', import.meta.url));

/** Runs `sluice … --json` in a folder that is its home, too, and parses the lines that it writes. */
export async function runSluice(
  folder: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const child = spawn(process.execPath, [ENTRY, ...argv, '--json'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...env },
  });
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  const lines = out
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return { code, err, lines, end: lines.at(-1), counts: lines.at(-1)?.counts };
}

/** `sluice admin …` with the credentials of whoever operates the stack. */
export function createAdmin(
  { endpoint, region, stackName }: Pick<TestStack, 'endpoint' | 'region' | 'stackName'>,
  folder: string,
) {
  return (...argv: readonly string[]) =>
    runSluice(folder, ['admin', ...argv, '--stack', stackName], {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
}
