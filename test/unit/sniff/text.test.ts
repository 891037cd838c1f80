import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readText } from '../../../src/lib/sniff/text.ts';

function bytes(...values: number[]) {
  return Uint8Array.from(values);
}
const MARKED = { 'utf-16le': bytes(0xff, 0xfe), 'utf-16be': bytes(0xfe, 0xff) } as const;

function utf16(text: string, order: keyof typeof MARKED): Buffer {
  const little = Buffer.from(text, 'utf16le');
  return Buffer.concat([MARKED[order], order === 'utf-16be' ? little.swap16() : little]);
}

const plainText = fc.string({ unit: 'grapheme' }).filter((value) => !/[\p{Cc}\ufeff]/u.test(value));

describe('readText', () => {
  test('reads back any well-formed text without control bytes', () => {
    fc.assert(
      fc.property(plainText, (value) => {
        expect(readText(Buffer.from(value), true)).toEqual({ text: value, charset: 'utf-8' });
      }),
    );
  });

  test.each(['utf-16le', 'utf-16be'] as const)('reads it back in marked %s too', (order) => {
    fc.assert(
      fc.property(plainText, (value) => {
        // Two zeros behind the mark are UTF-32's.
        expect(readText(utf16(`a${value}`, order), true)).toEqual({ text: `a${value}`, charset: 'utf-16' });
      }),
    );
  });

  test('reads a text cut anywhere when the object goes on, and never invents a character', () => {
    const encode = fc.constantFrom(
      (text: string) => Buffer.from(text),
      (text: string) => utf16(text, 'utf-16le'),
      (text: string) => utf16(text, 'utf-16be'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('aé漢😀z', '\ufeffé', '😀😀'),
        encode,
        fc.integer({ min: 2, max: 18 }),
        (value, encoded, cut) => {
          const reading = readText(encoded(value).subarray(0, cut), false);
          expect(
            'text' in reading && value.replace('\ufeff', '').startsWith(reading.text.replace('\ufeff', '')),
          ).toBe(true);
        },
      ),
    );
  });

  test('refuses a character cut off by the end of the object', () => {
    expect(readText(bytes(0x61, 0xc3), true)).toEqual({ flaw: 'the bytes are not valid UTF-8' });
    expect(readText(bytes(0x61, 0xc3), false)).toMatchObject({ text: 'a' });
    expect(readText(bytes(0xff, 0xfe, 0x61), true)).toEqual({ flaw: 'the bytes are not valid UTF-16' });
  });

  test('drops a byte order mark', () => {
    expect(readText(Buffer.from('\ufeffa,b'), true)).toMatchObject({ text: 'a,b' });
  });

  test('refuses UTF-32, by its mark', () => {
    expect(readText(bytes(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0), true)).toEqual({ flaw: 'the text is UTF-32' });
  });

  test('takes white space and 0x7F, and refuses every other control character by its place', () => {
    const isTaken = (code: number) => 'text' in readText(bytes(0x61, code, 0x61), true);
    const taken = Array.from({ length: 0x80 }, (_, code) => code).filter(isTaken);
    expect(taken.filter((code) => code < 0x20 || code === 0x7f)).toEqual([
      0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x7f,
    ]);
    expect(readText(bytes(0x61, 0x62, 0), true)).toEqual({
      flaw: 'byte 2 is a control character, which text does not have',
    });
    expect(readText(utf16('ab\0c', 'utf-16le'), true)).toEqual({
      flaw: 'character 2 is a control character, which text does not have',
    });
  });

  test.each(['\x1b[0m', '\x1b[1;31m', '\x1b[2K', '\x1b[?25l', '\x1b[38;5;208m', '\x1b(B'])(
    'takes %j, which terminals colour and move by, wherever the prefix cuts it off',
    (sequence) => {
      expect(readText(Buffer.from(`a${sequence}b`), true)).toMatchObject({ text: `a${sequence}b` });
      for (let length = 1; length < sequence.length; length += 1) {
        expect(readText(Buffer.from(`a${sequence.slice(0, length)}`), false)).toHaveProperty('text');
      }
    },
  );

  test.each([
    ['sets a title', '\x1b]0;x\x07'],
    ['opens a link', '\x1b]8;;http://x\x1b\\'],
    ['fills the clipboard', '\x1b]52;c;eA==\x07'],
    ['programs a key', '\x1bP+q\x1b\\'],
    ['resets the terminal', '\x1bc'],
    ['is ISO-2022-JP', '\x1b$B'],
  ])('refuses an escape that %s', (_what, sequence) => {
    expect(readText(Buffer.from(`a${sequence}b`), true)).toHaveProperty('flaw');
  });

  test('takes end-of-file marks of DOS at the end of the object, and nowhere else', () => {
    expect(readText(Buffer.from('a\r\n\x1a\x1a'), true)).toHaveProperty('text');
    expect(readText(Buffer.from('a\x1ab'), true)).toHaveProperty('flaw');
    expect(readText(Buffer.from('a\x1a'), false)).toHaveProperty('flaw');
  });
});
