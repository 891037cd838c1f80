import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inspectZip } from '../../../src/lib/inspect/archive.ts';
import { ARCHIVE_FACTS } from '../../../src/lib/inspect/archive-facts.ts';
import { INSPECTION_LIMITS } from '../../../src/lib/inspect/file.ts';
import { archive, type Entry } from '../../corpus/archive.ts';
import { compound, honestFile, join, latin1, zip } from '../../corpus/bytes.ts';
import { pax, type TarFile, tar } from '../../corpus/tar.ts';
import { countsOf, factsOf, lookInto, packedFile } from './archive-file.ts';

const TEXT = 'one\n'.repeat(100);
const PE = join(latin1('MZ\x90\0\x03\0\0\0'), Buffer.alloc(64), latin1('PE\0\0'));

function zipOf(...entries: readonly (Entry | string)[]): Buffer {
  return archive(entries.map((entry) => (typeof entry === 'string' ? { name: entry, content: 'x' } : entry)));
}

describe('an honest archive', () => {
  test.each<[string, readonly [entries: number, bytes: number, depth: number]]>([
    ['packed.zip', [1, 6, 1]],
    ['packed.tar', [1, 6, 1]],
    ['packed.tar.gz', [1, 10_240, 1]],
    ['packed.gz', [1, 6, 1]],
    ['packed.bz2', [1, 6, 1]],
    ['packed.xz', [1, 6, 1]],
    ['packed.zst', [1, 6, 1]],
    ['packed.7z', [1, 6, 1]],
    ['sheet.xlsx', [9, 16_532, 1]],
    ['letter.odt', [5, 2666, 1]],
    ['book.epub', [7, 2640, 1]],
  ])('%s is counted, and has nothing to tell', async (name, counts) => {
    expect(await countsOf(honestFile(name), { name })).toEqual(counts);
    expect(await factsOf(honestFile(name), { name })).toEqual({});
  });

  test('has every fact, also those of which there are none', async () => {
    const { facts } = await lookInto(honestFile('packed.zip'));
    expect(Object.keys(facts).sort()).toEqual(Object.keys(ARCHIVE_FACTS).sort());
    expect(facts['archive.encrypted']).toBe(false);
    expect(facts['archive.executables']).toEqual([]);
  });

  test.each([1, 7, 100, 512, 65_536])('is the same in chunks of %i bytes', async (chunkBytes) => {
    for (const name of [
      'packed.zip',
      'packed.tar.gz',
      'packed.bz2',
      'packed.xz',
      'packed.zst',
      'packed.7z',
    ]) {
      expect(await countsOf(honestFile(name), { chunkBytes }), name).toEqual(
        await countsOf(honestFile(name), {}),
      );
    }
  });
});

// What 7-Zip 16.02, zip of Python 3.11, and the tools of Debian 12 made of a text and a script.
describe('an archive of a text and a script', () => {
  const BYTES = 23_531 + 17;

  test.each([
    ['tools.tar.gz', 30_720],
    ['tools.tar.bz2', 30_720],
    ['tools.tar.xz', 30_720],
    ['tools.tar.zst', 30_720],
    ['lzma.7z', BYTES],
    ['lzma2.7z', BYTES],
    ['bzip2.7z', BYTES],
    ['deflate.7z', BYTES],
    ['copy.7z', BYTES],
    ['plain-header.7z', BYTES],
    ['lzma.zip', BYTES],
    ['lzma-end-mark.zip', BYTES],
    ['bzip2.zip', BYTES],
  ])('%s is unpacked, and the script found', async (name, bytes) => {
    expect(await countsOf(packedFile(name))).toEqual([2, bytes, 1]);
    expect(await factsOf(packedFile(name))).toEqual({ executables: ['tool'] });
  });

  test.each([
    ['locked.zip', { encrypted: true }],
    ['locked-aes.zip', { encrypted: true }],
    ['locked.7z', { encrypted: true }],
    ['locked-names.7z', { encrypted: true, unsupported: 'the archive has even its names encrypted' }],
    ['ppmd.7z', { unseen: ['numbers.txt is packed by the method 030401'] }],
    ['deflate64.zip', { executables: ['tool'], unseen: ['numbers.txt is packed by method 9'] }],
  ])('%s is not looked into, and says so', async (name, facts) => {
    expect(await factsOf(packedFile(name))).toEqual(facts);
  });

  test('is one of two streams after each other', async () => {
    for (const [name, padding] of [
      ['tools.tar.bz2', 0],
      ['tools.tar.xz', 4],
      ['tools.tar.zst', 0],
    ] as const) {
      const once = packedFile(name);
      const [, bytes] = await countsOf(join(once, Buffer.alloc(padding), once));
      expect(bytes, name).toBe(2 * 30_720);
    }
  });
});

