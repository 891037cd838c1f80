// @vitest-environment happy-dom
import { type UseDownloads, useDownloads } from '@sluice/client/react';
import type { DownloadResult } from '@sluice/client/resource';
import { act, createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

function setup(seconds = 300) {
  const asked: { ids: readonly string[]; inline: boolean | undefined; signal: AbortSignal | undefined }[] =
    [];
  let fails = false;
  const client = {
    downloads: async (
      ids: readonly string[],
      { inline, signal }: { inline?: boolean; signal?: AbortSignal | undefined } = {},
    ) => {
      asked.push({ ids, inline, signal });
      if (fails) throw new Error('offline');
      const expiresAt = new Date(Date.now() + seconds * 1000).toISOString();
      return ids.map((id): DownloadResult => ({ id, url: `https://s3/${id}?${asked.length}`, expiresAt }));
    },
  };
  let seen: UseDownloads | undefined;
  const Gallery = ({ ids }: { ids: readonly string[] }) => {
    seen = useDownloads(client, ids, { inline: true });
    return null;
  };
  const root = createRoot(document.createElement('div'));
  return {
    asked,
    client,
    Gallery,
    fail: (is: boolean) => {
      fails = is;
    },
    urls: () => [...(seen?.files.values() ?? [])].map(({ url }) => url),
    error: () => seen?.error,
    show: (ids: readonly string[], strict = false) => {
      const gallery = createElement(Gallery, { ids });
      return act(async () => root.render(strict ? createElement(StrictMode, null, gallery) : gallery));
    },
    pass: (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms))),
    unmount: () => act(async () => root.unmount()),
  };
}

test('has the addresses of all files by one call, and asks no more while the ids are the same', async () => {
  const { show, urls, asked } = setup();
  await show(['a', 'b']);
  await show(['a', 'b']);
  expect(urls()).toEqual(['https://s3/a?1', 'https://s3/b?1']);
  expect(asked).toMatchObject([{ ids: ['a', 'b'], inline: true }]);
});

test('renews the addresses when half of their time is over', async () => {
  const { show, urls, pass } = setup(300);
  await show(['a']);
  await pass(149_000);
  expect(urls()).toEqual(['https://s3/a?1']);
  await pass(2_000);
  expect(urls()).toEqual(['https://s3/a?2']);
});

test('asks for other ids at once, and hears no more of the ones before', async () => {
  const { show, urls, asked } = setup();
  await show(['a']);
  await show(['b']);
  expect(urls()).toEqual(['https://s3/b?2']);
  expect(asked.map(({ signal }) => signal?.aborted)).toEqual([true, false]);
});

test('keeps what it knows when there is no answer, says so, and asks again', async () => {
  const { show, urls, pass, fail, error } = setup(20);
  await show(['a']);
  fail(true);
  await pass(10_500);
  expect(urls()).toEqual(['https://s3/a?1']);
  expect(error()).toMatchObject({ message: 'offline' });
  fail(false);
  await pass(5_500);
  expect(urls()).toEqual(['https://s3/a?3']);
  expect(error()).toBeUndefined();
});

test('asks nothing for no files, and nothing once it is gone', async () => {
  const { show, asked, pass, unmount, urls } = setup(10);
  await show(['a']);
  await show([]);
  expect(urls()).toEqual([]);
  await show(['a']);
  await unmount();
  await pass(60_000);
  expect(asked).toHaveLength(2);
  expect(asked[1]?.signal?.aborted).toBe(true);
});

test('renders on a server, and is safe in StrictMode', async () => {
  const { Gallery, asked, show, urls } = setup();
  expect(renderToString(createElement(Gallery, { ids: ['a'] }))).toBe('');
  expect(asked).toEqual([]);
  await show(['a'], true);
  expect(urls()).toHaveLength(1);
  expect(asked.filter(({ signal }) => !signal?.aborted)).toHaveLength(1);
});
