import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inspectZip } from '../../../src/lib/inspect/archive.ts';
import { INSPECTION_LIMITS } from '../../../src/lib/inspect/file.ts';
import { createLzma } from '../../../src/lib/inspect/lzma.ts';
import {
  createTally,
  HELD_MAX_BYTES,
  RATIO_FROM_BYTES,
  WINDOWS_MAX_BYTES,
} from '../../../src/lib/inspect/tally.ts';
import { archive } from '../../corpus/archive.ts';
import { nested, overlapping } from '../../corpus/bombs.ts';
import { join } from '../../corpus/bytes.ts';
import { tar } from '../../corpus/tar.ts';
import { archiveFile, countsOf, factsOf, lookInto, packedFile } from './archive-file.ts';

const ZEROS = Buffer.alloc(20 * 1024 ** 2);
const MEBIBYTE = 1024 ** 2;

function zipOf(content: Uint8Array, saidBytes?: number): Buffer {
  return archive([{ name: 'a', content, isDeflated: true, ...(saidBytes !== undefined && { saidBytes }) }]);
}

describe('zeros without end are refused by their ratio, long before they are unpacked', () => {
  test.each<[string, Uint8Array]>([
    ['in a zip', zipOf(ZEROS)],
    ['in a zip that says that there are ten', zipOf(ZEROS, 10)],
    ['in a gzip', gzipSync(ZEROS)],
    [
      'in many members of a gzip',
      join(...Array.from({ length: 40 }, () => gzipSync(Buffer.alloc(MEBIBYTE)))),
    ],
    ['in a bzip2', packedFile('zeros.bz2')],
    ['in an xz', packedFile('zeros.xz')],
    ['in a Zstandard', zstdCompressSync(ZEROS)],
    ['in a 7z', packedFile('zeros.7z')],
    ['in a gzip in a tar', tar({ name: 'a.gz', content: gzipSync(ZEROS) })],
    ['in a gzip in a gzip', gzipSync(gzipSync(ZEROS))],
    [
      'in many small files',
      archive(
        Array.from({ length: 40 }, (_, index) => ({
          name: String(index),
          content: Buffer.alloc(MEBIBYTE / 2),
          isDeflated: true,
        })),
      ),
    ],
  ])('%s', async (_what, bytes) => {
    const { exceeded, facts } = await lookInto(bytes);
    expect(exceeded).toMatchObject({ limit: 'ratio', most: 250 });
    expect(exceeded?.found).toBeGreaterThan(250);
    expect(facts['archive.bytes']).toBeLessThan(RATIO_FROM_BYTES + 4 * MEBIBYTE);
  });

  test('and a little of them is honest', async () => {
    for (const bytes of [zipOf(Buffer.alloc(MEBIBYTE)), gzipSync(Buffer.alloc(4 * MEBIBYTE))]) {
      expect(await factsOf(bytes)).toEqual({});
    }
  });
});

describe('a limit is told with what was found', () => {
  test('archives that lie within each other', async () => {
    let bytes = archive([{ name: 'a.txt', content: 'x' }]);
    for (let depth = 2; depth <= 5; depth++) bytes = archive([{ name: 'a.zip', content: bytes }]);
    expect(await countsOf(bytes)).toEqual([5, expect.any(Number), 5]);
    const { exceeded } = await lookInto(archive([{ name: 'a.zip', content: bytes }]));
    expect(exceeded).toEqual({ limit: 'depth', found: 6, most: 5 });
  });

  test('entries, also of the archives inside', async () => {
    const limits = { entries: 10 };
    const ten = Array.from({ length: 10 }, (_, index) => ({ name: `${index}.txt`, content: '' }));
    const exceeded = { limit: 'entries', found: 11, most: 10 };
    expect((await lookInto(archive(ten), { limits })).exceeded).toBeUndefined();
    expect((await lookInto(archive([...ten, { name: 'x', content: '' }]), { limits })).exceeded).toEqual(
      exceeded,
    );
    expect(
      (await lookInto(archive([{ name: 'a.zip', content: archive(ten) }]), { limits })).exceeded,
    ).toEqual(exceeded);
    expect((await lookInto(tar(...ten, { name: 'x' }), { limits })).exceeded).toEqual(exceeded);
    expect((await lookInto(packedFile('lzma.7z'), { limits: { entries: 1 } })).exceeded).toMatchObject({
      limit: 'entries',
    });
  });

  test('a hundred thousand and one entries', async () => {
    const entries = Array.from({ length: 100_001 }, (_, index) => ({ name: String(index), content: '' }));
    expect((await lookInto(archive(entries, { is64: true, end: { entries: 0xffff } }))).exceeded).toEqual({
      limit: 'entries',
      found: 100_001,
      most: 100_000,
    });
  });

  test('unpacked bytes, as they are and not as they are said to be', async () => {
    const limits = { unpackedBytes: 1000 };
    const bytes = archive([{ name: 'a', content: Buffer.alloc(1001, 'ab'), saidBytes: 1 }]);
    expect((await lookInto(bytes, { limits })).exceeded).toEqual({
      limit: 'unpackedBytes',
      found: 1001,
      most: 1000,
    });
    const stored = archive([{ name: 'a', content: Buffer.alloc(999), saidBytes: 2 ** 31 }]);
    expect((await lookInto(stored, { limits })).exceeded).toBeUndefined();
  });
});

