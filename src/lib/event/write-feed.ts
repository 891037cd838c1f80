import type { UploadEvent } from '@sluice/contract/event';
import type { EventFeed } from './ports.ts';
import { FEED_SHARDS, toBucket, toPosition } from './position.ts';

/** Readers wait this long for whoever is writing. */
export const WRITE_WITHIN_MS = 2_000;

const TRIES = 3;

export type WriteDeps = {
  readonly feed: Pick<EventFeed, 'write'>;
  readonly now: () => number;
  /** from 0 to 1 */
  readonly random: () => number;
};

/** A write took so long, each time, that readers may have passed it by. */
export class FeedTooSlow extends Error {
  override readonly name = 'FeedTooSlow';

  constructor() {
    super(`the feed took longer than ${WRITE_WITHIN_MS} ms for a write, ${TRIES} times`);
  }
}

/**
 * Writes an event at the end of the feed, where no reader has been yet. A write that took too long may have
 * landed behind a reader's back: the event is then written once more, at a later time, and readers may meet
 * it twice.
 * @param sequence the number of its change in the ledger's stream
 * @throws FeedTooSlow
 */
export async function writeFeed(
  { feed, now, random }: WriteDeps,
  event: UploadEvent,
  sequence: string,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const time = now();
    const shard = Math.min(FEED_SHARDS - 1, Math.floor(random() * FEED_SHARDS));
    await feed.write(toBucket(time, shard), { position: toPosition(time, sequence), event });
    const took = now() - time;
    // A clock that was set back says nothing of how long it took.
    if (took >= 0 && took <= WRITE_WITHIN_MS) return;
  }
  throw new FeedTooSlow();
}
