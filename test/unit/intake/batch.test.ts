import { expect, test } from 'vitest';
import { OutOfTime, runBatch } from '../../../src/lib/intake/batch.ts';
import type { Message } from '../../../src/lib/intake/messages.ts';

const message = (id: string, ...keys: string[]): Message => ({
  id,
  body: JSON.stringify({
    Records: keys.map((key) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'incoming' }, object: { key, size: 1, eTag: 'e' } },
    })),
  }),
});

const setup = (
  work: (key: string, signal: AbortSignal) => Promise<void> | void,
  remaining = () => 60_000,
) => {
  const failures = new Map<string, unknown>();
  const run = (...messages: Message[]) =>
    runBatch(
      {
        work: async ({ key }, signal) => work(key, signal),
        onFailure: ({ id }, error) => failures.set(id, error),
        remainingMs: remaining,
      },
      messages,
    );
  return { run, failures };
};

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

test('fails only the message that is malformed', async () => {
  const done: string[] = [];
  const { run, failures } = setup((key) => void done.push(key));
  expect(await run({ id: '1', body: '{"Records":[{}]}' }, message('2', 'good'))).toEqual(['1']);
  expect(done).toEqual(['good']);
  expect(failures.get('1')).toMatchObject({ name: 'MalformedNotification' });
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
  const remaining = [5_020]; // read first for the signal; then time enough to begin
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
