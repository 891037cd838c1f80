import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Obstacle, tailOf } from './obstacle.ts';
import type { Python } from './python.ts';

const run = promisify(execFile);

/** A virtual environment of Python's, and the requirements that are to be in it. */
export type Environment = {
  /** what it is for, in messages */
  readonly name: string;
  readonly folder: string;
  /** a requirements.txt with the hash of every file */
  readonly requirements: string;
};

/** The interpreter of an environment. */
export function pythonOf({ folder }: Pick<Environment, 'folder'>): string {
  return join(folder, 'bin', 'python');
}

/**
 * True when exactly the locked packages are installed, and the interpreter still runs and finds `modules`.
 */
export async function hasPackages(environment: Environment, modules: readonly string[]): Promise<boolean> {
  try {
    const [installed, wanted] = await Promise.all([
      readFile(receiptOf(environment), 'utf8'),
      readFile(environment.requirements, 'utf8'),
      run(pythonOf(environment), ['-c', `import ${modules.join(', ')}`]),
    ]);
    return installed === wanted;
  } catch {
    return false; // never installed, cut short, or the Python it was made with is gone
  }
}

/** Makes the environment and installs the locked packages into it. Safe to run again after a failure. */
export async function installPackages(environment: Environment, python: Python): Promise<void> {
  const { folder, requirements } = environment;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await runOrExplain(environment, python.command, ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
  await runOrExplain(environment, pythonOf(environment), [...pip, '--requirement', requirements]);
  // Written last, so that an installation cut short is made anew.
  await writeFile(receiptOf(environment), await readFile(requirements));
}

function receiptOf({ folder }: Environment) {
  return join(folder, 'installed.txt');
}

// pip alone runs in the caller's own environment: it needs their index, proxy and certificates.
async function runOrExplain({ name }: Environment, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args);
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Obstacle(
      `Installing ${name} failed: ${command} ${args.slice(0, 3).join(' ')} said:\n${tailOf(output)}`,
    );
  }
}
