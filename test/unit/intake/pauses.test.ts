import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pauseAfter } from '../../../src/lib/intake/pauses.ts';

const fault = new Error('no');
const MAX_RECEIVES = Number(
  /maxReceiveCount: (\d+)/.exec(
    readFileSync(`${import.meta.dirname}/../../../infra/arrivals.yml`, 'utf8'),
  )?.[1],
);

test('a message that failed comes again after seconds, and later and later', () => {
  expect(pauseAfter(fault, 1, () => 0)).toBe(1);
  expect(pauseAfter(fault, 1, () => 0.999)).toBeLessThanOrEqual(2);
  const longest = Array.from({ length: 12 }, (_, index) => pauseAfter(fault, index + 1, () => 0.999));
  expect(longest).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
});

test.each([
  ['shortest', () => 0],
  ['longest', () => 0.999_999],
])(
  'at the %s pauses a fault that lasts an hour sends nothing to the dead-letter queue, and one of three does',
  (_case, random) => {
    let seconds = 0;
    // The last receive moves it instead of pausing.
    for (let receives = 1; receives < MAX_RECEIVES; receives += 1)
      seconds += pauseAfter(fault, receives, random);
    expect(seconds).toBeGreaterThan(3_600);
    expect(seconds).toBeLessThan(3 * 3_600);
  },
);

test('what failed together does not come again together', () => {
  let dice = 0;
  const pauses = Array.from({ length: 10 }, () => pauseAfter(fault, 8, () => (dice += 0.09)));
  expect(new Set(pauses).size).toBe(10);
});
