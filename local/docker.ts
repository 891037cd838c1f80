import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Folders } from './folders.ts';
import { runGroup } from './group.ts';
import { type Launch, ministackSettings } from './ministack.ts';
import { Obstacle, tailOf } from './obstacle.ts';

const run = promisify(execFile);

/** True when there is a Docker engine that answers; the client alone is not enough. */
export async function hasDocker(): Promise<boolean> {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** Fetches MiniStack's image, so that starting it later takes no longer than starting it takes. */
export async function pullImage(folders: Folders, version: string): Promise<void> {
  await runGroup(
    {
      command: 'docker',
      args: ['pull', imageOf(version)],
      env: process.env,
      cwd: folders.base,
      log: folders.ministackLog,
    },
    (output) => new Obstacle(`docker pull ${imageOf(version)} failed:\n${tailOf(output)}`),
  );
}

/** Runs MiniStack in a container. Functions then run on the image's own Node, not on the one pinned here. */
export function launchInDocker(folders: Folders, port: number, version: string): Launch {
  const settings = Object.entries(ministackSettings(port, '/data/state', '/data/objects'));
  // The same port inside and outside: functions sign URLs for the address that they themselves see.
  const publish = ['--publish', `127.0.0.1:${port}:${port}`];
  const user = ['--user', `${process.getuid?.()}:${process.getgid?.()}`]; // or the data would belong to root
  const data = ['--volume', `${folders.data}:/data`];
  const env = settings.flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return {
    command: 'docker',
    args: [
      'run',
      '--rm',
      '--name',
      `sluice-ministack-${port}`,
      ...publish,
      ...user,
      ...data,
      ...env,
      imageOf(version),
    ],
    env: process.env,
  };
}

function imageOf(version: string) {
  return `ministackorg/ministack:${version}`;
}
