import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { type Destination, pour, toFile, toMemory } from '@sluice/connection/transfers/destination';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const MIB = 2 ** 20;
/** What boto3 writes at once, too. */
const BLOCK_BYTES = MIB / 4;
const content = Buffer.from(Array.from({ length: 3.5 * MIB }, (_, index) => (index * 31) % 251));

async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'destination-'));
  const file: FileHandle = await open(join(folder, 'file'), 'w+');
  return {
    file,
    read: () => readFileSync(join(folder, 'file')),
    async [Symbol.asyncDispose]() {
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** As a socket does it: straight into the space, as much as happens to come. */
async function receive(bytes: Buffer, into: Destination, sizes: Iterable<number>) {
  let at = 0;
  for (const size of sizes) {
    const copied = bytes.copy(into.space().subarray(0, size), 0, at);
    at += copied;
    await into.commit(copied);
  }
  await pour(bytes.subarray(at), into);
}

describe('a file as a destination', () => {
  test('has every byte in its place, however they come, and tells their CRC32 and how far it is', async () => {
    await using disk = await setup();
    const written: number[] = [];
    const begin = toFile(disk.file, (bytes) => written.push(bytes));
    const pieces = fc.array(fc.integer({ min: 1, max: 2 * MIB }), { maxLength: 6 });
    const lengths = fc.integer({ min: 1, max: content.length });
    await fc.assert(
      fc.asyncProperty(fc.nat(5_000), lengths, pieces, async (position, length, sizes) => {
        written.length = 0;
        const bytes = content.subarray(0, length);
        const into = begin(position);
        await receive(bytes, into, sizes);
        expect(into.bytes()).toBe(length);
        expect(await into.finish()).toBe(crc32(bytes));
        expect(written.reduce((sum, one) => sum + one, 0)).toBe(length);
        expect(
          disk
            .read()
            .subarray(position, position + length)
            .equals(bytes),
        ).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test('asks for patience while the disk is slower than the network, and never hands out memory it still writes', async () => {
    const blocks: [Buffer, number][] = [];
    const slow = {
      async write(block: Buffer, _offset: number, bytes: number, position: number) {
        await delay(5);
        blocks.push([Buffer.from(block.subarray(0, bytes)), position]);
        return { bytesWritten: bytes };
      },
    };
    const into = toFile(slow, () => {})(0);
    let patience = 0;
    // Goes on in spite of being asked to wait, as TLS may.
    for (let at = 0; at < content.length; ) {
      const copied = content.copy(into.space(), 0, at);
      at += copied;
      if (into.commit(copied)) patience += 1;
    }
    expect(await into.finish()).toBe(crc32(content));
    expect(patience).toBeGreaterThan(0);
    expect(Buffer.concat(blocks.map(([block]) => block)).equals(content)).toBe(true);
    const positions = Array.from({ length: content.length / BLOCK_BYTES }, (_, index) => index * BLOCK_BYTES);
    expect(blocks.map(([, position]) => position)).toEqual(positions);
  });

  // A megabyte at once made the kernel look for as much memory in one piece, which cost virtual machines a
  // second of processor time for half a gigabyte.
  test('writes each byte once, in as few blocks as there are quarters of a megabyte, out of memory for three', async () => {
    const written: number[] = [];
    const memory = new Set<ArrayBufferLike>();
    const slow = {
      async write(block: Buffer, _offset: number, bytes: number) {
        memory.add(block.buffer);
        await delay(1);
        written.push(bytes);
        return { bytesWritten: bytes };
      },
    };
    const begin = toFile(slow, () => {});
    for (const first of [0, content.length]) {
      const into = begin(first);
      await pour(content, into);
      await into.finish();
    }
    expect(written).toEqual(Array.from({ length: (2 * content.length) / BLOCK_BYTES }, () => BLOCK_BYTES));
    const held = [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(held).toBeLessThanOrEqual(3 * BLOCK_BYTES);
  });

  test('fails when the disk takes a part of a block only', async () => {
    const full = { write: async () => ({ bytesWritten: 5 }) };
    const into = toFile(full, () => {})(0);
    await pour(content.subarray(0, 10), into);
    await expect(into.finish()).rejects.toThrow('only 5 of 10 bytes could be written');
  });
});

test('memory as a destination holds the bytes in one piece', async () => {
  const into = toMemory(10);
  await receive(content.subarray(0, 10), into, [3, 4]);
  expect(into.bytes()).toBe(10);
  expect(into.content.equals(content.subarray(0, 10))).toBe(true);
});
