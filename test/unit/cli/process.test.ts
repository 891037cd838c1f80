import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import metadata from '../../../package.json' with { type: 'json' };
import { startSluiceServer } from '../../fakes/sluice-server.ts';

const ENTRY = fileURLToPath(new URL('../../../packages/cli/src/sluice.ts', import.meta.url));

/** The real program, as a shell starts it. */
async function setup() {
  const server = await startSluiceServer();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-process-'));
  const start = (...argv: string[]) => {
    const child = spawn(process.execPath, [ENTRY, ...argv], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        SLUICE_ENDPOINT: server.endpoint,
        SLUICE_TOKEN: 'token-1',
      },
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return {
      child,
      ended,
      end: async () => ({ out: await text(child.stdout), err: await text(child.stderr), code: await ended }),
    };
  };
  const dispose = async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  return { server, folder, start, [Symbol.asyncDispose]: dispose };
}

describe('the program', () => {
  test('writes its version', async () => {
    await using world = await setup();
    await expect(world.start('--version').end()).resolves.toEqual({
      out: `${metadata.version}\n`,
      err: '',
      code: 0,
    });
  });

  test('uploads a file and exits by the verdict', async () => {
    await using world = await setup();
    await writeFile(join(world.folder, 'a.txt'), 'hello');
    world.server.settleAs({ state: 'rejected', reason: 'type_mismatch' });
    const { out, code } = await world.start('upload', 'a.txt').end();
    expect(out).toContain('a.txt  rejected');
    expect(code).toBe(1);
  });

  test('gives the upload up and exits 130 at Ctrl-C', async () => {
    await using world = await setup();
    await writeFile(join(world.folder, 'a.txt'), 'hello');
    world.server.fail('PUT /s3/{id}', { kind: 'silence' });
    const { child, end } = world.start('upload', 'a.txt');
    await expect.poll(() => world.server.uploads.size, { timeout: 5000 }).toBe(1);
    child.kill('SIGINT');
    const { code, err } = await end();
    expect(err).toContain('Stopped.');
    expect(code).toBe(130);
    expect([...world.server.uploads.values()][0]?.state).toBe('aborted');
  });

  test('ends quietly when the reader of its output has gone', async () => {
    await using world = await setup();
    const { child, ended } = world.start('--help');
    child.stdout.destroy();
    expect([await text(child.stderr), await ended]).toEqual(['', 0]);
  });
});

describe('a download that is killed', () => {
  const RANGE = 8 * 1024 ** 2;
  const bytes = Buffer.alloc(4 * RANGE, 'sluice');

  /** An accepted upload of four ranges, of which each takes longer than the one before. */
  async function setupDownload() {
    const world = await setup();
    world.server.uploads.set('u-1', {
      id: 'u-1',
      state: 'accepted',
      filename: 'film.txt',
      contentType: 'text/plain',
      size: bytes.length,
      policy: 'everything',
      metadata: {},
      transport: 'put',
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:15:00.000Z',
      checksum: { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('base64') },
    });
    world.server.objects.set('u-1', bytes);
    world.server.slowDown((range) => RANGE / (100 + Number(/\d+/.exec(range)?.[0]) / (RANGE / 250)));
    const names = async () => (await readdir(world.folder)).filter((name) => name.includes('film'));
    return { ...world, names, asked: () => world.server.calls('GET /s3/{id}').length };
  }

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s at any moment leaves one draft at most, and the same command goes on with it',
    async (signal) => {
      await using world = await setupDownload();
      const random = createRandom(signal);
      for (let kill = 0; kill < 3; kill += 1) {
        const before = world.asked();
        const { child, ended } = world.start('download', 'u-1');
        const hasBegun = () => world.asked() > before + 1 || child.exitCode !== null;
        await expect.poll(hasBegun, { timeout: 20_000, interval: 10 }).toBe(true);
        await setTimeout(random() * 900);
        child.kill(signal);
        await ended;
        const left = await world.names();
        expect(left.filter((name) => name.endsWith('.part')).length).toBeLessThanOrEqual(1);
        expect(left.filter((name) => !/^film\.txt$|\.part(\.journal)?$/.test(name))).toEqual([]);
        // It was faster than its killer.
        await rm(join(world.folder, 'film.txt'), { force: true });
      }
      expect(await world.start('download', 'u-1').ended).toBe(0);
      expect((await readFile(join(world.folder, 'film.txt'))).equals(bytes)).toBe(true);
      expect(await world.names()).toEqual(['film.txt']);
    },
    60_000,
  );

  test.each([
    ['SIGTERM', null],
    ['SIGINT', 130],
  ] as const)(
    'by %s says that what came is kept, and ends as that does',
    async (signal, code) => {
      await using world = await setupDownload();
      const { child, end } = world.start('download', 'u-1');
      const journal = async () => {
        const name = (await world.names()).find((one) => one.endsWith('.journal'));
        return name === undefined ? '' : readFile(join(world.folder, name), 'utf8');
      };
      await expect.poll(journal, { timeout: 20_000, interval: 10 }).not.toBe('');
      child.kill(signal);
      const { err, code: ended } = await end();
      expect(err).toContain('stopped. What came is kept: the same command goes on with it.');
      expect([ended, child.signalCode]).toEqual([code, code === null ? signal : null]);
      const before = world.asked();
      expect(await world.start('download', 'u-1').ended).toBe(0);
      // Its first byte, and not all of its four ranges.
      expect(world.asked() - before).toBeLessThan(5);
    },
    60_000,
  );
});

/** The same numbers for the same seed. */
function createRandom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest();
  return () => {
    state = createHash('sha256').update(state).digest();
    return state.readUInt32BE() / 2 ** 32;
  };
}
