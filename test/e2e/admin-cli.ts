// `sluice admin`, as an operator runs it against a deployed stack.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TestStack } from '../setup/local-stack.ts';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/sluice.ts', import.meta.url));

/** Runs `sluice admin …` in a folder, and parses the lines of JSON that it writes. */
export function createAdmin(
  { endpoint, region, stackName }: Pick<TestStack, 'endpoint' | 'region' | 'stackName'>,
  folder: string,
) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  return async (...argv: readonly string[]) => {
    const child = spawn(process.execPath, [ENTRY, 'admin', ...argv, '--stack', stackName, '--json'], {
      cwd: folder,
      env,
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
  };
}
