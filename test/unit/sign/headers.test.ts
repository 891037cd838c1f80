import { createHeaderCanonicalizer } from '@sluice/connection/sign/headers';
import { describe, expect, test } from 'vitest';

function setup() {
  return { canonicalize: createHeaderCanonicalizer('uploads.example') };
}

describe('canonical headers', () => {
  test('are in lower case and sorted, host among them', () => {
    const { canonicalize } = setup();

    expect(canonicalize({ 'If-None-Match': '*', 'x-amz-meta-a': '1', 'Content-Length': '5' })).toEqual({
      sent: { 'content-length': '5', 'if-none-match': '*', 'x-amz-meta-a': '1' },
      canonical:
        '\ncontent-length:5\nhost:uploads.example\nif-none-match:*\nx-amz-meta-a:1' +
        '\n\ncontent-length;host;if-none-match;x-amz-meta-a',
      encodedNames: 'content-length%3Bhost%3Bif-none-match%3Bx-amz-meta-a',
    });
  });

  // Sorted with the colon after each name, as they first were, "x-amz-meta-a" came last and S3 refused the
  // signature.
  test('are sorted by name alone when one name begins with another', () => {
    const { canonicalize } = setup();

    const { canonical } = canonicalize({ 'x-amz-meta-a-b': '3', 'x-amz-meta-a': '1', 'x-amz-meta-a1': '2' });

    expect(canonical).toBe(
      '\nhost:uploads.example\nx-amz-meta-a:1\nx-amz-meta-a-b:3\nx-amz-meta-a1:2' +
        '\n\nhost;x-amz-meta-a;x-amz-meta-a-b;x-amz-meta-a1',
    );
  });

  test('are host alone when there are none', () => {
    const { canonicalize } = setup();

    expect(canonicalize({})).toEqual({
      sent: {},
      canonical: '\nhost:uploads.example\n\nhost',
      encodedNames: 'host',
    });
  });

  test.each([
    ['two words', 'two words'],
    [' two \t words ', 'two words'],
    ['\t', ''],
    ['', ''],
  ])('have of the value %j what HTTP counts, %j', (value, canonical) => {
    const { canonicalize } = setup();

    expect(canonicalize({ a: value }).canonical).toContain(`\na:${canonical}\n`);
  });

  test('stay right when more sets of names come by than are remembered', () => {
    const { canonicalize } = setup();
    const sets = Array.from({ length: 40 }, (_, index) => ({
      [`x-amz-meta-${index}`]: 'a',
      'if-none-match': '*',
    }));

    for (const headers of [...sets, ...sets]) {
      expect(canonicalize(headers)).toEqual(setup().canonicalize(headers));
    }
  });

  test.each(['', 'a b', 'a:b', 'a\nb', 'ä', '__proto__'])('cannot have the name %j', (name) => {
    const { canonicalize } = setup();

    expect(() => canonicalize(Object.fromEntries([[name, '1']]))).toThrow(
      'a signed header has a malformed name',
    );
  });

  test.each(['host', 'Authorization', 'x-amz-date', 'x-amz-content-sha256', 'X-Amz-Security-Token'])(
    'cannot contain %s, which the signature or the client sets',
    (name) => {
      const { canonicalize } = setup();

      expect(() => canonicalize({ [name]: '1' })).toThrow(
        `the header ${name.toLowerCase()} is set by the signature`,
      );
    },
  );

  test('cannot contain one name in two spellings', () => {
    const { canonicalize } = setup();

    expect(() => canonicalize({ 'Content-Type': 'a/b', 'content-type': 'c/d' })).toThrow('given twice');
  });

  test.each(['a\r\nx-injected: 1', 'a\nb', 'é', '\u0000'])('cannot have the value %j', (value) => {
    const { canonicalize } = setup();

    expect(() => canonicalize({ a: value })).toThrow('a signed header has a value beyond printable ASCII');
  });
});
