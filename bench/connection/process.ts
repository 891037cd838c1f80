import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a measured process says of itself. */
export type Report = { readonly seconds: number; readonly peakRssMiB: number };

/** Runs a program that prints its report as JSON, with nothing of this process's environment but the path. */
export async function runMeasured<T extends Report>(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const { stdout } = await promisify(execFile)(command, [...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  return JSON.parse(stdout);
}
