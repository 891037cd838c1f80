import { describe, expect, test } from 'vitest';
import { runBatch } from '../../../src/lib/intake/batch.ts';
import { OutOfTime } from '../../../src/lib/intake/faults.ts';
import type { Message } from '../../../src/lib/intake/messages.ts';
import type { Keep } from '../../../src/lib/upload/keep.ts';

function message(id: string, ...keys: string[]): Message {
  return {
    id,
    receiptHandle: `r-${id}`,
    body: JSON.stringify({
      Records: keys.map((key) => ({
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: 'incoming' }, object: { key, size: 1, eTag: 'e' } },
      })),
    }),
  };
}
function often(message: Message, receiveCount: number): Message {
  return { ...message, receiveCount };
}

class Slow extends Error {}
class InUse extends Error {}

function setup(
  work: (key: string, signal: AbortSignal, keep: Keep) => Promise<void> | void,
  remaining = () => 60_000,
) {
  const failures = new Map<string, unknown>();
  const fates = new Map<string, unknown>();
  const lapses: unknown[] = [];
  /** what the queue was told, in order: the ids and seconds of each call, or what was done with whom */
  const told: unknown[] = [];
  const broken = new Set<'hide' | 'acknowledge' | 'bury' | 'sendAgain'>();
  const tell = async (call: 'hide' | 'acknowledge' | 'bury' | 'sendAgain', what: unknown) => {
    if (broken.has(call)) throw new Error(`no ${call}`);
    told.push(what);
  };
  let beat = () => {};
  let stopped = 0;
  const run = (...messages: Message[]) =>
    runBatch(
      {
        work: async ({ key }, signal, keep) => work(key, signal, keep),
        onFailure: ({ id }, error, fate) => {
          failures.set(id, error);
          fates.set(id, fate);
        },
        remainingMs: remaining,
        random: () => 0,
        isThrottle: (error) => error instanceof Slow,
        isBusy: (error) => error instanceof InUse,
        onLapse: (error) => lapses.push(error),
        every: (_ms, again) => {
          beat = again;
          return () => {
            stopped += 1;
            beat = () => {
              throw new Error('beats after the end');
            };
          };
        },
        queue: {
          hide: (pauses) =>
            tell('hide', Object.fromEntries(pauses.map(({ message, seconds }) => [message.id, seconds]))),
          acknowledge: (messages) => tell('acknowledge', `acknowledged ${messages.map(({ id }) => id)}`),
          bury: ({ id }) => tell('bury', `buried ${id}`),
          sendAgain: ({ id }, seconds) => tell('sendAgain', `sent ${id} again in ${seconds} s`),
        },
      },
      messages,
    );
  return { run, failures, fates, lapses, told, broken, beat: () => beat(), stopped: () => stopped };
}

test('fails none of an empty batch', async () => {
  const { run } = setup(() => undefined);
  expect(await run()).toEqual([]);
});

test('fails only the message whose record failed', async () => {
  const { run } = setup((key) => {
    if (key === 'bad') throw new Error('no');
  });
  expect(await run(message('1', 'good'), message('2', 'bad'), message('3', 'fine'))).toEqual(['2']);
});

test('puts only the message that is malformed into the dead-letter queue, at once and for good', async () => {
  const done: string[] = [];
  const { run, failures, fates, told } = setup((key) => void done.push(key));
  expect(await run({ id: '1', body: '{"Records":[{}]}' }, message('2', 'good'))).toEqual([]);
  expect(done).toEqual(['good']);
  expect(failures.get('1')).toMatchObject({ name: 'MalformedNotification' });
  expect(fates.get('1')).toEqual({ isBuried: true });
  expect(told).toContain('buried 1');
});

test('fails a malformed message like any other where the dead-letter queue does not take it', async () => {
  const { run, told, broken, lapses } = setup(() => undefined);
  broken.add('bury');
  expect(await run({ id: '1', body: 'no' }, message('2', 'good'))).toEqual(['1']);
  expect(told.at(-1)).toEqual({ 1: 1 });
  expect(lapses).toHaveLength(1);
});

test('acknowledges the test event that S3 sends when a notification is set up', async () => {
  const { run } = setup(() => {
    throw new Error('was worked on');
  });
  expect(
    await run({
      id: '1',
      body: JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }),
    }),
  ).toEqual([]);
});

