import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText } from '../../../src/lib/sniff/text.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('readText', () => {
  it('reads back any well-formed text without control bytes', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\p{Cc}\ufeff]/u.test(value));
    fc.assert(
      fc.property(text, (value) => {
        expect(readText(Buffer.from(value), true)).toEqual({ text: value });
      }),
    );
  });

  it('reads a text cut anywhere when the object goes on, and never invents a character', () => {
    fc.assert(
      fc.property(fc.constantFrom('aé漢😀z', '\ufeffé', '😀😀'), fc.nat(18), (value, cut) => {
        const reading = readText(Buffer.from(value).subarray(0, cut), false);
        expect('text' in reading && value.replace('\ufeff', '').startsWith(reading.text)).toBe(true);
      }),
    );
  });

  it('refuses a character cut off by the end of the object', () => {
    expect(readText(bytes(0x61, 0xc3), true)).toEqual({ flaw: 'the bytes are not valid UTF-8' });
    expect(readText(bytes(0x61, 0xc3), false)).toEqual({ text: 'a' });
  });

  it('drops a byte order mark', () => {
    expect(readText(Buffer.from('\ufeffa,b'), true)).toEqual({ text: 'a,b' });
  });

  it.each([[bytes(0xff, 0xfe, 0x61, 0)], [bytes(0xfe, 0xff, 0, 0x61)]])(
    'names UTF-16 when its byte order mark comes first (%#)',
    (prefix) => {
      expect(readText(prefix, true)).toEqual({ flaw: 'the text is UTF-16; only UTF-8 is taken' });
    },
  );

  it('takes tab, line feed, form feed and carriage return, and refuses every other control byte by its place', () => {
    const taken = Array.from({ length: 0x80 }, (_, code) => code).filter(
      (code) => 'text' in readText(bytes(0x61, code), true) && (code < 0x20 || code === 0x7f),
    );
    expect(taken).toEqual([0x09, 0x0a, 0x0c, 0x0d]);
    expect(readText(bytes(0x61, 0x62, 0), true)).toEqual({
      flaw: 'byte 2 is a control byte, which text does not have',
    });
  });
});
