import type { UploadEvent } from '@sluice/contract/event';
import type { FeedCursor } from './cursor.ts';
import type { EventFeed, FeedEntry, FeedFilter } from './ports.ts';
import { endOfDay, FEED_SHARDS, type Position, timeOf, toBucket, toPosition } from './position.ts';
import { WRITE_WITHIN_MS } from './write-feed.ts';

/** How far the clocks of those who write and those who read may be apart. */
const CLOCKS_APART_MS = 3_000;

/**
 * How far behind the present readers stay. Whatever is written at a time that lies this far back is there:
 * its writer needed no longer than WRITE_WITHIN_MS, or wrote it again, at a later time.
 */
export const LAG_MS = WRITE_WITHIN_MS + CLOCKS_APART_MS;

/**
 * How much earlier than it happened an event can have been written, by clocks that are apart: that of the
 * worker that settled the upload, and that of the feed's writer.
 */
const EARLY_MS = 15 * 60_000;

/** Days looked at in one call: a cursor from a month ago leads through many empty ones. */
const DAYS_AT_MOST = 10;
/** Pages looked at in one call, of a day whose events are mostly others'. */
const PAGES_AT_MOST = 20;
/** Looked at in one page of a partition, when most of it may be others' or from before the time asked for. */
const FILTERED_PAGE = 250;
/** No further page is read in a call that has taken so long: the function ends after ten seconds. */
const LOOK_FOR_MS = 4_000;

type Deps = {
  readonly feed: Pick<EventFeed, 'read'>;
  readonly now: () => number;
  /** how long the feed keeps an event */
  readonly retentionInSeconds: number;
};

export type FeedQuery = FeedFilter & {
  readonly limit: number;
  /** where to begin: at a cursor, at a time (milliseconds since the epoch), or at the oldest event */
  readonly from: FeedCursor | { readonly since: number } | undefined;
};

export type FeedPage = {
  readonly events: readonly UploadEvent[];
  /** where the next call goes on, also when there was nothing */
  readonly cursor: FeedCursor;
  /** whether a call at once would find more to look at */
  readonly more: boolean;
};

/**
 * The next events of the feed. Who goes on from the cursor each time misses none, and may meet one twice. A
 * page may be empty although more follow.
 */
export async function readFeed(deps: Deps, { from, limit, ...filter }: FeedQuery): Promise<FeedPage> {
  const now = deps.now();
  const last = now - LAG_MS;
  const { after, since } = toStart(from, now - deps.retentionInSeconds * 1000);
  const filters = filter.types !== undefined || filter.tenant !== undefined;
  const events: UploadEvent[] = [];
  const toPage = (at: Position, more: boolean) => ({
    events,
    cursor: { after: at, ...(since !== undefined && { since }) },
    more,
  });
  let at = after;
  let [days, pages] = [1, 0];
  while (timeOf(at) <= last) {
    if (events.length >= limit || days > DAYS_AT_MOST || pages >= PAGES_AT_MOST) return toPage(at, true);
    if (deps.now() - now > LOOK_FOR_MS) return toPage(at, true);
    const day = timeOf(at);
    const perShard = filters || day < (since ?? 0) ? Math.max(limit, FILTERED_PAGE) : limit;
    const until = toPosition(Math.min(last, endOfDay(day)) + 1);
    const parts = await Promise.all(
      Array.from({ length: FEED_SHARDS }, (_, shard) =>
        deps.feed.read({ bucket: toBucket(day, shard), after: at, until }, filter, perShard),
      ),
    );
    pages += 1;
    // Beyond the part that was looked at least far, something may still be missing between the others.
    const seen = parts.reduce((least, { end = until }) => (end < least ? end : least), until);
    const found = parts
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.position <= seen && isSince(entry, since));
    const taken = found.toSorted(byPosition).slice(0, limit - events.length);
    events.push(...taken.map(({ event }) => event));
    at = taken.length < found.length ? (taken.at(-1)?.position ?? at) : seen;
    if (at === until) days += 1;
  }
  return toPage(at, false);
}

function toStart(from: FeedQuery['from'], oldest: number): FeedCursor {
  const { since } = from ?? {};
  const after = from === undefined ? '' : 'after' in from ? from.after : toPosition(from.since - EARLY_MS);
  // What is older is forgotten, or about to be.
  const least = toPosition(oldest);
  return { after: after > least ? after : least, ...(since !== undefined && { since }) };
}

/** What was written at that time or later belongs to it, also if it is told of late. */
function isSince({ position, event }: FeedEntry, since = 0): boolean {
  return timeOf(position) >= since || Date.parse(event.time) >= since;
}

function byPosition(a: FeedEntry, b: FeedEntry): number {
  return a.position < b.position ? -1 : 1;
}
