import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClamd } from '../src/lib/clamav/clamd.ts';
import { ClamdFailed } from '../src/lib/clamav/faults.ts';
import { type Folders, projectRoot } from './folders.ts';
import { Interrupted, startGroup } from './group.ts';
import { Obstacle, tailOf } from './obstacle.ts';
import { findFreePort } from './port.ts';

/** A clamd of this machine. */
export type LocalClamd = {
  /** `host:port`, as functions reach it: here they are processes of this machine */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** in clamd's words */
  readonly version: string;
  /** Rejects when clamd ends: as Interrupted when it was stopped, else with the end of its log. */
  readonly ended: Promise<never>;
  readonly stop: () => Promise<void>;
};

const HOST = '127.0.0.1';
const ANSWERS_WITHIN_MS = 60_000;
const POLL_MS = 50;
const settings = join(projectRoot, 'containers', 'clamav', 'clamd.conf');
/** The one signature that it has: real ones are 300 MB, which nobody wants to wait for. */
const signature = join(projectRoot, 'local', 'eicar.ndb');

// Daemons are not on everybody's PATH.
const PLACES = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin', '/opt/local/sbin'];

/** The path of the installed clamd; undefined where there is none. */
export async function findClamd(places = [...(process.env.PATH ?? '').split(':'), ...PLACES]) {
  for (const place of places.filter(Boolean)) {
    const path = join(place, 'clamd');
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/** Its path. Throws an Obstacle that says how to install it. */
export async function requireClamd(): Promise<string> {
  const path = await findClamd();
  if (path !== undefined) return path;
  throw new Obstacle(
    '--scan clamav needs clamd, ClamAV’s daemon, which is not installed.\n' +
      'Debian, Ubuntu: apt-get install clamav-daemon   macOS: brew install clamav',
  );
}

/**
 * What may differ from the settings in the container: a test wants smaller limits, or the port of a clamd
 * that was stopped.
 */
export type ClamdSettings = Readonly<Record<string, string | number>>;

/**
 * The container's clamd.conf with some settings replaced, or taken out where they are `undefined`.
 * @param conf the text of the file
 */
export function withSettings(conf: string, changes: Readonly<Record<string, string | number | undefined>>) {
  const kept = conf.split('\n').filter((line) => !((line.split(' ')[0] ?? '') in changes));
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  return [...kept, ...added, ''].join('\n');
}

/**
 * Starts clamd with the settings of the container (containers/clamav/clamd.conf), on a free port of this
 * machine, and with a signature that knows EICAR alone. Returns once it answers.
 */
export async function startClamd(
  folders: Pick<Folders, 'clamav'>,
  others: ClamdSettings = {},
): Promise<LocalClamd> {
  const command = await requireClamd();
  const folder = folders.clamav;
  const [signatures, temporary] = [join(folder, 'signatures'), join(folder, 'tmp')];
  for (const one of [signatures, temporary]) await mkdir(one, { recursive: true });
  await writeFile(join(signatures, 'eicar.ndb'), await readFile(signature));
  const port = Number(others.TCPSocket ?? (await findFreePort()));
  const conf = join(folder, 'clamd.conf');
  const ours = {
    LocalSocket: undefined,
    LocalSocketMode: undefined,
    DatabaseDirectory: signatures,
    TemporaryDirectory: temporary,
    TCPAddr: HOST,
    TCPSocket: port,
    LogTime: 'yes',
  };
  await writeFile(conf, withSettings(await readFile(settings, 'utf8'), { ...ours, ...others }));

  const log = join(folder, 'clamd.log');
  const env = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' };
  const group = startGroup({ command, args: ['--config-file', conf], cwd: folder, env, log });
  const ended = group.ended.then(async ({ code, signal, error }): Promise<never> => {
    if (group.isStopped()) throw new Interrupted();
    const how = error ? `could not run: ${error.message}` : `ended (${signal ?? `exit code ${code}`})`;
    throw new Obstacle(`clamd ${how}. The end of ${log}:\n\n${tailOf(await readFile(log, 'utf8'))}`);
  });
  ended.catch(() => {}); // told to whoever waits for it; nobody has to
  try {
    const version = await Promise.race([ended, untilItAnswers(port, log)]);
    const { pid, stop } = group;
    return { address: `${HOST}:${port}`, host: HOST, port, pid, version, ended, stop };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

async function untilItAnswers(port: number, log: string): Promise<string> {
  const clamd = createClamd({ host: HOST, port });
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    try {
      return await clamd.version(AbortSignal.timeout(ANSWERS_WITHIN_MS));
    } catch (error) {
      if (!(error instanceof ClamdFailed)) throw error;
      if (performance.now() > deadline) throw new Obstacle(`${error.message}. Its log: ${log}`);
    }
    await delay(POLL_MS);
  }
}