test('handles messages about the same key one after the other', async () => {
  let running = 0;
  let most = 0;
  const { run } = setup(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  });
  await run(...Array.from({ length: 10 }, (_, index) => message(String(index), 'same')));
  expect(most).toBe(1);
});

test('handles messages about other keys at the same time, five at most', async () => {
  let running = 0;
  let most = 0;
  const { run } = setup(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  });
  await run(...Array.from({ length: 10 }, (_, index) => message(String(index), `k${index}`)));
  expect(most).toBe(5);
});

test('starts nothing inside the reserve before the deadline, and hands those messages back', async () => {
  let remaining = 30_000;
  const done: string[] = [];
  const { run, failures } = setup(
    (key) => {
      done.push(key);
      remaining -= 15_000;
    },
    () => remaining,
  );
  const messages = ['a', 'b', 'c'].map((key) => message(key, 'same', `same-${key}`));
  expect(await run(...messages)).toEqual(['b', 'c']);
  expect(done).toEqual(['same', 'same-a']);
  expect(failures.get('b')).toBeInstanceOf(OutOfTime);
});

test('aborts what still runs when half of the reserve is gone', async () => {
  const remaining = [3_020]; // read first for the signal; then time enough to begin
  const { run, failures } = setup(
    (_key, signal) =>
      new Promise((_resolve, reject) => {
        const alive = setTimeout(() => undefined, 4_000); // AbortSignal.timeout alone keeps no process alive
        signal.addEventListener('abort', () => {
          clearTimeout(alive);
          reject(signal.reason);
        });
      }),
    () => remaining.shift() ?? 60_000,
  );
  expect(await run(message('1', 'k'))).toEqual(['1']);
  expect(failures.get('1')).toMatchObject({ name: 'TimeoutError' });
});

test('gives messages that failed back by the number of their tries, and has nothing to say of the others', async () => {
  const { run, told, fates } = setup(async (key) => {
    if (key !== 'good') throw new Error('no');
  });
  const failing = [2, 4, 9, 10, 24].map((count) => often(message(`${count}`, `k${count}`), count));
  await run(message('a', 'good'), message('1', 'k1'), ...failing.slice(0, 2));
  expect(told).toEqual([{ 1: 1, 2: 2, 4: 8 }]);
  expect(fates.get('4')).toEqual({ comesAgainInSeconds: 8 });
  await run(...failing.slice(2));
  expect(told.at(-1)).toEqual({ 9: 256, 10: 300, 24: 300 });
  await run(message('a', 'good'));
  expect(told).toHaveLength(2);
});

test('renews at every beat what it holds, with the leases of what is at work, and stops when the work is done', async () => {
  const renewed: string[] = [];
  const world = setup(async (key, _signal, keep) => {
    const renew = async () => renewed.push(key) > 0;
    await keep(renew, async () => {
      if (key === 'quick') throw new Error('no');
      for (let beats = 0; beats < 3; beats += 1) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        world.beat();
      }
    });
  });
  await world.run(message('1', 'slow'), message('2', 'quick'));
  // What failed was given back with the next beat, and is held no longer.
  expect(world.told).toEqual([{ 1: 25, 2: 1 }, { 1: 25 }, { 1: 25 }]);
  expect(renewed).toEqual(['slow', 'slow', 'slow']);
  expect(world.stopped()).toBe(1);
});

test('sends no second beat while the first is on its way', async () => {
  let begun = 0;
  const world = setup(async (_key, _signal, keep) => {
    const renew = () =>
      new Promise<boolean>((resolve) => {
        begun += 1;
        setTimeout(() => resolve(true), 10);
      });
    await keep(renew, async () => {
      for (let beats = 0; beats < 5; beats += 1) world.beat();
      await new Promise((resolve) => setTimeout(resolve, 2));
    });
  });
  await world.run(message('1', 'k'));
  expect(begun).toBe(1);
});

test('stops the work whose lease is lost, and none beside it', async () => {
  const world = setup((key, _signal, keep) =>
    keep(
      async () => key !== 'lost',
      async (held) => {
        if (key === 'lost') world.beat();
        await new Promise((resolve) => setTimeout(resolve, 20));
        held.throwIfAborted();
      },
    ),
  );
  expect(await world.run(message('1', 'kept'), message('2', 'lost'))).toEqual(['2']);
});

