import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRoom } from '../../../src/lib/clamav/room.ts';

const { signal } = new AbortController();

/** Asks for some bytes of a room, and says when they were given. */
function ask(room: ReturnType<typeof createRoom>, bytes: number, order: number[], name: number) {
  return room.take(bytes, signal).then((leave) => {
    order.push(name);
    return leave;
  });
}

async function settled() {
  await new Promise((resolve) => setImmediate(resolve));
}

test('lets in what fits, and the rest in the order of asking', async () => {
  const room = createRoom(10);
  const order: number[] = [];
  const [first, , , fourth] = [4, 4, 4, 1].map((bytes, name) => ask(room, bytes, order, name));
  await settled();
  // The fourth would fit, but then the third could wait for ever.
  expect(order).toEqual([0, 1]);
  (await first)?.();
  await fourth;
  expect(order).toEqual([0, 1, 2, 3]);
});

test('gives what is larger than itself all of it', async () => {
  const room = createRoom(10);
  const order: number[] = [];
  const large = await ask(room, 50, order, 0);
  const small = ask(room, 0, order, 1);
  const next = ask(room, 1, order, 2);
  await settled();
  expect(order).toEqual([0, 1]);
  large();
  await Promise.all([small, next]);
  expect(order).toEqual([0, 1, 2]);
});

test('takes whoever gives up out of the line, and lets in those behind', async () => {
  const room = createRoom(10);
  const order: number[] = [];
  await ask(room, 9, order, 0);
  const stop = new AbortController();
  const tired = room.take(5, stop.signal);
  const patient = ask(room, 1, order, 1);
  stop.abort(new Error('enough'));
  await expect(tired).rejects.toThrow('enough');
  await patient;
  expect(order).toEqual([0, 1]);
});

test('refuses whoever comes too late', async () => {
  await expect(createRoom(10).take(1, AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
});

test('never holds more than its bytes, and in the end lets everybody in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 }), async (sizes) => {
      const room = createRoom(20);
      let held = 0;
      let served = 0;
      await Promise.all(
        sizes.map(async (bytes) => {
          const leave = await room.take(bytes, signal);
          held += Math.min(bytes, 20);
          expect(held).toBeLessThanOrEqual(20);
          await settled();
          held -= Math.min(bytes, 20);
          served += 1;
          leave();
        }),
      );
      expect(served).toBe(sizes.length);
    }),
    { numRuns: 30 },
  );
});
