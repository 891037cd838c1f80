import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sniff } from '../../../src/lib/sniff/sniff.ts';
import { PIECE_BYTES, PREFIX_BYTES } from '../../../src/lib/sniff/source.ts';
import { archive, type Entry, WORD } from '../../corpus/archive.ts';
import { docx, join, latin1 } from '../../corpus/bytes.ts';
import { noise, read, typeOf } from './read.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const ZIP = 'application/zip';

describe('an archive', () => {
  const ONE: readonly Entry[] = [{ name: 'a.txt', content: 'one' }];
  const TWO: readonly Entry[] = [...ONE, { name: 'b.txt', content: 'two', isDeflated: true }];

  test.each<[string, Buffer]>([
    ['written to a stream', archive(TWO.map((entry) => ({ ...entry, isStreamed: true })))],
    ['with a comment', archive(TWO, { comment: 'of PK, and PK\x05\x06 too' })],
    ['with 64-bit records', archive(TWO, { is64: true })],
    [
      'with 64-bit records to which its fields are left',
      archive(TWO, { is64: true, end: { entries: 0xffff, size: 0xffffffff, start: 0xffffffff } }),
    ],
    ['under the mark of a split one', archive(TWO, { before: latin1('PK\x07\x08'), countsBefore: true })],
    ['with a file that is empty', archive([{ name: 'folder/', content: '' }, ...TWO])],
    ['without a file', archive([])],
    [
      'whose files have extra fields',
      archive(TWO.map((entry) => ({ ...entry, extra: latin1('UT\x05\0\x01\0\0\0\0') }))),
    ],
    ['whose directory is in another order', reordered()],
    ['with a name in UTF-8', archive([{ name: 'Grüße.txt', content: 'x' }])],
  ])('%s is a zip', async (_what, bytes) => {
    expect(await typeOf(bytes, ZIP)).toBe(ZIP);
  });

  test.each<[string, Buffer]>([
    ['has something behind its end', archive(TWO, { after: 'x' })],
    ['has two ends', archive(TWO, { comment: join(archive(ONE, { after: '' }).subarray(-22)) })],
    ['has a program before it', archive(TWO, { before: latin1('PK\x03\x04', 'MZ'.repeat(40)) })],
    ['has another file before it', join(archive(ONE).subarray(0, 38), archive(TWO))],
    [
      'begins with a file that the directory leaves out',
      archive([{ name: 'hidden.exe', content: 'MZ', isLeftOutOfDirectory: true }, ...TWO]),
    ],
    [
      'calls its first file by two names',
      archive([{ name: 'a.txt', localName: 'a.exe', content: 'one' }, ...TWO.slice(1)]),
    ],
    ['has two entries for one place', archive([...ONE, { name: 'b.txt', content: 'two', start: 0 }])],
    ['has entries that overlap', archive([...ONE, { name: 'b.txt', content: 'two', start: 20 }])],
    ['has an entry in its own directory', archive([...ONE, { name: 'b.txt', content: 'two', start: 78 }])],
    ['counts its entries wrongly', archive(TWO, { end: { entries: 3 } })],
    ['says that its directory is longer than it is', archive(TWO, { end: { size: 200 } })],
    ['says that its directory is shorter than it is', archive(TWO, { end: { size: 51 } })],
    ['says that its directory is elsewhere', archive(TWO, { end: { start: 0 } })],
    ['is one of several disks', archive(TWO, { end: { disk: 1 } })],
    ['says two things in its two ends', archive(TWO, { is64: true, end: { entries: 1 } })],
    ['has a 64-bit end that is not there', broken64()],
  ])('that %s is refused', async (_what, bytes) => {
    expect(await read(bytes, ZIP)).toMatchObject({ sniffed: { kind: 'unrecognised', beginsAs: ZIP } });
    expect(await typeOf(bytes, DOCX)).toBe('unrecognised');
  });

  test('that is cut off anywhere is refused, with a reason that says so', async () => {
    const whole = docx();
    for (let length = 4; length < whole.length; length += 7) {
      for (const declared of [ZIP, DOCX]) {
        const { sniffed } = await read(whole.subarray(0, length), declared);
        expect(sniffed).toMatchObject({ kind: 'unrecognised', flaw: expect.stringContaining('cut off') });
      }
    }
  });

  test('beyond 4 GiB is taken as the archive tool of macOS writes it, with offsets that begin anew', async () => {
    const size = 5 * 1024 ** 3;
    const bytes = archive([...ONE, { name: 'b.bin', content: '', start: 45 }]);
    const end = bytes.subarray(bytes.indexOf(latin1('PK\x01\x02')));
    const directorySize = end.length - 22;
    end.writeUInt32LE((size - end.length) % 2 ** 32, directorySize + 16);
    const { sniffed } = await readSparse(size, bytes.subarray(0, 60), end);
    expect(sniffed).toEqual({ kind: 'recognised', type: ZIP });
    end.writeUInt32LE(((size - end.length) % 2 ** 32) + 1, directorySize + 16);
    expect((await readSparse(size, bytes.subarray(0, 60), end)).sniffed.kind).toBe('unrecognised');
  });

  test('damaged anywhere never makes the reading throw', async () => {
    const files = [archive(TWO), archive(TWO, { is64: true }), docx(), archive(WORD, { comment: 'x' })];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (file, changes) => {
          const bytes = Buffer.from(file);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          for (const declared of [ZIP, DOCX]) {
            expect(['recognised', 'unrecognised', 'active']).toContain(
              (await read(bytes, declared)).sniffed.kind,
            );
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  function reordered(): Buffer {
    const bytes = archive([...ONE, { name: 'b.txt', content: 'two' }]);
    const at = bytes.indexOf(latin1('PK\x01\x02'));
    const [first, second] = [bytes.subarray(at, at + 51), bytes.subarray(at + 51, at + 102)];
    return join(bytes.subarray(0, at), second, first, bytes.subarray(at + 102));
  }

  function broken64(): Buffer {
    const bytes = archive(TWO, { is64: true });
    bytes[bytes.indexOf(latin1('PK\x06\x07')) + 8] = 1;
    return bytes;
  }
});

describe('what a zip costs', () => {
  const many = (count: number, name = 'some/folder/of/a/project/file') =>
    Array.from({ length: count }, (_, n) => ({ name: `${name}-${n}.txt`, content: '' }));
  const costs = async (bytes: Uint8Array, declared: string): Promise<[string, number[]]> => {
    const { sniffed, reads } = await read(bytes, declared);
    return [sniffed.kind === 'recognised' ? sniffed.type : sniffed.kind, reads.map(({ length }) => length)];
  };

  test('is nothing more than the prefix, where all of it is in that', async () => {
    expect(await costs(docx(), DOCX)).toEqual([DOCX, []]);
    expect(await costs(archive(many(10)), ZIP)).toEqual([ZIP, []]);
  });

  test('is what is left of it, where that is less than 64 KiB', async () => {
    const bytes = archive([...WORD, { name: 'word/image.png', content: noise(20_000) }]);
    expect(await costs(bytes, DOCX)).toEqual([DOCX, [bytes.length - PREFIX_BYTES]]);
  });

  test('is 64 KiB of tail for a large one, whether its content types come first or last', async () => {
    const image: Entry = { name: 'word/image.png', content: noise(1_000_000) };
    expect(await costs(archive([...WORD, image]), DOCX)).toEqual([DOCX, [PIECE_BYTES]]);
    expect(await costs(archive([image, ...WORD]), DOCX)).toEqual([DOCX, [PIECE_BYTES]]);
    expect(await costs(archive([image]), ZIP)).toEqual([ZIP, [PIECE_BYTES]]);
  });

  test('is one small piece more where the content types lie in the middle', async () => {
    const image: Entry = { name: 'word/image.png', content: noise(200_000) };
    const [, reads] = await costs(archive([image, ...WORD, { ...image, name: 'word/image2.png' }]), DOCX);
    expect(reads).toEqual([PIECE_BYTES, expect.any(Number)]);
    expect(reads[1]).toBeLessThan(2_048);
  });

  test('is one piece more where the directory is longer than the tail, which is known up to 128 KiB', async () => {
    expect(await costs(archive([...WORD, ...many(1_200)]), DOCX)).toEqual([
      DOCX,
      [PIECE_BYTES, expect.any(Number)],
    ]);
    expect(await costs(archive([...WORD, ...many(5_000)]), DOCX)).toEqual([DOCX, [PIECE_BYTES, PIECE_BYTES]]);
    expect(await costs(archive(many(5_000)), ZIP)).toEqual([ZIP, [PIECE_BYTES, PIECE_BYTES]]);
    // Their bytes stand before the directory, in neither piece.
    const [type, reads] = await costs(archive([...many(1_200), ...WORD]), DOCX);
    expect(type).toBe(DOCX);
    expect(reads).toEqual([PIECE_BYTES, expect.any(Number), expect.any(Number)]);
    expect(reads[2]).toBeLessThan(2_048);
    // Among more parts than are looked at, content types that come last are not found.
    expect(await costs(archive([...many(5_000), ...WORD]), DOCX)).toEqual([ZIP, [PIECE_BYTES, PIECE_BYTES]]);
  });

  test('is nothing for an archive that is declared as something else', async () => {
    const bytes = archive([{ name: 'a', content: noise(100_000) }]);
    expect(await costs(bytes, 'image/png')).toEqual([ZIP, []]);
  });

  test('is at most three pieces of 64 KiB, whatever the archive says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...WORD, ...many(1), { name: 'x', content: noise(90_000) }), {
          maxLength: 8,
        }),
        fc.nat(3_000),
        fc.nat(),
        async (entries, count, at) => {
          const bytes = archive([...many(count), ...entries]);
          bytes[bytes.length - 1 - (at % 40)] = at % 256;
          const { reads } = await read(bytes, DOCX);
          expect(reads.length).toBeLessThanOrEqual(3);
          expect(reads.every(({ length }) => length <= PIECE_BYTES)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Reads a file of which only the two ends are real. */
async function readSparse(size: number, head: Uint8Array, end: Uint8Array) {
  const file = {
    size,
    prefix: join(head, Buffer.alloc(PREFIX_BYTES - head.length)),
    async read({ start, length }: { start: number; length: number }) {
      const bytes = Buffer.alloc(length);
      bytes.set(end, size - end.length - start);
      return bytes;
    },
  };
  return { sniffed: await sniff(file, { declaredType: ZIP }) };
}