describe('a name that leaves the folder is told', () => {
  test.each([
    '../x.txt',
    'a/../../x.txt',
    '/etc/passwd',
    '\\\\server\\share',
    'C:\\x.txt',
    'c:x.txt',
    'a\\..\\..\\x.txt',
  ])('%s', async (name) => {
    expect(await factsOf(zipOf(name))).toEqual({ escapes: [name] });
    expect(await factsOf(tar({ name }))).toEqual({ escapes: [name] });
  });

  test('with a zero in it', async () => {
    expect(await factsOf(zipOf('a.txt\0.png'))).toEqual({ escapes: ['a.txt\ufffd.png'] });
  });

  test.each(['a/b.txt', './a.txt', 'a..b/..c', 'a\\b.txt', '...'])('and %s is not one', async (name) => {
    expect(await factsOf(zipOf(name))).toEqual({});
  });

  test.each<[TarFile, boolean]>([
    [{ name: 'a', type: '2', target: '../x' }, true],
    [{ name: 'd/a', type: '2', target: '../../x' }, true],
    [{ name: 'a', type: '2', target: '/etc' }, true],
    [{ name: 'a', type: '1', target: '../x' }, true],
    [{ name: 'd/a', type: '2', target: '../x' }, false],
    [{ name: 'd/a', type: '1', target: 'd/x' }, false],
  ])('as a link in a tar: %j', async (file, isTold) => {
    expect(await factsOf(tar(file))).toEqual(isTold ? { escapes: [file.name] } : {});
  });

  test('as a link in a zip', async () => {
    const link = (target: string) => zipOf({ name: 'd/a', content: target, mode: 0xa1ff });
    expect(await factsOf(link('../../x'))).toEqual({ escapes: ['d/a'] });
    expect(await factsOf(link('../x'))).toEqual({});
  });
});

describe('a program is told', () => {
  test.each<[string, Uint8Array | string]>([
    ['of Windows', PE],
    ['of Linux', join(latin1('\x7fELF\x02\x01\x01'), Buffer.alloc(57))],
    ['of macOS', join(latin1('\xcf\xfa\xed\xfe\x07\0\0\x01'), Buffer.alloc(24))],
    ['of Java', latin1('\xca\xfe\xba\xbe\0\0\0\x41\0\x10')],
    ['of Android', latin1('dex\n035\0')],
    ['in WebAssembly', latin1('\0asm\x01\0\0\0')],
    ['as a script', '#!/usr/bin/env node\n'],
    ['as a script after a byte order mark', '\ufeff#!/bin/sh\n'],
    ['as a link of Windows', join(latin1('L\0\0\0\x01\x14\x02\0'), Buffer.alloc(60))],
  ])('%s, under any name', async (_what, content) => {
    expect(await factsOf(zipOf({ name: 'a.txt', content }))).toEqual({ executables: ['a.txt'] });
  });

  test.each(['a.exe', 'A.EXE', 'd/a.scr', 'a.exe. ', 'd\\a.bat'])('by its name %s', async (name) => {
    expect(await factsOf(zipOf(name))).toEqual({ executables: [name] });
  });

  test('in a Java archive, by what that has', async () => {
    const jar = zipOf('META-INF/MANIFEST.MF');
    expect(await factsOf(jar, { name: 'a.zip' })).toEqual({ executables: ['a.zip'] });
    expect(await factsOf(zipOf({ name: 'a.dat', content: jar }))).toEqual({ executables: ['a.dat'] });
  });

  test('and a text that begins like one is none', async () => {
    for (const content of ['MZ', `MZ is how this sentence begins. ${TEXT}`, 'dex\nterity', '#hash']) {
      expect(await factsOf(zipOf({ name: 'a.txt', content })), content).toEqual({});
    }
  });
});

describe('Office files with macros are told', () => {
  test.each<[string, Uint8Array]>([
    ['of today', zip({ 'word/vbaProject.bin': 'x' })],
    ['with sheets of macros', zip({ 'xl/macrosheets/sheet1.xml': 'x' })],
    ['of LibreOffice', zip({ 'Basic/Standard/script-lb.xml': 'x' })],
    ['of before 2007', compound('WordDocument', '_VBA_PROJECT')],
  ])('%s', async (_what, content) => {
    expect(await factsOf(zipOf({ name: 'a.bin', content }))).toEqual({ macros: ['a.bin'] });
  });

  test('and one without is not', async () => {
    const [old, today] = [honestFile('letter.doc'), honestFile('sheet.xlsx')];
    expect(await factsOf(zipOf({ name: 'a.doc', content: old }, { name: 'b.xlsx', content: today }))).toEqual(
      {},
    );
  });
});

