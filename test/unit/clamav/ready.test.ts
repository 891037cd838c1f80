import { expect, test } from 'vitest';
import { ClamdFailed } from '../../../src/lib/clamav/faults.ts';
import { untilReady } from '../../../src/lib/clamav/ready.ts';

/** A clamd that is away for so many questions. */
function setup(away: number, error: Error = new ClamdFailed('cannot be reached')) {
  const pauses: number[] = [];
  let asked = 0;
  const wait = (signal = new AbortController().signal) =>
    untilReady(
      {
        clamd: {
          async ping() {
            asked += 1;
            if (asked <= away) throw error;
          },
        },
        async pause(ms, given) {
          given.throwIfAborted();
          pauses.push(ms);
        },
      },
      signal,
    );
  return { wait, pauses, asked: () => asked };
}

test('does not wait for a clamd that answers', async () => {
  const { wait, pauses } = setup(0);
  await wait();
  expect(pauses).toEqual([]);
});

test('waits for one that begins, and asks four times a second', async () => {
  const { wait, pauses } = setup(100);
  await wait();
  expect(pauses).toEqual(Array.from({ length: 100 }, () => 250));
});

test('gives up after a minute and a half', async () => {
  const { wait, pauses } = setup(Number.POSITIVE_INFINITY);
  await expect(wait()).rejects.toThrow('clamd cannot be reached');
  expect(pauses.reduce((sum, ms) => sum + ms)).toBe(90_000);
});

test('does not wait where something else is wrong', async () => {
  const { wait, asked } = setup(1, new TypeError('a bug'));
  await expect(wait()).rejects.toThrow('a bug');
  expect(asked()).toBe(1);
});

test('ends with the time of the batch', async () => {
  const { wait } = setup(10);
  await expect(wait(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
});
