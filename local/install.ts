import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Folders, projectRoot } from './folders.ts';
import { type Environment, hasPackages, installPackages, pythonOf } from './packages.ts';
import type { Python } from './python.ts';

const requirements = join(projectRoot, 'local', 'requirements.txt');

function environmentIn(folders: Folders): Environment {
  return {
    name: 'MiniStack',
    folder: folders.installation,
    requirements,
  };
}

/** The pinned version of MiniStack. */
export async function readMiniStackVersion(): Promise<string> {
  const pin = /^ministack==(\S+)/m.exec(await readFile(requirements, 'utf8'));
  if (!pin?.[1]) throw new Error(`${requirements} pins no ministack`);
  return pin[1];
}

/** The interpreter of the virtual environment that holds MiniStack. */
export function installedPython(folders: Folders): string {
  return pythonOf(environmentIn(folders));
}

/** True when exactly the pinned packages are installed and their interpreter still runs. */
export function isInstalled(folders: Folders): Promise<boolean> {
  return hasPackages(environmentIn(folders), ['ministack', 'cryptography']);
}

/**
 * Makes the virtual environment and installs the pinned packages into it. Safe to run again after a failure.
 */
export function installMiniStack(folders: Folders, python: Python): Promise<void> {
  return installPackages(environmentIn(folders), python);
}
