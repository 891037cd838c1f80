import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Folders, projectRoot } from './folders.ts';
import { Obstacle, tailOf } from './obstacle.ts';
import type { Python } from './python.ts';

const run = promisify(execFile);
const requirementsFile = join(projectRoot, 'local', 'requirements.txt');

/** The pinned version of MiniStack. */
export async function readMiniStackVersion(): Promise<string> {
  const pin = /^ministack==(\S+)/m.exec(await readFile(requirementsFile, 'utf8'));
  if (!pin?.[1]) throw new Error(`${requirementsFile} pins no ministack`);
  return pin[1];
}

/** The interpreter of the virtual environment that holds MiniStack. */
export const installedPython = (folders: Folders): string => join(folders.installation, 'bin', 'python');

/** True when exactly the pinned packages are installed and their interpreter still runs. */
export async function isInstalled(folders: Folders): Promise<boolean> {
  try {
    const [installed, wanted] = await Promise.all([
      readFile(receiptIn(folders), 'utf8'),
      readFile(requirementsFile, 'utf8'),
      run(installedPython(folders), ['-c', 'import ministack, cryptography']),
    ]);
    return installed === wanted;
  } catch {
    return false; // never installed, cut short, or the Python it was made with is gone
  }
}

/** Makes the virtual environment and installs the pinned packages into it. Safe to run again after a failure. */
export async function installMiniStack(folders: Folders, python: Python): Promise<void> {
  await rm(folders.installation, { recursive: true, force: true });
  await mkdir(folders.installation, { recursive: true });
  await runOrExplain(python.command, ['-m', 'venv', folders.installation]);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '--requirement',
    requirementsFile,
  ];
  await runOrExplain(installedPython(folders), pip);
  // Written last, so that an installation cut short is made anew.
  await writeFile(receiptIn(folders), await readFile(requirementsFile));
}

const receiptIn = (folders: Folders) => join(folders.installation, 'installed.txt');

// pip alone runs in the caller's own environment: it needs their index, proxy and certificates.
async function runOrExplain(command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args);
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Obstacle(
      `Installing MiniStack failed: ${command} ${args.slice(0, 3).join(' ')} said:\n${tailOf(output)}`,
    );
  }
}
