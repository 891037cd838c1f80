import { createGate } from '@sluice/client/gate';
import { describe, expect, test } from 'vitest';

/** A gate, and things to be done that end when they are told to. */
function setup(width: number) {
  const gate = createGate(width);
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const enter = (name: number, signal?: AbortSignal) =>
    gate(() => {
      begun.push(name);
      return new Promise<number>((resolve) => ends.set(name, () => resolve(name)));
    }, signal);
  return { gate, begun, enter, end: (name: number) => ends.get(name)?.() };
}

describe('a gate', () => {
  test('lets in as many as it is wide, and the others in the order they came', async () => {
    const { begun, enter, end } = setup(2);
    const [one, , three] = [enter(1), enter(2), enter(3), enter(4)];
    await Promise.resolve();
    expect(begun).toEqual([1, 2]);
    end(1);
    await one;
    await expect.poll(() => begun).toEqual([1, 2, 3]);
    end(3);
    await three;
    await expect.poll(() => begun).toEqual([1, 2, 3, 4]);
  });

  test('lets the next one in when one fails', async () => {
    const { gate, begun, enter } = setup(1);
    const failing = gate(async () => {
      throw new Error('failed');
    });
    void enter(2);
    await expect(failing).rejects.toThrow('failed');
    await expect.poll(() => begun).toEqual([2]);
  });

  test('turns away at once whoever aborts while waiting, and keeps no place for it', async () => {
    const { begun, enter, end } = setup(1);
    const stop = new AbortController();
    const one = enter(1);
    const two = enter(2, stop.signal);
    void enter(3);
    stop.abort(new Error('left'));
    await expect(two).rejects.toThrow('left');
    end(1);
    await one;
    await expect.poll(() => begun).toEqual([1, 3]);
  });
});
