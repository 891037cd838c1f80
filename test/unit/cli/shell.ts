import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { run } from 'sluice/run';
import type { World } from 'sluice/world';
import { startSluiceServer } from '../../fakes/sluice-server.ts';

export type ShellOptions = Partial<
  Pick<World, 'ask' | 'readStdin' | 'openStdin' | 'openStdout' | 'timing' | 'signal' | 'env'>
> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/**
 * A place to run `sluice` in: an empty folder, empty settings, a server, and a clock that moves when it is
 * looked at.
 */
export async function openShell() {
  const server = await startSluiceServer();
  const base = await mkdtemp(join(tmpdir(), 'sluice-cli-'));
  let clock = Date.parse('2026-01-01T00:10:00.000Z');

  const sluice = async (argv: readonly string[], options: ShellOptions = {}) => {
    let out = '';
    let err = '';
    const { isTTY = false, columns = 80, ...world } = options;
    const code = await run(argv, {
      env: { SLUICE_ENDPOINT: server.endpoint, SLUICE_TOKEN: 'token-1' },
      folder: base,
      settingsFolder: join(base, 'settings'),
      stateFolder: join(base, 'state'),
      stdout: { write: (text) => (out += text), isTTY },
      stderr: { write: (text) => (err += text), isTTY, columns },
      ask: undefined,
      readStdin: async () => '',
      openStdin: () => Readable.from([]),
      openStdout: () => new PassThrough(),
      timing: {
        sleep: async (milliseconds, signal) => {
          signal?.throwIfAborted();
          clock += milliseconds;
        },
        random: () => 0.5,
        now: () => (clock += 20),
      },
      signal: new AbortController().signal,
      ...world,
    });
    return { code, out, err };
  };

  return {
    server,
    folder: base,
    sluice,
    passTime: (milliseconds: number) => {
      clock += milliseconds;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** Each line of JSON, read. */
export function readLines(text: string): unknown[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