test('goes on when it can neither hold, give back, acknowledge nor renew anything', async () => {
  const world = setup(async (key, _signal, keep) => {
    await keep(
      async () => {
        throw new Error('no renewal');
      },
      async () => {
        world.beat();
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (key === 'bad') throw new Error('no');
      },
    );
  });
  for (const call of ['hide', 'acknowledge', 'bury'] as const) world.broken.add(call);
  const messages = [message('1', 'good'), message('2', 'bad'), often(message('3', 'suspect'), 9)];
  expect(await world.run(...messages)).toEqual(['2']);
  expect(world.lapses.length).toBeGreaterThan(2);
});

test('begins what comes very often last, alone, and when its neighbours are acknowledged', async () => {
  const log: string[] = [];
  const { run, told } = setup(async (key) => {
    log.push(`${key} begins after ${told.filter((what) => typeof what === 'string')}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
    log.push(`${key} ends`);
  });
  await run(
    often(message('s', 'suspect'), 5),
    message('1', 'a'),
    often(message('t', 'other'), 6),
    message('2', 'b'),
  );
  expect(log.slice(-4)).toEqual([
    'suspect begins after acknowledged 1,2',
    'suspect ends',
    'other begins after acknowledged 1,2,acknowledged s',
    'other ends',
  ]);
});

test('works on fewer at once when the store asks for fewer calls, and hands the rest back the third time', async () => {
  const begun: { readonly end: (error?: Error) => void }[] = [];
  const { run, failures, fates } = setup(
    () =>
      new Promise<void>((resolve, reject) => {
        begun.push({ end: (error) => (error ? reject(error) : resolve()) });
      }),
  );
  const tick = () => new Promise((resolve) => setTimeout(resolve, 2));
  const end = async (at: number, error?: Error) => {
    begun[at]?.end(error);
    await tick();
  };
  const ran = run(...Array.from({ length: 20 }, (_, index) => message(String(index), `k${index}`)));
  await tick();
  expect(begun).toHaveLength(5);
  await end(0, new Slow());
  for (const at of [1, 2, 3, 4]) await end(at);
  // Of the five lanes two took another.
  expect(begun).toHaveLength(7);
  await end(5, new Slow());
  await end(6);
  expect(begun).toHaveLength(8);
  await end(7, new Slow());
  expect((await ran).length).toBe(3 + 12);
  expect(begun).toHaveLength(8);
  expect(failures.get('19')).toMatchObject({ name: 'SlowedDown' });
  expect(fates.get('19')).toEqual({ comesAgainInSeconds: 1 });
});

test('makes a message that there was no time for come again at once', async () => {
  const { run, told } = setup(
    () => undefined,
    () => 5_000,
  );
  await run(message('1', 'k'));
  expect(told.at(-1)).toEqual({ 1: 0 });
});

// The duplicates of a notification, while a large copy of the same upload took hours, rang by the dead-letter
// queue.
describe('a message that has not failed, but comes too often', () => {
  const inUse = () =>
    setup(() => {
      throw new InUse();
    });

  test('such as one whose upload is in other hands is replaced by a copy before the queue gives it up', async () => {
    const { run, told, fates } = inUse();
    expect(await run(often(message('1', 'a'), 12))).toEqual([]);
    expect(told).toEqual(['sent 1 again in 300 s']);
    expect(fates.get('1')).toEqual({ comesAgainInSeconds: 300, isSentAgain: true });
  });

  test('is given back like any other until then', async () => {
    const { run, told } = inUse();
    expect(await run(often(message('1', 'a'), 11))).toEqual(['1']);
    expect(told).toEqual([{ 1: 300 }]);
  });

  test('such as one that there was no time for is replaced as well', async () => {
    const { run, told } = setup(
      () => undefined,
      () => 1_000,
    );
    expect(await run(often(message('1', 'a'), 24))).toEqual([]);
    expect(told).toEqual(['sent 1 again in 0 s']);
  });

  test('is given back where its copy cannot be sent', async () => {
    const { run, broken, lapses } = inUse();
    broken.add('sendAgain');
    expect(await run(often(message('1', 'a'), 12))).toEqual(['1']);
    expect(lapses).toHaveLength(1);
  });

  test('does not save one that failed by itself', async () => {
    const { run, told } = setup(() => {
      throw new Error('no');
    });
    expect(await run(often(message('1', 'a'), 24))).toEqual(['1']);
    expect(told).toEqual([{ 1: 300 }]);
  });
});
