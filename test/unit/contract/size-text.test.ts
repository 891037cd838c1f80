import { toSize } from '@sluice/contract/size-text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('a size', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [10 * 1024, '10 KiB'],
    [1024 ** 2 - 1, '1 MiB'],
    [5 * 1024 ** 3, '5 GiB'],
    [25 * 1024 ** 2, '25 MiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ])('of %i is told as %s', (bytes, text) => expect(toSize(bytes)).toBe(text));

  test('is never told as a thousand of the smaller unit', () => {
    fc.assert(fc.property(fc.nat(1024 ** 3), (bytes) => Number.parseFloat(toSize(bytes)) < 1024));
  });
});