describe('a bomb', () => {
  test('of archives of archives is refused at its first files', async () => {
    const { exceeded, facts } = await lookInto(nested(4, 4, 40 * MEBIBYTE));
    expect(exceeded).toMatchObject({ limit: 'ratio' });
    expect(facts['archive.bytes']).toBeLessThan(20 * MEBIBYTE);
  });

  test('of files that overlap is refused, and says that they do', async () => {
    const bytes = overlapping(80, MEBIBYTE);
    const { exceeded, facts } = await lookInto(bytes);
    expect(exceeded).toMatchObject({ limit: 'ratio' });
    expect(facts['archive.overlaps']).toBe(true);
  });

  test('of files that overlap and unpack to little is not looked into beyond a hundred of them', async () => {
    const { unsupported, facts } = await lookInto(overlapping(200, 1000));
    expect(unsupported).toBe('the archive has more than 100 files that overlap');
    expect(facts['archive.overlaps']).toBe(true);
  });

  test('with a window of two gigabytes is not unpacked', async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0]);
    expect(await factsOf(frame)).toEqual({ unsupported: 'the archive needs 2147483648 bytes of memory' });
  });

  test('with a dictionary of four gigabytes has no more memory than it fills', async () => {
    const bytes = Buffer.from(packedFile('tools.tar.xz'));
    bytes[16] = 40;
    bytes.writeUInt32LE(crc32(bytes.subarray(12, 20)), 20);
    expect(await factsOf(bytes)).toEqual({ executables: ['tool'] });
    const tally = createTally(bytes.length, INSPECTION_LIMITS);
    const lzma = createLzma(2 ** 32 - 1, tally.windows);
    expect(() => {
      for (let bytes = 0; bytes <= WINDOWS_MAX_BYTES; bytes += MEBIBYTE) lzma.copy(Buffer.alloc(MEBIBYTE));
    }).toThrow('needs 4294967295 bytes of memory');
    lzma.close();
    expect(tally.windows.left()).toBe(WINDOWS_MAX_BYTES);
  });

  test('that is too large to hold is not looked into, and told', async () => {
    const noise = Buffer.alloc(HELD_MAX_BYTES);
    for (let at = 0; at < noise.length; at += 4096) noise.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
    const inner = archive([{ name: 'a', content: noise }]);
    expect(await factsOf(archive([{ name: 'a.zip', content: inner }]))).toEqual({
      unseen: ['a.zip is an archive that is too large to look into'],
    });
  });
});

describe('the look inside ends', () => {
  test('when the signal is given, with its reason', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const file = archiveFile(archive([{ name: 'a', content: ZEROS }]), 'a.zip', 4096);
    const slow = {
      ...file,
      async *stream(start?: number, end?: number) {
        for await (const chunk of file.stream(start, end)) {
          controller.abort(reason);
          yield chunk;
        }
      },
    };
    await expect(inspectZip(slow, INSPECTION_LIMITS, controller.signal)).rejects.toBe(reason);
  });

  test('when the signal is given while it unpacks in memory, and waits for nothing', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    setImmediate(() => controller.abort(reason));
    const looked = lookInto(packedFile('zeros.bz2'), {
      limits: { ratio: 2 ** 30 },
      signal: controller.signal,
    });
    await expect(looked).rejects.toBe(reason);
  });

  test('when the file cannot be read, with the fault', async () => {
    const fault = new Error('the store is down');
    const file = archiveFile(archive([{ name: 'a', content: ZEROS, isDeflated: true }]), 'a.zip');
    const broken = {
      ...file,
      async *stream(start = 0) {
        yield* file.stream(start, start + 100);
        throw fault;
      },
    };
    await expect(inspectZip(broken, INSPECTION_LIMITS, new AbortController().signal)).rejects.toBe(fault);
  });
});
