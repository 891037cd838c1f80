import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from './environment.ts';
import type { Folders } from './folders.ts';
import { startGroup } from './group.ts';
import { installedPython } from './install.ts';
import { Obstacle, tailOf } from './obstacle.ts';
import { relocateState } from './relocate.ts';

/** A MiniStack that answers. */
export type MiniStack = {
  readonly endpoint: string;
  /** Resolves with the reason when MiniStack ends by itself; stays pending otherwise. */
  readonly crashed: Promise<Obstacle>;
  /** Has MiniStack write its state, then ends it and every function it runs. */
  readonly stop: () => Promise<void>;
};

/** How to run MiniStack: from the virtual environment, or in Docker. */
export type Launch = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
};

const HEALTHY_WITHIN_MS = 60_000;
const POLL_MS = 100;

/** MiniStack's own settings. AUTH makes it evaluate IAM policies, signatures and CORS as AWS does. */
export const ministackSettings = (port: number, state: string, objects: string) => ({
  AUTH: 'true',
  GATEWAY_PORT: String(port),
  // Goes into queue URLs; `localhost` may mean ::1, where nothing listens.
  MINISTACK_HOST: '127.0.0.1',
  PERSIST_STATE: '1',
  STATE_DIR: state,
  S3_PERSIST: '1',
  S3_DATA_DIR: objects,
  // Listeners on ports of their own that Sluice has no use for.
  SFTP_ENABLED: '0',
  IOT_MTLS_ENABLED: '0',
});

/** Runs the installed MiniStack, reachable from this machine only. */
export const launchFromVenv = (folders: Folders, port: number): Launch => ({
  command: installedPython(folders),
  args: ['-m', 'ministack'],
  env: childEnvironment(folders, {
    ...ministackSettings(port, folders.state, folders.objects),
    BIND_HOST: '127.0.0.1',
    PYTHONUNBUFFERED: '1',
  }),
});

/** Starts MiniStack and returns once it answers. Throws an Obstacle with the end of its log if it does not. */
export async function startMiniStack(launch: Launch, folders: Folders, port: number): Promise<MiniStack> {
  await rm(folders.temporary, { recursive: true, force: true });
  for (const folder of [folders.state, folders.objects, folders.temporary, folders.home]) {
    await mkdir(folder, { recursive: true });
  }
  const address = `127.0.0.1:${port}`;
  await relocateState(folders, address);
  const group = startGroup({ ...launch, cwd: folders.base, log: folders.ministackLog });
  await writeFile(folders.processFile, `${group.pid}\n`);

  const ended = group.ended.then(async ({ code, signal, error }) => {
    const how = error
      ? `could not run: ${error.message}`
      : `ended by itself (${signal ?? `exit code ${code}`})`;
    const log = tailOf(await readFile(folders.ministackLog, 'utf8'));
    return new Obstacle(`MiniStack ${how}. The end of ${folders.ministackLog}:\n\n${log}`);
  });
  const stop = async () => {
    await group.stop();
    await rm(folders.temporary, { recursive: true, force: true });
    await rm(folders.processFile, { force: true });
  };

  const endpoint = `http://${address}`;
  const obstacle = await Promise.race([ended, untilHealthy(endpoint)]);
  if (obstacle) {
    await stop();
    throw obstacle;
  }
  const crashed = ended.then((reason) => (group.isStopped() ? new Promise<never>(() => {}) : reason));
  return { endpoint, crashed, stop };
}

async function untilHealthy(endpoint: string): Promise<Obstacle | undefined> {
  const deadline = performance.now() + HEALTHY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (await isHealthy(endpoint)) return undefined;
    await delay(POLL_MS);
  }
  return new Obstacle(`MiniStack did not answer at ${endpoint} within ${HEALTHY_WITHIN_MS / 1000} s.`);
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/health`)).ok;
  } catch {
    return false; // not listening yet
  }
}
