import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { childEnvironment } from './environment.ts';
import type { Folders } from './folders.ts';
import { Interrupted, startGroup } from './group.ts';
import { installedPython } from './install.ts';
import { Obstacle, tailOf } from './obstacle.ts';
import { relocateState } from './relocate.ts';
import { rewindStreams } from './rewind.ts';

/** A MiniStack that answers. */
export type MiniStack = {
  readonly endpoint: string;
  /**
   * Rejects when MiniStack ends: with the reason when it did so by itself, as Interrupted when it was
   * stopped.
   */
  readonly ended: Promise<never>;
  /** Has MiniStack write its state, then ends it and every function it runs. */
  readonly stop: () => Promise<void>;
};

/** How to run MiniStack: from the virtual environment, or in Docker. */
export type Launch = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
};

const run = promisify(execFile);

const HEALTHY_WITHIN_MS = 60_000;
const POLL_MS = 100;

/** MiniStack's own settings. AUTH makes it evaluate IAM policies, signatures and CORS as AWS does. */
export function ministackSettings(port: number, state: string, objects: string) {
  return {
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
  };
}

/** Runs the installed MiniStack, reachable from this machine only. */
export function launchFromVenv(folders: Folders, port: number): Launch {
  return {
    command: installedPython(folders),
    args: ['-m', 'ministack'],
    env: childEnvironment(folders, {
      ...ministackSettings(port, folders.state, folders.objects),
      BIND_HOST: '127.0.0.1',
      PYTHONUNBUFFERED: '1',
    }),
  };
}

/**
 * Throws an Obstacle when a stack already runs on these folders: two of them would overwrite each other's
 * data.
 */
export async function requireNotRunning(folders: Folders): Promise<void> {
  const [server = '', starter = ''] = (await readFile(folders.processFile, 'utf8').catch(() => '')).split(
    /\s+/,
  );
  if (server === '' || !(await commandOf(server)).includes('ministack')) return;
  // To end the starter ends both in order; MiniStack alone is left only where its starter was killed
  // outright.
  const pid = (await commandOf(starter)) === '' ? server : starter;
  throw new Obstacle(
    `Sluice already runs from this folder (process ${pid}).\nPress Ctrl-C in its terminal, or stop it with: kill ${pid}`,
  );
}

async function commandOf(pid: string): Promise<string> {
  try {
    return (await run('ps', ['-p', pid, '-o', 'args='])).stdout;
  } catch {
    return ''; // no such process
  }
}

/**
 * Starts MiniStack and returns once it answers. Throws an Obstacle with the end of its log if it does not.
 */
export async function startMiniStack(launch: Launch, folders: Folders, port: number): Promise<MiniStack> {
  await rm(folders.temporary, { recursive: true, force: true });
  for (const folder of [folders.state, folders.objects, folders.temporary, folders.home]) {
    await mkdir(folder, { recursive: true });
  }
  // Functions are unpacked in here, below a project that is an ES module; in Lambda nothing is above them,
  // and a .js is CommonJS.
  await writeFile(join(folders.temporary, 'package.json'), '{ "type": "commonjs" }\n');
  const address = `127.0.0.1:${port}`;
  await relocateState(folders, address);
  await rewindStreams(folders);

  const group = startGroup({
    ...launch,
    cwd: folders.base,
    log: folders.ministackLog,
    afterwards: async () => {
      // The stack file goes too: it describes what is no longer there.
      for (const path of [folders.temporary, folders.processFile, folders.stackFile]) {
        await rm(path, { recursive: true, force: true });
      }
    },
  });
  await writeFile(folders.processFile, `${group.pid} ${process.pid}\n`);

  const ended = group.ended.then(async ({ code, signal, error }) => {
    if (group.isStopped()) throw new Interrupted();
    const how = error
      ? `could not run: ${error.message}`
      : `ended by itself (${signal ?? `exit code ${code}`})`;
    const log = tailOf(await readFile(folders.ministackLog, 'utf8'));
    throw new Obstacle(`MiniStack ${how}. The end of ${folders.ministackLog}:\n\n${log}`);
  });
  ended.catch(() => {}); // told to whoever waits for it; nobody has to

  const endpoint = `http://${address}`;
  try {
    await Promise.race([ended, untilHealthy(endpoint)]);
  } catch (error) {
    await group.stop();
    throw error;
  }
  return { endpoint, ended, stop: group.stop };
}

async function untilHealthy(endpoint: string): Promise<void> {
  const deadline = performance.now() + HEALTHY_WITHIN_MS;
  while (!(await isHealthy(endpoint))) {
    if (performance.now() > deadline) {
      throw new Obstacle(`MiniStack did not answer at ${endpoint} within ${HEALTHY_WITHIN_MS / 1000} s.`);
    }
    await delay(POLL_MS);
  }
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_ministack/health`)).ok;
  } catch {
    return false; // not listening yet
  }
}
