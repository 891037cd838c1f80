import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { projectRoot } from '../../../local/folders.ts';
import { noise } from './account.ts';
import { openStore } from './store.ts';
import { watchEngine } from './watched-engine.ts';

const MIB = 2 ** 20;
const SIZE = 17 * MIB + 123;
const POINTS = 10;
const COMMAND = join(projectRoot, 'packages', 'cli', 'src', 'sluice.ts');
// To see a failure again: SLUICE_KILL_SEED=<what the failure names>.
const SEED = Number(process.env.SLUICE_KILL_SEED ?? Date.now() % 2 ** 31);

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function setup() {
  const store = await openStore();
  const engine = await watchEngine(inject('endpoint'));
  const home = store.path('home');
  mkdirSync(home);
  /** Runs `sluice cp --resume`, and kills it outright when so many bytes have passed. */
  const copy = async (from: string, to: string, killAfterBytes = Number.POSITIVE_INFINITY) => {
    const options = ['--resume', '--part-size', '5MiB', '--concurrency', '2', '--endpoint', engine.endpoint];
    const child = spawn(process.execPath, [COMMAND, 'cp', from, to, ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: home,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_REGION: 'us-east-1',
      },
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    engine.watch(killAfterBytes, () => child.kill('SIGKILL'));
    const [code, signal] = await once(child, 'exit');
    return { code, signal, err, passedBytes: engine.passedBytes() };
  };
  const random = dice(SEED);
  return {
    ...store,
    copy,
    /**
     * Points of a transfer, in bytes that have passed: one in each tenth of it, and none where it is as good
     * as over.
     */
    points: Array.from({ length: POINTS }, (_, index) =>
      Math.floor(((index + random()) / POINTS) * 0.97 * SIZE),
    ),
    close: async () => {
      await engine[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    },
  };
}

describe('a copy that is killed outright', () => {
  test('up to S3 ends with the same bytes when it is given again, wherever it was killed', async () => {
    const { copy, points, path, bucket, get, close } = await setup();
    try {
      for (const [index, point] of points.entries()) {
        const bytes = noise(SIZE);
        const from = path(`up-${index}`);
        writeFileSync(from, bytes);
        const where = `seed ${SEED}, killed after ${point} bytes`;
        const to = `s3://${bucket}/up-${index}`;
        expect((await copy(from, to, point)).signal, where).toBe('SIGKILL');
        const again = await copy(from, to);
        expect(again.code, `${where}: ${again.err}`).toBe(0);
        expect((await get(`up-${index}`)).equals(bytes), where).toBe(true);
        // Two parts may have been under way, and what had arrived of the others is not sent again.
        const kept = Math.max(0, point - 2 * 5 * MIB - MIB);
        expect(again.passedBytes, where).toBeLessThan(SIZE - Math.floor(kept / (5 * MIB)) * 5 * MIB + MIB);
      }
    } finally {
      await close();
    }
  }, 300_000);

  test('down to a file ends with the same bytes when it is given again, wherever it was killed', async () => {
    const { copy, points, path, bucket, put, close } = await setup();
    try {
      const bytes = noise(SIZE);
      await put('down', bytes);
      for (const [index, point] of points.entries()) {
        const to = path(`down-${index}`);
        const where = `seed ${SEED}, killed after ${point} bytes`;
        expect((await copy(`s3://${bucket}/down`, to, point)).signal, where).toBe('SIGKILL');
        const again = await copy(`s3://${bucket}/down`, to);
        expect(again.code, `${where}: ${again.err}`).toBe(0);
        expect(readFileSync(to).equals(bytes), where).toBe(true);
      }
    } finally {
      await close();
    }
  }, 300_000);
});
