import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Runs a program to its end. Throws with the last lines of what it said, or that it is not installed. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 300_000 }: { cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<void> {
  try {
    await exec(command, args, {
      cwd,
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = isMissing ? 'is not installed' : said.split('\n').slice(-3).join(' | ') || String(error);
    throw new Error(`${command} ${why}`);
  }
}

/** Whether a program is on the PATH. */
export async function isInstalled(command: string): Promise<boolean> {
  try {
    await exec('sh', ['-c', 'command -v "$0"', command]);
    return true;
  } catch {
    return false;
  }
}
