import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUnmarkedText } from '../../../src/lib/sniff/unmarked-text.ts';

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

describe('windows-1252', () => {
  // Words of Western European languages and what stands between them, in the range that windows-1252 and ISO
  // 8859-1 share.
  const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const word = fc
    .tuple(
      fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 6 }),
      fc.constantFrom('', 'é', 'ü', 'ß', 'ñ', 'éé', 'ãõ'),
    )
    .map(([plain, accented]) => plain + accented);
  const line = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => `Größe;${words.join(';')}\r\n`);

  test('is read for any table of Western European words', () => {
    fc.assert(
      fc.property(line, (text) => {
        expect(readUnmarkedText(latin1(text), true)).toEqual({ text, charset: 'windows-1252' });
      }),
    );
  });

  test.each([
    [
      'the bytes that ISO 8859-1 does not have',
      '\x80 5 \x93quoted\x94 \x96 caf\xe9\x85',
      '€ 5 “quoted” – café…',
    ],
    [
      'rows of symbols',
      'x \x97\x97\x97\x97\x97\x97 \xb7\xb7\xb7\xb7\xb7 \xd7\xd7\xd7\xd7',
      'x —————— ····· ××××',
    ],
  ])('has %s', (_what, bytes, text) => {
    expect(readUnmarkedText(latin1(bytes), true)).toEqual({ text, charset: 'windows-1252' });
  });

  test.each([
    ['control bytes', 'caf\xe9\x02', /control/],
    ['bytes that windows-1252 leaves free', 'M\x81ller', /byte 1 is neither UTF-8 nor windows-1252/],
    ['Cyrillic in windows-1251', '\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0', /does not know/],
    ['Greek in ISO 8859-7', '\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1;1', /does not know/],
    ['Japanese in Shift_JIS', '\x83e\x83X\x83g\x93\xfa\x96{\x81@', /neither/],
    ['Chinese in GBK', '\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7\xc4\xe3\xc4\xe3', /does not know/],
    ['Japanese in EUC-JP', '\xa5\xd5\xa5\xa1\xa5\xa4\xa5\xeb', /does not know/],
    ['Chinese in Big5', 'id;\xc0\xc9\xae\xd7\xa4\xa4\xa4\xe5', /does not know/],
    ['Thai in windows-874', '\xe1\xbf\xe9\xc1\xcb\xb9', /does not know/],
    ['Russian in CP866', '\x94\xa0\xa9\xab \xad\xa5 \xad\xa0\xa9\xa4\xa5\xad', /does not know/],
    ['French in CP850', 'caf\x82s, cr\x8ame, num\x82ro', /does not know/],
    ['Polish in windows-1250', 'ma\xb3y, du\xbfy', /does not know/],
    ['UTF-8 with a broken byte', 'Zo\xc3\xab, M\xc3\xbcller, Caf\xc3\xa9, H\xf6he', /not valid UTF-8/],
  ])('is not read where the bytes are %s', (_what, bytes, flaw) => {
    expect(readUnmarkedText(latin1(bytes), true)).toEqual({ flaw: expect.stringMatching(flaw) });
  });

  test('is not read from noise: none of 20,000 random blocks of 128 bytes', () => {
    const block = fc.uint8Array({ minLength: 128, maxLength: 128 });
    fc.assert(
      fc.property(block, (bytes) => {
        expect(readUnmarkedText(bytes, true)).toHaveProperty('flaw');
      }),
      { numRuns: 20_000 },
    );
  }, 30_000);
});

describe('UTF-16 without a byte order mark', () => {
  const row = fc
    .array(fc.string({ unit: fc.constantFrom(...'abc 123;,', 'é', '漢', '😀'), minLength: 1 }), {
      minLength: 1,
    })
    .map((cells) => `name;city;country\r\n${cells.map((cell) => `field;${cell};end of row`).join('\r\n')}`);

  test.each(['utf-16le', 'utf-16be'] as const)(
    'is read as %s where most of it is ASCII, and named so',
    (charset) => {
      fc.assert(
        fc.property(row, (text) => {
          const little = Buffer.from(text, 'utf16le');
          const bytes = charset === 'utf-16be' ? little.swap16() : little;
          expect(readUnmarkedText(bytes, true)).toEqual({ text, charset });
        }),
      );
    },
  );

  test.each([
    ['is cut off in a character', Buffer.from('a\0b\0c', 'latin1')],
    ['holds half of a surrogate pair', Buffer.from('abc\ud800de', 'utf16le')],
    ['holds a null', Buffer.from('abc\0def', 'utf16le')],
    ['is nothing but nulls', Buffer.alloc(64)],
  ])('is not read where it %s', (_what, bytes) => {
    expect(readUnmarkedText(bytes, true)).toHaveProperty('flaw');
  });
});