describe('an archive that programs unpack differently says so', () => {
  const A: Entry = { name: 'a.txt', content: TEXT };
  const B: Entry = { name: 'b.txt', content: TEXT, isDeflated: true };

  test.each<[string, Buffer, string]>([
    ['two names', zipOf(A, { ...B, localName: 'b.exe' }), 'b.txt is described in two ways'],
    ['two methods', zipOf(A, { ...B, listedMethod: 0 }), 'b.txt is described in two ways'],
    ['another size', zipOf(A, { ...B, saidBytes: 10 }), 'b.txt has 400 bytes, not 10'],
    [
      'a file that is not listed',
      zipOf(A, { ...B, name: 'h.exe', isLeftOutOfDirectory: true }, B),
      'b.txt comes after a file that the directory does not name',
    ],
    [
      'a file at the end that is not listed',
      zipOf(A, { ...B, name: 'h.exe', isLeftOutOfDirectory: true }),
      'a.txt comes before a file that the directory does not name',
    ],
    [
      'no file where one is listed',
      zipOf(A, { ...B, start: 500 }),
      'b.txt is not where the directory says it is',
    ],
    [
      'data that does not unpack',
      zipOf(A, { ...B, isDeflated: false, method: 8, content: '\xff\xff' }),
      'b.txt does not unpack',
    ],
    [
      'something behind its packed data',
      zipOf({ name: 'c.txt', method: 8, content: join(Buffer.from([3, 0]), 'hidden'), saidBytes: 0 }),
      'c.txt has something behind its packed data',
    ],
  ])('%s', async (_what, bytes, told) => {
    const { inconsistent } = await factsOf(bytes);
    expect(inconsistent).toContain(told);
  });

  test('files that overlap', async () => {
    expect(await factsOf(zipOf(A, { ...A, start: 0 }))).toMatchObject({ overlaps: true });
  });

  test('another checksum than its own', async () => {
    const bytes = zipOf(A);
    bytes.write('O', bytes.indexOf('one'));
    expect(await factsOf(bytes)).toEqual({ inconsistent: ['a.txt has another checksum than its own'] });
  });

  test('something behind the end of a tar or a gzip', async () => {
    expect(await factsOf(join(tar({ name: 'a' }), 'hidden'))).toEqual({
      inconsistent: ['file has something behind its end'],
    });
    expect(await factsOf(join(gzipSync('x'), Buffer.alloc(3)))).toEqual({
      inconsistent: ['file has 3 bytes behind its end'],
    });
  });

  test('and one written to a stream is none', async () => {
    expect(await factsOf(zipOf({ ...A, isStreamed: true }, { ...B, isStreamed: true }))).toEqual({});
  });
});

describe('an archive that cannot be read to its end is not looked into', () => {
  test.each<[string, Uint8Array, string]>([
    ['a zip without its end', zipOf('a').subarray(0, -1), 'is no archive that all readers see alike'],
    ['a tar', tar({ name: 'a', content: TEXT }).subarray(0, 700), 'is cut off'],
    ['a tar of noise', join(tar({ name: 'a' }).subarray(0, 512), 'x'.repeat(512)), 'has something else'],
    ['a gzip', gzipSync(TEXT).subarray(0, -1), 'does not unpack'],
    ['a bzip2', packedFile('tools.tar.bz2').subarray(0, -1), 'is cut off'],
    ['an xz', packedFile('tools.tar.xz').subarray(0, -1), 'is cut off'],
    ['a Zstandard', packedFile('tools.tar.zst').subarray(0, -1), 'is cut off'],
    ['a 7z', packedFile('lzma.7z').subarray(0, -1), 'is cut off'],
    [
      'a bzip2 with more behind it',
      join(packedFile('tools.tar.bz2'), 'x'),
      'has something else behind its end',
    ],
    [
      'an xz with more behind it',
      join(packedFile('tools.tar.xz'), 'xxxx'),
      'has something else behind its end',
    ],
  ])('%s', async (_what, bytes, why) => {
    const { unsupported } = await lookInto(bytes);
    expect(unsupported).toContain(`the archive ${why}`);
  });

  test('what lies within another is told there, and the rest is looked into', async () => {
    const cut = gzipSync(TEXT).subarray(0, -1);
    expect(
      await factsOf(zipOf({ name: 'a.gz', content: cut }, { name: 'b.txt', content: '#!/bin/sh\n' })),
    ).toEqual({ inconsistent: ['a.gz does not unpack'], executables: ['b.txt'] });
  });

  test.each<[string, string]>([
    ['Rar!\x1a\x07\x01\0', 'RAR'],
    ['MSCF\0\0\0\0', 'a cabinet'],
    ['!<arch>\n', 'ar'],
  ])('an archive inside of a kind that is not read: %s', async (mark) => {
    expect(await factsOf(zipOf({ name: 'a', content: latin1(mark) }))).toEqual({
      unseen: ['a is an archive of a kind that is not looked into'],
    });
  });
});

