import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_JSON_LEVELS, parseJson } from '../../../src/lib/http/parse-json.ts';

function setup(text: string) {
  return () => parseJson(Buffer.from(text));
}

function nested(levels: number, [open, close] = ['[', ']']) {
  return `${open?.repeat(levels)}${close?.repeat(levels)}`;
}

function refused(code: string, field?: string) {
  return expect.objectContaining({ code, extras: field === undefined ? {} : { field } });
}

describe('the JSON of a request', () => {
  test('is whatever JSON.parse makes of it, while it is shallow and its texts are whole', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        expect(setup(text)()).toEqual(JSON.parse(text));
      }),
    );
  });

  // Metadata of 8,000 levels overflowed the stack where it was written out as text: 500.
  test.each([MAX_JSON_LEVELS + 1, 8_000, 500_000])(
    'is refused when it is %i levels deep, naming the field',
    (levels) => {
      expect(setup(nested(levels))).toThrow(refused('body_too_deep', '0.0'));
      expect(setup(`{"metadata":{"a":${nested(levels - 2)}}}`)).toThrow(
        refused('body_too_deep', 'metadata.a'),
      );
      expect(setup(`{"a":1,"metadata":${nested(levels - 1, ['{"b":', '}']).replace(':}', ':1}')}}`)).toThrow(
        refused('body_too_deep', 'metadata.b'),
      );
    },
  );

  test(`is taken when it is ${MAX_JSON_LEVELS} levels deep`, () => {
    expect(setup(nested(MAX_JSON_LEVELS))).not.toThrow();
    expect(setup(`{"metadata":{"a":${nested(MAX_JSON_LEVELS - 2)}}}`)).not.toThrow();
  });

  // DynamoDB refused such a text, and the caller was answered 500.
  test.each([
    ['"\\ud800"', undefined],
    ['{"filename":"a\\udc00.jpg"}', 'filename'],
    ['{"metadata":{"album":"\\ud83d"}}', 'metadata.album'],
    ['{"metadata":{"\\ud83d":"x"}}', 'metadata'],
    ['{"parts":[{"etag":"\\udfff\\ud800"}]}', 'parts.0.etag'],
    ['{"unknown":[[["\\ud800"]]]}', 'unknown.0.0.0'],
  ])('is refused for half of a surrogate pair: %s', (text, field) => {
    expect(setup(text)).toThrow(refused('text_invalid', field));
  });

  test('is taken with whole surrogate pairs, escaped or not', () => {
    expect(setup('{"a":"\\ud83d\\ude00 😀"}')()).toEqual({ a: '😀 😀' });
  });

  test.each(['', '{', '{"a":1}x', "{'a':1}", '\u0000'])('is refused when it is none: %j', (text) => {
    expect(setup(text)).toThrow(refused('body_malformed'));
  });

  test('is refused when it is not UTF-8', () => {
    expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(refused('body_malformed'));
    expect(() => parseJson(Buffer.from('"a"', 'utf16le'))).toThrow(refused('body_malformed'));
  });

  test('names a field of a stranger’s choosing only as far as that tells it', () => {
    try {
      setup(`{"${'k'.repeat(60_000)}":"\\ud800"}`)();
      expect.fail('it was taken');
    } catch (error) {
      expect(JSON.stringify(error).length).toBeLessThan(1_000);
    }
  });
});
