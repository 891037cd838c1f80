import { Refusal } from '@sluice/contract/refusals';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eachEntry, writesAtOnce } from '../../../src/lib/http/each-entry.ts';
import { logger } from '../../../src/lib/log/logger.ts';
import { captureLog } from '../../fakes/log-lines.ts';

let lines: Record<string, unknown>[] = [];

beforeEach(() => {
  lines = captureLog();
});
afterEach(() => void vi.restoreAllMocks());

function setup({ atOnce = 4, remainingMs = (): number => 60_000 } = {}) {
  const deps = { logger, requestId: 'r-1', atOnce, remainingMs };
  return <Entry>(
    entries: readonly Entry[],
    work: (entry: Entry, position: number) => Promise<{ status: number }>,
  ) => eachEntry(deps, entries, work);
}

/** As the SDK throws it when DynamoDB has enough. */
function throttled() {
  return Object.assign(new Error('slow down'), {
    name: 'ProvisionedThroughputExceededException',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
}

describe('each entry of a list', () => {
  test('is answered at its own position, whichever is done first', async () => {
    const each = setup();
    const results = await each([30, 0, 10], async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return { status: 200, ms };
    });
    expect(results).toEqual([30, 0, 10].map((ms) => ({ status: 200, ms })));
  });

  test('has a problem of its own when it is refused, throttled or fails, and its neighbours are done', async () => {
    const each = setup();
    const faults = [
      undefined,
      new Refusal('size_over_limit', { field: 'size' }),
      throttled(),
      new Error('a row of ghosts'),
      undefined,
    ];
    const results = await each(faults, async (fault) => {
      if (fault !== undefined) throw fault;
      return { status: 201 };
    });
    expect(results).toEqual([
      { status: 201 },
      {
        status: 413,
        problem: expect.objectContaining({
          type: 'urn:sluice:problem:size_over_limit',
          code: 'size_over_limit',
          field: 'size',
          requestId: 'r-1',
        }),
      },
      {
        status: 503,
        problem: expect.objectContaining({ code: 'too_busy', retryable: true }),
        retryAfterSeconds: 1,
      },
      { status: 500, problem: expect.objectContaining({ code: 'internal', retryable: true }) },
      { status: 201 },
    ]);
    expect(JSON.stringify(results)).not.toContain('ghosts');
    const told = lines.filter(({ message }) => message !== undefined); // the rest are metrics
    expect(told.map(({ level, message, position }) => [level, message, position])).toEqual([
      ['INFO', 'request refused', 1],
      ['WARN', 'request refused', 2],
      ['ERROR', 'request failed', 3],
    ]);
  });

  test('waits for its turn: no more are under way than may be', async () => {
    const each = setup({ atOnce: 3 });
    let [now, most] = [0, 0];
    await each(Array.from({ length: 20 }), async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now--;
      return { status: 200 };
    });
    expect(most).toBe(3);
  });

  test('is not begun when the time of the function is nearly over, and is to be asked for again', async () => {
    const left = [10_000, 10_000, 10_000, 1_900];
    const each = setup({ atOnce: 1, remainingMs: () => left.shift() ?? 1_800 });
    const begun: number[] = [];
    const results = await each([0, 1, 2, 3], async (entry) => {
      begun.push(entry);
      return { status: 200 };
    });
    expect(begun).toEqual([0, 1]);
    expect(results.map(({ status }) => status)).toEqual([200, 200, 503, 503]);
    expect(results[3]).toMatchObject({
      problem: { code: 'out_of_time', retryable: true },
      retryAfterSeconds: 1,
    });
  });

  test('that never ends does not take the answers of the others with it', async () => {
    const each = setup({ remainingMs: () => 2_050 });
    vi.useFakeTimers();
    const answer = each([0, 1, 2], async (entry) =>
      entry === 1 ? new Promise<never>(() => {}) : { status: 200 },
    );
    await vi.advanceTimersByTimeAsync(1_100);
    vi.useRealTimers();
    const results = await answer;
    expect(results.map(({ status }) => status)).toEqual([200, 503, 200]);
    expect(results[1]).toMatchObject({ problem: { code: 'out_of_time' } });
  });

  test('that fails after the answer is not told of twice', async () => {
    const each = setup({ remainingMs: () => 2_050 });
    vi.useFakeTimers();
    let fail: (error: Error) => void = () => {};
    const answer = each([0], () => new Promise<never>((_, reject) => (fail = reject)));
    await vi.advanceTimersByTimeAsync(1_100);
    vi.useRealTimers();
    await answer;
    fail(new Error('too late'));
    await new Promise((resolve) => setTimeout(resolve));
    const told = lines.filter(({ message }) => message !== undefined);
    expect(told.map(({ code }) => code)).toEqual(['out_of_time']);
  });
});

test('writes of one grant are made one after the other, and of others side by side', () => {
  expect(writesAtOnce({ kind: 'user' }, 25)).toBe(25);
  expect(writesAtOnce({ kind: 'service' }, 25)).toBe(25);
  expect(writesAtOnce({ kind: 'grant' }, 25)).toBe(1);
});
