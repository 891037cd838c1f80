import { mkdir } from 'node:fs/promises';
import { hasDocker, launchInDocker, pullImage } from './docker.ts';
import type { Folders } from './folders.ts';
import { installMiniStack, isInstalled, readMiniStackVersion } from './install.ts';
import { type Launch, launchFromVenv } from './ministack.ts';
import { Obstacle } from './obstacle.ts';
import { choosePython, explainNoPython, findPythons } from './python.ts';

/** MiniStack made ready to start, and how that came about. */
export type Prepared = {
  readonly launch: Launch;
  readonly how: string;
  /** true in Docker, whose 127.0.0.1 is not this machine's */
  readonly isApart: boolean;
};

/** Finds or installs MiniStack: with this machine's Python, else with Docker, else says what to install. */
export async function prepareMiniStack(folders: Folders, port: number): Promise<Prepared> {
  await mkdir(folders.base, { recursive: true });
  const version = await readMiniStackVersion();
  if (await isInstalled(folders)) {
    return { launch: launchFromVenv(folders, port), how: `${version} is installed`, isApart: false };
  }
  const pythons = await findPythons();
  const python = choosePython(pythons);
  if (python) {
    await installMiniStack(folders, python);
    return {
      launch: launchFromVenv(folders, port),
      how: `${version} installed with Python ${python.version}`,
      isApart: false,
    };
  }
  if (await hasDocker()) {
    await pullImage(folders, version);
    return { launch: launchInDocker(folders, port, version), how: `${version} in Docker`, isApart: true };
  }
  throw new Obstacle(
    `The local AWS is MiniStack, a Python program. ${explainNoPython(pythons)}\n` +
      'Install Python 3.10 or newer (https://www.python.org/downloads/), or start a Docker engine, and run this again.',
  );
}
