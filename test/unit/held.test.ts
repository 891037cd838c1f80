import { describe, expect, test } from 'vitest';
import { createHeld } from '../../src/lib/held.ts';

const MINUTE_MS = 60_000;

function setup() {
  let time = 0;
  let answer: () => Promise<string> = async () => 'first';
  let fetches = 0;
  const failures: unknown[] = [];
  const held = createHeld({
    fetch: () => {
      fetches += 1;
      return answer();
    },
    now: () => time,
    onFailure: (error) => failures.push(error),
  });
  return {
    held,
    failures,
    fetches: () => fetches,
    pass: (ms: number) => {
      time += ms;
    },
    answers: (value: string) => {
      answer = async () => value;
    },
    fails: (takesMs = 0) => {
      answer = async () => {
        time += takesMs;
        throw new Error('throttled');
      };
    },
  };
}

describe('a value that cannot be fetched', () => {
  // Every call asked, waited and was counted.
  test('is asked for once in two seconds, and all calls meanwhile get the same error', async () => {
    const { held, fetches, fails, pass } = setup();
    fails(5_000);
    await expect(held.get()).rejects.toThrow('throttled');
    pass(1_999);
    await expect(held.get()).rejects.toThrow('throttled');
    expect(fetches()).toBe(1);
    pass(1);
    await expect(held.get()).rejects.toThrow('throttled');
    expect(fetches()).toBe(2);
  });

  test('is there as soon as the pause is over and the fetch succeeds', async () => {
    const { held, fails, answers, pass } = setup();
    fails();
    await expect(held.get()).rejects.toThrow('throttled');
    answers('first');
    pass(2_000);
    expect(await held.get()).toBe('first');
  });

  test('has the one before stand in for ten minutes more, and tells of each fetch, not of each call', async () => {
    const { held, failures, fetches, fails, pass } = setup();
    await held.get();
    fails();
    pass(5 * MINUTE_MS);
    expect(await held.get()).toBe('first');
    expect(await held.get()).toBe('first');
    expect(fetches()).toBe(2);
    expect(failures).toHaveLength(1);
    pass(10 * MINUTE_MS);
    await expect(held.get()).rejects.toThrow('throttled');
  });

  test('is not asked for again by calls for which the one before is not enough', async () => {
    const { held, fetches, fails, pass } = setup();
    await held.get();
    fails();
    pass(10_000);
    const isEnough = (value: string) => value === 'second';
    await expect(held.get(isEnough)).rejects.toThrow('throttled');
    await expect(held.get(isEnough)).rejects.toThrow('throttled');
    expect(fetches()).toBe(2);
    expect(await held.get()).toBe('first');
  });
});

test('a success ends the pause for good', async () => {
  const { held, fetches, fails, answers, pass } = setup();
  fails();
  await expect(held.get()).rejects.toThrow('throttled');
  pass(2_000);
  answers('first');
  await held.get();
  answers('second');
  pass(10_000);
  expect(await held.get((value) => value === 'second')).toBe('second');
  expect(fetches()).toBe(3);
});
