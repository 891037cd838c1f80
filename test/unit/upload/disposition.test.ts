import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toDisposition } from '../../../src/lib/upload/disposition.ts';

test('offers a plain name as an attachment in both forms', () => {
  expect(toDisposition('photo 1.jpg')).toBe(
    `attachment; filename="photo 1.jpg"; filename*=UTF-8''photo%201.jpg`,
  );
});

test('keeps a quote, a percent sign and a letter outside ASCII out of the quoted form', () => {
  expect(toDisposition('a"b%é.png')).toBe(
    `attachment; filename="a_b__.png"; filename*=UTF-8''a%22b%25%C3%A9.png`,
  );
});

test('is one well-formed header for 10,000 names that a stranger could choose', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 255 });
  fc.assert(
    fc.property(name, (filename) => {
      const header = toDisposition(filename);
      expect(header).toMatch(/^attachment; filename="[^"\\%;]*"; filename\*=UTF-8''[\w.~!#$&+^`|%-]+$/);
      expect(decodeURIComponent(header.split("UTF-8''")[1] ?? '')).toBe(filename.toWellFormed());
    }),
    { numRuns: 10_000 },
  );
}, 30_000);
