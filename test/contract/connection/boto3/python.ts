import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../../local/folders.ts';
import { choosePython, explainNoPython, findPythons } from '../../../../local/python.ts';

const run = promisify(execFile);
const requirements = join(import.meta.dirname, 'requirements.txt');
const environmentFolder = join(projectRoot, '.sluice', 'boto3-venv');
/** The interpreter that has boto3, once it is installed. */
export const python = join(environmentFolder, 'bin', 'python');

/** Runs a Python program that has the real boto3, and gives the lines it printed. */
export async function runPython(program: string, environment: Record<string, string>): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: environmentFolder, ...environment };
  const { stdout } = await run(python, ['-c', program], { env, maxBuffer: 2 ** 24 });
  return stdout.trimEnd();
}

/**
 * Installs boto3 into a folder of this project, unless it is there already. A machine without Python fails the test: a suite
 * that is green because nothing was compared would be a lie.
 */
export async function installBoto3(): Promise<void> {
  const wanted = await readFile(requirements, 'utf8');
  const receipt = join(environmentFolder, 'installed.txt');
  if ((await readFile(receipt, 'utf8').catch(() => '')) === wanted) return;
  const pythons = await findPythons();
  const chosen = choosePython(pythons);
  if (!chosen) throw new Error(`these tests compare with the real boto3: ${explainNoPython(pythons)}`);
  await rm(environmentFolder, { recursive: true, force: true });
  await run(chosen.command, ['-m', 'venv', environmentFolder]);
  await run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '--requirement',
    requirements,
  ]);
  await writeFile(receipt, wanted);
}
