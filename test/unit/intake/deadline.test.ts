import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createDeadline } from '../../../src/lib/intake/deadline.ts';

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

describe('a deadline', () => {
  test('aborts as a time-out does, once it is reached', async () => {
    using deadline = createDeadline(0);
    await setTimeout(20);
    expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  test('leaves no timer behind when its work is over before, and never aborts then', async () => {
    const before = timers();
    let signal: AbortSignal;
    {
      using deadline = createDeadline(10);
      signal = deadline.signal;
      expect(timers()).toBe(before + 1);
    }
    expect(timers()).toBe(before);
    await setTimeout(30);
    expect(signal.aborted).toBe(false);
  });
});
