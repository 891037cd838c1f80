import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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
