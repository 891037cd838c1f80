import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Limits, mostADay, sumOf } from '../../bench/most-a-day/bill.ts';
import { readLimits } from '../../bench/most-a-day/limits.ts';

const USUAL: Limits = { routes: 40, routeRateLimit: 100, concurrency: 1_000, verifyConcurrency: 20 };

function setup(changes: Partial<Limits> = {}): number {
  return sumOf(mostADay({ ...USUAL, ...changes }));
}

describe('the most that a stack costs a day', () => {
  test('is in docs/deploying.md, part by part, with the limits of serverless.yml', () => {
    const [, section = ''] = readFileSync('docs/deploying.md', 'utf8').split('## The most it can cost\n');
    const [text = ''] = section.split('\n## ');
    const rows = [...text.matchAll(/^\| (.+) \| ([\d,]+) \|$/gm)];
    const told = rows.map(([, what, dollars = '']) => ({
      what,
      dollars: Number(dollars.replaceAll(',', '')),
    }));
    const parts = mostADay(readLimits());
    const expected = [...parts, { what: '**together, about**', dollars: sumOf(parts) }];
    expect(told.map(({ what }) => what)).toEqual(expected.map(({ what }) => what));
    for (const [at, { what, dollars }] of expected.entries()) {
      const share = (told[at]?.dollars ?? 0) / dollars;
      // A route more or less is no reason to write all of it again.
      expect(Math.abs(share - 1), `${what}: npm run bench:most-a-day says ${dollars}`).toBeLessThan(0.15);
    }
  });

  test.each<Partial<Limits>>([
    { routeRateLimit: 50 },
    { routes: 20 },
    { concurrency: 500 },
    { verifyConcurrency: 10 },
  ])('is less with %o', (changes) => {
    expect(setup(changes)).toBeLessThan(setup());
  });

  test('is nothing where nothing may run', () => {
    expect(setup({ routeRateLimit: 0, concurrency: 0, verifyConcurrency: 0 })).toBe(0);
  });

  test('verifies no more uploads than can be requested', () => {
    const few = { routeRateLimit: 1, verifyConcurrency: 20 };
    const verified = (limits: Limits) =>
      mostADay(limits).find(({ what }) => what.startsWith('S3'))?.dollars ?? 0;
    expect(verified({ ...USUAL, ...few, verifyConcurrency: 1_000 })).toBe(
      verified({ ...USUAL, ...few, verifyConcurrency: 500 }),
    );
  });
});
