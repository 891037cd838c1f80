import { mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceError } from '@sluice/client/errors';
import { openFile } from '@sluice/client/file';
import type { FileSource } from '@sluice/client/platform';
import { describe, expect, test } from 'vitest';
import { bytesOf, KiB } from './world.ts';

const SIZE = 700 * KiB;

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-file-'));
  const path = join(folder, 'numbers.bin');
  await writeFile(path, bytesOf(SIZE));
  return { folder, path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function read(source: FileSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.stream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a file on disk', () => {
  test.each([
    ['photo.JPG', 'image/jpeg'],
    ['rows.csv', 'text/csv'],
    ['unknown.xyz', ''],
  ])('named %s has the type %j', async (name, type) => {
    await using world = await setup();
    const path = join(world.folder, name);
    await writeFile(path, 'x');
    expect((await openFile(path)).type).toBe(type);
  });

  test.each([
    ['all of it', 0, SIZE],
    ['its middle', 1000, 600 * KiB + 1],
    ['its last byte', SIZE - 1, SIZE],
    ['nothing of it', 5, 5],
  ])('gives %s', async (_what, start, end) => {
    await using world = await setup();
    const piece = (await openFile(world.path)).slice(start, end);
    expect(piece.size).toBe(end - start);
    expect((await read(piece)).equals(Buffer.from(bytesOf(SIZE).subarray(start, end)))).toBe(true);
  });

  test('gives a piece of a piece', async () => {
    await using world = await setup();
    const piece = (await openFile(world.path)).slice(1000, 2000).slice(10, 20);
    expect((await read(piece)).equals(Buffer.from(bytesOf(SIZE).subarray(1010, 1020)))).toBe(true);
  });

  test.each([
    ['written again, in the same length', (path: string) => utimes(path, 1, 1)],
    ['cut', (path: string) => truncate(path, SIZE / 2)],
  ])('keeps its last bytes back when it was %s since it was opened', async (_what, change) => {
    await using world = await setup();
    const file = await openFile(world.path);
    await change(world.path);
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of file.stream()) bytes += chunk.length;
    })();
    await expect(reading).rejects.toThrow(SourceError);
    expect(bytes).toBeLessThan(SIZE);
  });

  test('is refused when it is a folder, or not there', async () => {
    await using world = await setup();
    await expect(openFile(world.folder)).rejects.toThrow('is not a file');
    await expect(openFile(join(world.folder, 'none'))).rejects.toThrow(SourceError);
  });
});
