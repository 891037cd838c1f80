import { toRelativeTime, toSize } from '@sluice/console/format';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1 KB'],
  [1536, '1.5 KB'],
  [10 * 1024, '10 KB'],
  [1024 ** 2 - 1, '1 MB'],
  [25 * 1024 ** 2, '25 MB'],
  [5 * 1024 ** 3, '5 GB'],
  [1024 ** 5, '1024 TB'],
])('shows %d bytes as %s', (bytes, text) => {
  expect(toSize(bytes)).toBe(text);
});

test('shows any size in at most four digits and one unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1024 ** 5 }), (bytes) => {
      expect(toSize(bytes)).toMatch(/^(\d\.\d|\d{1,4}) (bytes?|[KMGT]B)$/);
    }),
  );
});

const NOW = Date.parse('2026-11-22T12:00:00Z');

test.each([
  ['2026-11-22T11:59:30Z', 'just now'],
  ['2026-11-22T12:00:30Z', 'just now'],
  ['2026-11-22T11:57:00Z', '3 minutes ago'],
  ['2026-11-22T10:00:00Z', '2 hours ago'],
  ['2026-11-21T11:00:00Z', 'yesterday'],
  ['2026-11-12T12:00:00Z', '10 days ago'],
])('tells %s as %s', (iso, text) => {
  expect(toRelativeTime(iso, NOW)).toBe(text);
});
