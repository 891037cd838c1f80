import { toRelativeTime } from '@sluice/console/times';
import { expect, test } from 'vitest';

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
