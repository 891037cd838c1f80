import { Refusal } from '@sluice/contract/refusals';
import { describe, expect, test } from 'vitest';
import { parseComplete } from '../../../src/lib/http/parse-complete.ts';
import { parseParts } from '../../../src/lib/http/parse-parts.ts';

function setup() {
  const event = (body: unknown) => ({
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    isBase64Encoded: false,
  });
  const codeOf = (parse: (of: ReturnType<typeof event>) => unknown, body: unknown) => {
    try {
      parse(event(body));
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
    return undefined;
  };
  return { event, codeOf };
}

const SHA256 = Buffer.alloc(32).toString('base64');
function numbers(count: number) {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe('the parts to be signed', () => {
  test('may be a thousand at once, each with its checksum', () => {
    const { event } = setup();
    const parts = numbers(1000).map((partNumber) => ({
      partNumber,
      checksum: { algorithm: 'sha256', value: SHA256 },
    }));
    expect(parseParts(event({ parts })).parts).toHaveLength(1000);
  });

  test.each([
    ['none', [], 'part_numbers_invalid'],
    ['1,001', numbers(1001).map((partNumber) => ({ partNumber })), 'part_numbers_invalid'],
    ['part 0', [{ partNumber: 0 }], 'part_numbers_invalid'],
    ['part 10,001', [{ partNumber: 10_001 }], 'part_numbers_invalid'],
    ['part 1.5', [{ partNumber: 1.5 }], 'part_numbers_invalid'],
    [
      'a checksum of another length',
      [{ partNumber: 1, checksum: { algorithm: 'crc32', value: SHA256 } }],
      'part_checksum_invalid',
    ],
    ['a field of its own', [{ partNumber: 1, size: 5 }], 'field_unknown'],
  ])('are refused when they are %s', (_case, parts, code) => {
    const { codeOf } = setup();
    expect(codeOf(parseParts, { parts })).toBe(code);
  });

  test('are refused in a format that there is not', () => {
    const { codeOf } = setup();
    expect(codeOf(parseParts, { format: 'xml' })).toBe('parts_format_invalid');
  });
});

describe('the parts to be completed', () => {
  test('may be all ten thousand, or be left out', () => {
    const { event } = setup();
    const parts = numbers(10_000).map((partNumber) => ({ partNumber, etag: `"${'0'.repeat(32)}"` }));
    expect(parseComplete(event({ parts })).parts).toHaveLength(10_000);
    expect(parseComplete({ headers: {}, isBase64Encoded: false })).toEqual({});
  });

  test.each(['0123abcd', '"0123abcd"', 'W/"0123abcd"'])('name the ETag %s as S3 does, in quotes', (etag) => {
    const { event } = setup();
    expect(parseComplete(event({ parts: [{ partNumber: 1, etag }] })).parts).toEqual([
      { partNumber: 1, etag: '"0123abcd"' },
    ]);
  });

  test('are refused without an ETag', () => {
    const { codeOf } = setup();
    expect(codeOf(parseComplete, { parts: [{ partNumber: 1 }] })).toBe('field_missing');
  });
});
