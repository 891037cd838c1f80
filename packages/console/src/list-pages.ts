import type { Client } from '@sluice/client/client';
import type { State } from '@sluice/contract/state';
import type { KnownFiles } from './known-files.ts';

export type ListPages = {
  readonly filter: () => State | undefined;
  /** Begins anew with uploads of one state only, or of any. */
  readonly setFilter: (state: State | undefined) => Promise<void>;
  /** Reads the newest page again. Rejects when that fails. */
  readonly refresh: () => Promise<void>;
  /** Reads the next page. */
  readonly more: () => Promise<void>;
  readonly hasMore: () => boolean;
  /** False until the first page of the present filter has been read. */
  readonly isRead: () => boolean;
};

const PAGE_LENGTH = 25;
// A filtered page may be empty although more follow; nobody should have to press a button for nothing.
const MOST_EMPTY_PAGES = 10;

/** Brings a person's uploads from the server among the known files, newest first, page by page. */
export function createListPages(client: Pick<Client, 'list'>, known: KnownFiles): ListPages {
  let state: State | undefined;
  let cursor: string | undefined;
  let isRead = false;

  const read = async (from?: string): Promise<string | undefined> => {
    const asked = state;
    let next = from;
    for (let pages = 0; pages < MOST_EMPTY_PAGES; pages++) {
      const page = await client.list({
        limit: PAGE_LENGTH,
        ...(asked && { state: asked }),
        ...(next !== undefined && { cursor: next }),
      });
      // The filter was changed in the meantime: this answer would leave gaps in the other list.
      if (asked !== state) return cursor;
      known.putUploads(page.uploads);
      isRead = true;
      next = page.cursor;
      if (next === undefined || page.uploads.length > 0) break;
    }
    return next;
  };

  return {
    filter: () => state,
    setFilter: async (chosen) => {
      state = chosen;
      cursor = undefined;
      isRead = false;
      known.clearUploads();
      cursor = await read();
    },
    // The cursor stays where the last page ended: what is new stands before the pages that were read.
    refresh: async () => {
      await read();
    },
    more: async () => {
      cursor = await read(cursor);
    },
    hasMore: () => cursor !== undefined,
    isRead: () => isRead,
  };
}
