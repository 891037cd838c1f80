import type { EventType, UploadEvent } from '@sluice/contract/event';
import type { Position } from './position.ts';

/** An event in the feed, where it stands. */
export type FeedEntry = { readonly position: Position; readonly event: UploadEvent };

/** A part of one partition: after one position, up to and including another. */
export type FeedRange = { readonly bucket: string; readonly after: Position; readonly until: Position };

/** What of a part is wanted. */
export type FeedFilter = { readonly types?: readonly EventType[]; readonly tenant?: string };

/** The feed: partitions of events, by their positions. */
export type EventFeed = {
  /** Adds an event; the same one at the same position again changes nothing. */
  write(bucket: string, entry: FeedEntry): Promise<void>;
  /**
   * The first events of a part, as everybody has written them when this is called. At most `limit` are looked
   * at, so there may be fewer that pass the filter. `end` is how far it looked; absent if that was all of it.
   */
  read(
    range: FeedRange,
    filter: FeedFilter,
    limit: number,
  ): Promise<{ readonly entries: readonly FeedEntry[]; readonly end?: Position }>;
};

/** What became of an event that the bus was given: taken, refused for now, or refused for good. */
export type Delivery = 'taken' | 'later' | 'never';

/** The bus that events leave by. */
export type EventBus = {
  /** Gives events to the bus, ten at most and 256 KB together. One answer for each, in their order. */
  put(events: readonly UploadEvent[]): Promise<readonly Delivery[]>;
};
