import type { EventFeed, FeedEntry } from '../../src/lib/event/ports.ts';

/** The feed in memory, held to the same contract suite as the one on DynamoDB. `all` is for assertions. */
export function createMemoryFeed() {
  const buckets = new Map<string, Map<string, FeedEntry>>();
  const feed: EventFeed = {
    async write(bucket, entry) {
      const partition = buckets.get(bucket) ?? new Map<string, FeedEntry>();
      buckets.set(bucket, partition.set(entry.position, entry));
    },
    async read({ bucket, after, until }, { types, tenant }, limit) {
      const all = [...(buckets.get(bucket)?.values() ?? [])]
        .filter(({ position }) => position > after && position <= until)
        .toSorted((a, b) => (a.position < b.position ? -1 : 1));
      const page = all.slice(0, limit);
      const entries = page.filter(
        ({ event }) =>
          (types === undefined || types.includes(event.type)) &&
          (tenant === undefined || event.data.tenant === tenant),
      );
      const last = page.at(-1);
      return { entries, ...(all.length > limit && last && { end: last.position }) };
    },
  };
  return { ...feed, all: () => [...buckets.values()].flatMap((bucket) => [...bucket.values()]) };
}