test('the archive tool of macOS writes places and sizes modulo four gigabytes', async () => {
  const big = 2 ** 32 + 5;
  // Its content would take too long: a file with a password is passed over.
  const [first, second] = [
    zipOf({ name: 'a', content: '12345', isEncrypted: true, isStreamed: true }),
    zipOf({ name: 'b', content: '#!' }),
  ];
  const local = { a: first.subarray(0, 31), b: second.subarray(0, 33) };
  const listed = { a: first.subarray(52, -22), b: Buffer.from(second.subarray(33, -22)) };
  listed.b.writeUInt32LE((31 + big) % 2 ** 32, 42);
  const directory = join(listed.a, listed.b);
  const start = 31 + big + local.b.length;
  const end = Buffer.from(second.subarray(-22));
  end.writeUInt16LE(2, 8);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(start % 2 ** 32, 16);
  const tail = join(local.b, directory, end);
  const size = 31 + big + tail.length;
  const read = (from: number, to: number) => {
    const bytes = Buffer.alloc(to - from);
    local.a.copy(bytes, 0, Math.min(from, 31));
    if (to > 31 + big) tail.copy(bytes, Math.max(0, 31 + big - from), Math.max(0, from - 31 - big));
    return bytes;
  };
  const file = {
    size,
    type: 'application/zip',
    name: 'big.zip',
    read: async ({ start: from, length }: { start: number; length: number }) => read(from, from + length),
    async *stream(from = 0, to = size) {
      for (let at = from; at < to; at += 65_536) yield read(at, Math.min(to, at + 65_536));
    },
  };
  const { facts } = await inspectZip(file, INSPECTION_LIMITS, new AbortController().signal);
  expect(facts).toMatchObject({
    'archive.entries': 2,
    'archive.bytes': big + 2,
    'archive.encrypted': true,
    'archive.executables': ['b'],
    'archive.inconsistent': [],
  });
});

describe('a tar', () => {
  const LONG = `${'a'.repeat(200)}.exe`;

  test('has its long names in attributes and in files of their own', async () => {
    const told = { executables: [`…${LONG.slice(-57)}`] };
    expect(await factsOf(tar(pax({ path: LONG }), { name: 'short' }))).toEqual(told);
    expect(await factsOf(tar({ name: 'L', type: 'L', content: `${LONG}\0` }, { name: 'short' }))).toEqual(
      told,
    );
    expect(await factsOf(tar(pax({ path: LONG }), { name: 'short' }, { name: 'next' }))).toEqual(told);
  });

  test('has its sizes as numbers of base 256, and in attributes', async () => {
    expect(await countsOf(tar({ name: 'a', content: TEXT, isBase256: true }))).toEqual([1, 400, 1]);
    expect(await countsOf(tar(pax({ size: '400' }), { name: 'a', content: TEXT, size: 0 }))).toEqual([
      1, 400, 1,
    ]);
  });

  test('has links and folders whose size is followed by nothing', async () => {
    const files = tar({ name: 'd/', type: '5', size: 4096 }, { name: 'a', type: '1', target: 'b', size: 9 });
    expect(await countsOf(files)).toEqual([2, 0, 1]);
  });

  test.each(['sparse-gnu.tar', 'sparse-pax.tar'])('counts the holes of %s', async (name) => {
    expect((await lookInto(packedFile(name))).exceeded).toMatchObject({ limit: 'ratio', found: 1024 ** 2 });
    expect(await countsOf(packedFile(name), { limits: { ratio: 2 ** 30 } })).toEqual([1, 10 * 1024 ** 3, 1]);
  });
});

describe('what is told', () => {
  test('names at most ten, each of at most sixty bytes and without what acts on a screen', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${'é'.repeat(60)}\u202e${index}.exe`);
    const { executables } = await factsOf(zipOf(...names));
    expect(executables).toHaveLength(10);
    for (const name of executables as string[]) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(60);
      expect(name).toMatch(/^…é+\ufffd\d+\.exe$/);
    }
  });

  test('fits into a row, whatever the archive', async () => {
    const inner = (name: string) => zip({ [name]: '#!', 'word/vbaProject.bin': 'x' });
    const entries = Array.from({ length: 30 }, (_, index): Entry[] => [
      { name: `../${'"'.repeat(200)}${index}.exe`, content: inner(`../${'\\'.repeat(200)}`) },
      { name: `${'\\'.repeat(200)}${index}`, content: latin1('Rar!\x1a\x07'), saidBytes: 1 },
    ]).flat();
    const { facts } = await lookInto(zipOf(...entries));
    expect(Buffer.byteLength(JSON.stringify(facts))).toBeLessThan(8192);
  });
});
