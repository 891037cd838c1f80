import { inTurns } from 'sluice/turns';
import { expect, test } from 'vitest';

const BOUNDS = { least: 2, most: 5, bytes: 100 };

/** How many were at work each time that one was begun, in the order in which they were. */
async function crowds(sizes: readonly number[]): Promise<number[]> {
  const seen: number[] = [];
  let now = 0;
  await inTurns(
    sizes.map((bytes) => ({ bytes })),
    BOUNDS,
    async () => {
      seen.push(++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
    },
  );
  return seen;
}

test.each([
  ['many small ones', [1, 1, 1, 1, 1], [1, 2, 3, 4, 5]],
  ['no more than the most, however small', [1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 1]],
  ['two large ones, whatever they weigh', [900, 900, 900], [1, 2, 1]],
  ['small ones until the next one is too large', [40, 40, 10, 30], [1, 2, 3, 1]],
])('takes up %s', async (_what, sizes, expected) => {
  const seen = await crowds(sizes);
  expect(seen.slice(0, expected.length - 1)).toEqual(expected.slice(0, -1));
  expect(Math.max(...seen)).toBe(Math.max(...expected));
});

test('begins no other when one ends all of it, and waits for those under way', async () => {
  const [begun, ended]: [number[], number[]] = [[], []];
  const all = inTurns([{ bytes: 900 }, { bytes: 901 }, { bytes: 902 }], BOUNDS, async ({ bytes }) => {
    begun.push(bytes);
    if (bytes === 900) throw new Error('stop');
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended.push(bytes);
  });
  await expect(all).rejects.toThrow('stop');
  expect(begun).toEqual([900, 901]);
  expect(ended).toEqual([901]);
});
