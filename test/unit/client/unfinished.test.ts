import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnfinishedStore } from '@sluice/client/unfinished';
import { rememberIn } from '@sluice/client/web-storage';
import { openUnfinished } from 'sluice/unfinished';
import { describe, expect, test } from 'vitest';

const NOW = Date.parse('2026-06-01T00:00:00.000Z');
const LATER = '2026-06-05T00:00:00.000Z';
const BEFORE = '2026-05-31T00:00:00.000Z';

type Setup = AsyncDisposable & {
  readonly store: UnfinishedStore;
  /** Puts text where the store keeps an upload. */
  readonly scribble: (fingerprint: string, text: string) => Promise<void>;
  readonly count: () => Promise<number>;
};

/** What a browser has as localStorage, as far as it is used. */
function createStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    key: (index: number) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
}

const setups: Readonly<Record<string, () => Promise<Setup>>> = {
  'a page’s storage': async () => {
    const storage = createStorage();
    return {
      store: rememberIn(storage, { now: () => NOW }),
      scribble: async (fingerprint, text) => storage.setItem(`sluice:unfinished:${fingerprint}`, text),
      count: async () => storage.length,
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
  'a folder': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-unfinished-'));
    return {
      store: openUnfinished(folder, () => NOW),
      scribble: (fingerprint, text) => writeFile(join(folder, `${fingerprint}.json`), text),
      count: async () => (await readdir(folder)).length,
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
    };
  },
};

describe.each(Object.entries(setups))('unfinished uploads in %s', (_where, setup) => {
  test('are there until they are forgotten', async () => {
    await using world = await setup();
    await world.store.write('a', { id: '1', expiresAt: LATER });
    await world.store.write('a', { id: '2', expiresAt: LATER });
    expect(await world.store.read('a')).toEqual({ id: '2', expiresAt: LATER });
    expect(await world.store.read('b')).toBeUndefined();
    await world.store.forget('a');
    await world.store.forget('a');
    expect(await world.store.read('a')).toBeUndefined();
    expect(await world.count()).toBe(0);
  });

  test('are not there any more once their time is up, and go when another one is written', async () => {
    await using world = await setup();
    await world.store.write('a', { id: '1', expiresAt: BEFORE });
    expect(await world.store.read('a')).toBeUndefined();
    await world.store.write('b', { id: '2', expiresAt: LATER });
    expect(await world.count()).toBe(1);
  });

  test.each(['', '{', 'null', '{"id":1}', '{"id":"1"}'])('are none where %j is kept', async (text) => {
    await using world = await setup();
    await world.scribble('a', text);
    expect(await world.store.read('a')).toBeUndefined();
  });
});

describe('unfinished uploads in a page’s storage', () => {
  test('of one scope are not those of another, and other keys stay', async () => {
    const storage = createStorage();
    storage.setItem('theme', 'dark');
    const ada = rememberIn(storage, { scope: 'ada:', now: () => NOW });
    const bob = rememberIn(storage, { scope: 'bob:', now: () => NOW });
    await ada.write('a', { id: '1', expiresAt: LATER });
    await bob.write('a', { id: '2', expiresAt: LATER });
    expect(await ada.read('a')).toMatchObject({ id: '1' });
    expect(await bob.read('a')).toMatchObject({ id: '2' });
    expect(storage.getItem('theme')).toBe('dark');
  });
});

describe('unfinished uploads in a folder', () => {
  test('need no folder to begin with', async () => {
    const base = await mkdtemp(join(tmpdir(), 'sluice-unfinished-'));
    const store = openUnfinished(join(base, 'not', 'yet'), () => NOW);
    expect(await store.read('a')).toBeUndefined();
    await store.forget('a');
    await store.write('a', { id: '1', expiresAt: LATER });
    expect(await store.read('a')).toMatchObject({ id: '1' });
    await rm(base, { recursive: true });
  });
});
