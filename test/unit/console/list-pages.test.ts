import type { Client } from '@sluice/client/client';
import type { UploadPage } from '@sluice/client/resource';
import { createKnownFiles } from '@sluice/console/known-files';
import { createListPages } from '@sluice/console/list-pages';
import { expect, test } from 'vitest';
import { upload } from './upload.ts';

type Query = Parameters<Client['list']>[0];

/** ListPages of a server that answers from this table: by state and cursor. */
function setup(table: Readonly<Record<string, UploadPage | Promise<UploadPage>>>) {
  const known = createKnownFiles();
  const asked: string[] = [];
  const list = async (query: Query = {}): Promise<UploadPage> => {
    const key = `${query.state ?? 'all'} ${query.cursor ?? 'first'}`;
    asked.push(key);
    return (await table[key]) ?? { uploads: [] };
  };
  const pages = createListPages({ list }, known);
  const ids = () => known.items(pages.filter()).map(({ key }) => key);
  return { pages, ids, asked };
}

function page(cursor: string | undefined, ...ids: string[]): UploadPage {
  return {
    uploads: ids.map((id, index) => upload({ id, createdAt: `2026-11-22T12:00:0${9 - index}.000Z` })),
    ...(cursor !== undefined && { cursor }),
  };
}

test('reads one page, and the next only when asked', async () => {
  const { pages, ids } = setup({ 'all first': page('c1', 'a', 'b'), 'all c1': page(undefined, 'c') });
  await pages.setFilter(undefined);
  expect([ids(), pages.hasMore()]).toEqual([['a', 'b'], true]);
  await pages.more();
  expect([ids().toSorted(), pages.hasMore()]).toEqual([['a', 'b', 'c'], false]);
});

test('goes on past empty pages until there is something to show', async () => {
  const { pages, ids, asked } = setup({
    'accepted first': page('c1'),
    'accepted c1': page('c2'),
    'accepted c2': page('c3', 'a'),
  });
  await pages.setFilter('accepted');
  expect(ids()).toEqual(['a']);
  expect(asked).toEqual(['accepted first', 'accepted c1', 'accepted c2']);
});

test('stays at the same place in the list when the newest page is read again', async () => {
  const { pages, asked } = setup({ 'all first': page('c1', 'a'), 'all c1': page('c2', 'b') });
  await pages.setFilter(undefined);
  await pages.more();
  await pages.refresh();
  await pages.more();
  expect(asked).toEqual(['all first', 'all c1', 'all first', 'all c2']);
});

test('drops an answer that comes after the filter was changed', async () => {
  const late = Promise.withResolvers<UploadPage>();
  const { pages, ids } = setup({ 'all first': late.promise, 'accepted first': page(undefined, 'kept') });
  const first = pages.setFilter(undefined);
  await pages.setFilter('accepted');
  late.resolve(page('c1', 'dropped'));
  await first;
  expect([ids(), pages.hasMore()]).toEqual([['kept'], false]);
});

test('has not been read before the first answer, so that an empty list is not called empty too early', async () => {
  const { pages } = setup({ 'all first': page(undefined) });
  expect(pages.isRead()).toBe(false);
  await pages.setFilter(undefined);
  expect(pages.isRead()).toBe(true);
});
