import { expect, test } from 'vitest';
import { createRoom, MOST_MESSAGES } from '../../../src/lib/due/room.ts';

/** A queue that nobody reads, and whose counts are as old as SQS's may be. */
function setup(length = 0, share = 1) {
  let now = 1_000_000;
  let looks = 0;
  const sent: number[] = [];
  const countMessages = async () => {
    looks += 1;
    return length + sent.filter((at) => at <= now - 60_000).length;
  };
  const room = createRoom({ countMessages, now: () => now }, share);
  return {
    sent,
    looks: () => looks,
    pass: (ms: number) => {
      now += ms;
    },
    send: async (messages: number) => {
      let taken = 0;
      for (let message = 0; message < messages; message += 1) {
        if (!(await room.take())) continue;
        sent.push(now);
        taken += 1;
      }
      return taken;
    },
    room,
  };
}

test('is not asked for before there is a message', () => {
  expect(setup().looks()).toBe(0);
});

test('is what the queue lacks of its most', async () => {
  expect(await setup(MOST_MESSAGES - 3).send(10)).toBe(3);
  expect(await setup(MOST_MESSAGES).send(10)).toBe(0);
  expect(await setup(2 * MOST_MESSAGES).send(10)).toBe(0);
});

test('is shared by those that run beside each other', async () => {
  expect(await setup(MOST_MESSAGES - 40, 0.25).send(40)).toBe(10);
});

test('is looked for once by many at once, and again after a minute', async () => {
  const { room, looks, pass } = setup(MOST_MESSAGES - 5);
  const taken = await Promise.all(Array.from({ length: 20 }, () => room.take()));
  expect(taken.filter((is) => is)).toHaveLength(5);
  expect(looks()).toBe(1);
  pass(59_999);
  expect(await room.take()).toBe(false);
  expect(looks()).toBe(1);
  pass(1);
  expect(await room.take()).toBe(true);
  expect(looks()).toBe(2);
});

test('a queue that nobody reads gets twice what it lacked at most, though its counts are a minute old', async () => {
  const { send, sent, pass } = setup(MOST_MESSAGES - 1_000);
  for (let times = 0; times < 60; times += 1) {
    await send(900);
    pass(20_000);
  }
  expect(sent.length).toBeGreaterThan(1_000);
  expect(sent.length).toBeLessThanOrEqual(2_000);
});

test('a queue that cannot be counted gets nothing, and is asked again with the next message', async () => {
  let isDown = true;
  const countMessages = async () => {
    if (isDown) throw new Error('AccessDenied');
    return 0;
  };
  const room = createRoom({ countMessages, now: () => 0 });
  await expect(room.take()).rejects.toThrow('AccessDenied');
  isDown = false;
  expect(await room.take()).toBe(true);
});
