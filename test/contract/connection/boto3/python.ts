import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../../local/folders.ts';
import { hasPackages, installPackages, pythonOf } from '../../../../local/packages.ts';
import { choosePython, explainNoPython, findPythons } from '../../../../local/python.ts';

const run = promisify(execFile);
const environment = {
  name: 'boto3',
  folder: join(projectRoot, '.sluice', 'boto3-venv'),
  requirements: join(import.meta.dirname, 'requirements.txt'),
};
/** The interpreter that has boto3, once it is installed. */
export const python = pythonOf(environment);

/** Runs a Python program that has the real boto3, and gives the lines it printed. */
export async function runPython(program: string, variables: Record<string, string>): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: environment.folder, ...variables };
  const { stdout } = await run(python, ['-c', program], { env, maxBuffer: 2 ** 24 });
  return stdout.trimEnd();
}

/**
 * Installs boto3 into a folder of this project, unless it is there already. A machine without Python fails
 * the test: a suite that is green because nothing was compared would be a lie.
 */
export async function installBoto3(): Promise<void> {
  if (await hasPackages(environment, ['boto3', 'requests'])) return;
  const pythons = await findPythons();
  const chosen = choosePython(pythons);
  if (!chosen) throw new Error(`these tests compare with the real boto3: ${explainNoPython(pythons)}`);
  await installPackages(environment, chosen);
}
