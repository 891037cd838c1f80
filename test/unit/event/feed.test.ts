import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type FeedCursor, parseFeedCursor, toCursorText } from '../../../src/lib/event/cursor.ts';
import type { EventFeed } from '../../../src/lib/event/ports.ts';
import { FEED_SHARDS, toPosition } from '../../../src/lib/event/position.ts';
import { type FeedPage, LAG_MS, readFeed } from '../../../src/lib/event/read-feed.ts';
import { FeedTooSlow, WRITE_WITHIN_MS, writeFeed } from '../../../src/lib/event/write-feed.ts';
import { createMemoryFeed } from '../../fakes/memory-feed.ts';
import { anEvent } from './an-event.ts';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;

/** Time that passes only while everybody waits for it. */
function createClock(start: number) {
  let time = start;
  const timers: { readonly at: number; readonly ring: () => void }[] = [];
  return {
    now: () => time,
    sleep: (ms: number) => new Promise<void>((ring) => timers.push({ at: time + ms, ring })),
    async run(): Promise<void> {
      for (;;) {
        // Whoever was rung goes on until it waits again.
        await new Promise(setImmediate);
        const [next] = timers.toSorted((a, b) => a.at - b.at);
        if (next === undefined) return;
        timers.splice(timers.indexOf(next), 1);
        time = Math.max(time, next.at);
        next.ring();
      }
    },
  };
}

function setup(now = NOON) {
  const feed = createMemoryFeed();
  let time = now;
  const write = (id: string, at: number, sequence = '1', event = {}) =>
    writeFeed(
      { feed, now: () => at, random: () => Number(sequence) % 1 },
      anEvent({ id, ...event }),
      sequence,
    );
  const read = (query: Partial<Parameters<typeof readFeed>[1]> = {}) =>
    readFeed(
      { feed, now: () => time, retentionInSeconds: 30 * 86_400 },
      { from: { after: toPosition(NOON - DAY_MS) }, limit: 100, ...query },
    );
  const pass = (ms: number) => {
    time += ms;
  };
  return { feed, write, read, pass };
}

function idsOf({ events }: FeedPage) {
  return events.map(({ id }) => id);
}

describe('a reader of the feed', () => {
  test('gets events in the order in which they were written, of one time in that of the stream', async () => {
    const { write, read } = setup();
    await write('c', NOON - 10_000, '7');
    await write('b', NOON - 10_000, '12');
    await write('a', NOON - 20_000, '99');
    expect(idsOf(await read())).toEqual(['a', 'c', 'b']);
  });

  test('stays behind the present, and gets what it left there the next time', async () => {
    const { write, read, pass } = setup();
    await write('new', NOON - LAG_MS + 1);
    const page = await read();
    expect(page).toMatchObject({ events: [], more: false });
    pass(1);
    expect(idsOf(await read({ from: page.cursor }))).toEqual(['new']);
  });

  test('gets each event once, whatever the size of its pages, across days and shards', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 * DAY_MS }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        async (ages, limit) => {
          const { feed, read } = setup();
          for (const [index, age] of ages.entries()) {
            const at = NOON - LAG_MS - age;
            const deps = { feed, now: () => at, random: () => (index % 5) / 5 };
            await writeFeed(deps, anEvent({ id: `${index}` }), String(index));
          }
          const seen: string[] = [];
          let from: FeedCursor = { after: toPosition(NOON - 4 * DAY_MS) };
          for (let more = true; more; ) {
            const page = await read({ from, limit });
            expect(page.events.length).toBeLessThanOrEqual(limit);
            seen.push(...idsOf(page));
            from = page.cursor;
            more = page.more;
          }
          expect(seen.toSorted()).toEqual(ages.map((_age, index) => `${index}`).toSorted());
        },
      ),
    );
  });

  test('gets only what it asks for, and a cursor beyond what it did not ask for', async () => {
    const { write, read } = setup();
    for (let index = 0; index < 30; index += 1) await write(`${index}`, NOON - 60_000 + index, String(index));
    await write('theirs', NOON - 50_000, '50', { type: 'upload.rejected', tenant: 'globex' });
    const page = await read({ types: ['upload.rejected'], tenant: 'globex', limit: 1 });
    expect(idsOf(page)).toEqual(['theirs']);
    const none = await read({ types: ['upload.deleted'], limit: 1 });
    expect(none).toMatchObject({ events: [], more: false });
    expect(none.cursor.after > toPosition(NOON - 50_000)).toBe(true);
  });

  test('that was away for long is led on through empty days, some with each call', async () => {
    const { write, read } = setup();
    await write('late', NOON - 10_000);
    let page = await read({ from: undefined });
    expect(page).toMatchObject({ events: [], more: true });
    for (let calls = 0; page.more && calls < 5; calls += 1) page = await read({ from: page.cursor });
    expect(idsOf(page)).toEqual(['late']);
  });
});

describe('a reader who asks for what happened since a time', () => {
  const SINCE = NOON - 60_000;
  const at = (time: number) => new Date(time).toISOString();

  test('gets what happened then or later, also if clocks differ, and what is told of only now', async () => {
    const { write, read } = setup();
    await write('before', SINCE - 100, '1', { time: at(SINCE - 200) });
    await write('ahead', SINCE - 100, '2', { time: at(SINCE) });
    await write('then', SINCE, '3', { time: at(SINCE) });
    await write('told late', SINCE + 5, '4', { time: at(SINCE - DAY_MS) });
    expect(idsOf(await read({ from: { since: SINCE } }))).toEqual(['ahead', 'then', 'told late']);
  });

  test('gets the same page by page, by the cursors alone', async () => {
    const { write, read } = setup();
    for (let index = 0; index < 12; index += 1) {
      await write(`before ${index}`, SINCE - 100 + index, `${index}`, { time: at(SINCE - 200) });
      await write(`ahead ${index}`, SINCE - 100 + index, `${index + 50}`, { time: at(SINCE + 1) });
    }
    const seen: string[] = [];
    let from: Parameters<typeof readFeed>[1]['from'] = { since: SINCE };
    for (let more = true; more; ) {
      const page = await read({ from, limit: 5 });
      seen.push(...idsOf(page));
      from = parseFeedCursor(toCursorText(page.cursor));
      more = page.more;
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => `ahead ${index}`));
    // Once the time is behind it, the cursor has no more to remember.
    expect(from).not.toHaveProperty('since');
  });
});

describe('a call', () => {
  const SINCE = NOON - 60_000;

  test('for what happened since a time is led past what came before it in few pages, however small its own', async () => {
    const { feed, write, read } = setup();
    for (let index = 0; index < 400; index += 1)
      await write(`before ${index}`, SINCE - 1_000 + index, `${index}`, { time: '2026-11-20T11:50:00Z' });
    await write('then', SINCE, '500', { time: new Date(SINCE).toISOString() });
    const reads = vi.spyOn(feed, 'read');
    expect(idsOf(await read({ from: { since: SINCE }, limit: 1 }))).toEqual(['then']);
    expect(reads.mock.calls.length).toBeLessThanOrEqual(4 * FEED_SHARDS);
  });

  test('that takes long ends with what it has, and the next goes on', async () => {
    const { feed, write } = setup();
    for (let index = 0; index < 12; index += 1)
      await write(`${index}`, NOON - 60_000 + index, `${index}`, { tenant: 'globex' });
    let time = NOON;
    const slow: Pick<EventFeed, 'read'> = {
      read(range, filter) {
        time += 1_100;
        return feed.read(range, filter, 1);
      },
    };
    const deps = { feed: slow, now: () => time, retentionInSeconds: 86_400 };
    const seen: string[] = [];
    let from: FeedCursor = { after: toPosition(NOON - 120_000) };
    let calls = 0;
    for (let more = true; more; calls += 1) {
      const page = await readFeed(deps, { from, limit: 100 });
      seen.push(...idsOf(page));
      from = page.cursor;
      more = page.more;
    }
    expect(seen.toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `${index}`).toSorted());
    expect(calls).toBeGreaterThan(2);
  });
});

describe('a cursor', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.nat(2e12),
        fc.option(fc.bigInt({ min: 0n, max: 10n ** 40n - 1n })),
        fc.nat(2e12),
        (time, sequence, since) => {
          const cursor = { after: toPosition(time, sequence?.toString()), since };
          const expected = time >= since ? { after: cursor.after } : cursor;
          expect(parseFeedCursor(toCursorText(cursor))).toEqual(expected);
        },
      ),
    );
  });

  test('that was not written here is none', () => {
    for (const text of ['', 'x', 'MTIz', Buffer.from('000000000000001#12').toString('base64url')]) {
      expect(parseFeedCursor(text)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cursor = parseFeedCursor(text);
        if (cursor) expect(parseFeedCursor(toCursorText(cursor))).toEqual(cursor);
      }),
    );
  });
});

describe('a writer of the feed', () => {
  /** A feed whose nth write takes so long. */
  function slow(...takes: readonly number[]) {
    const feed = createMemoryFeed();
    let time = NOON;
    let writes = 0;
    const write: EventFeed['write'] = async (bucket, entry) => {
      await feed.write(bucket, entry);
      time += takes[writes] ?? 0;
      writes += 1;
    };
    return { feed, deps: { feed: { write }, now: () => time, random: () => 0.5 } };
  }

  test('that was slow writes its event again, at a later time', async () => {
    const { feed, deps } = slow(WRITE_WITHIN_MS + 1, 3);
    await writeFeed(deps, anEvent({ id: 'x' }), '1');
    const positions = feed.all().map(({ position }) => position);
    expect(positions).toEqual([toPosition(NOON, '1'), toPosition(NOON + WRITE_WITHIN_MS + 1, '1')]);
  });

  test('that was just in time does not', async () => {
    const { feed, deps } = slow(WRITE_WITHIN_MS);
    await writeFeed(deps, anEvent({ id: 'x' }), '1');
    expect(feed.all()).toHaveLength(1);
  });

  test('whose clock was set back meanwhile does, since it cannot tell', async () => {
    const { feed, deps } = slow(-60_000, 1);
    await writeFeed(deps, anEvent({ id: 'x' }), '1');
    expect(feed.all()).toHaveLength(2);
  });

  test('that is slow each time gives up, so that the change comes again', async () => {
    const { deps } = slow(5_000, 5_000, 5_000);
    await expect(writeFeed(deps, anEvent({ id: 'x' }), '1')).rejects.toThrow(FeedTooSlow);
  });
});

type Write = {
  readonly startsAt: number;
  readonly skew: number;
  readonly delays: readonly (readonly [number, number])[];
};

const writes: fc.Arbitrary<readonly Write[]> = fc.array(
  fc.record({
    startsAt: fc.nat(20_000),
    // The clocks of all are within CLOCKS_APART_MS of each other.
    skew: fc.integer({ min: -1_500, max: 1_500 }),
    // Until a write has its effect, and until its writer hears of it.
    delays: fc.array(fc.tuple(fc.nat(6_000), fc.nat(3_000)), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);
const polls = fc.record({
  skew: fc.integer({ min: -1_500, max: 1_500 }),
  pauses: fc.array(fc.integer({ min: 10, max: 2_500 }), { minLength: 3, maxLength: 12 }),
  limit: fc.integer({ min: 1, max: 4 }),
});

/** Runs writers and a reader side by side; says what was written for good, and what the reader saw. */
async function race(
  all: readonly Write[],
  poll: { skew: number; pauses: readonly number[]; limit: number },
  writer = writeFeed,
) {
  const clock = createClock(NOON);
  const feed = createMemoryFeed();
  const written: string[] = [];
  const seen: string[] = [];
  for (const [index, { startsAt, skew, delays }] of all.entries()) {
    let attempt = 0;
    const write: EventFeed['write'] = async (bucket, entry) => {
      const [effect, reply] = delays[Math.min(attempt++, delays.length - 1)] ?? [0, 0];
      await clock.sleep(effect);
      await feed.write(bucket, entry);
      await clock.sleep(reply);
    };
    const id = `event-${index}`;
    void (async () => {
      await clock.sleep(startsAt);
      const deps = { feed: { write }, now: () => clock.now() + skew, random: () => (index % 4) / 4 };
      // What is not written in time comes again by the stream: here, it does not count as written.
      await writer(deps, anEvent({ id }), String(index)).then(
        () => written.push(id),
        () => undefined,
      );
    })();
  }
  void (async () => {
    let from: FeedCursor = { after: toPosition(NOON - 10_000) };
    const look = async () => {
      const page = await readFeed(
        { feed, now: () => clock.now() + poll.skew, retentionInSeconds: 86_400 },
        { from, limit: poll.limit },
      );
      seen.push(...idsOf(page));
      from = page.cursor;
      return page.more;
    };
    for (let index = 0; clock.now() < NOON + 90_000; index += 1) {
      while (await look());
      await clock.sleep(poll.pauses[index % poll.pauses.length] ?? 1_000);
    }
  })();
  await clock.run();
  return { written, seen };
}

describe('writers and a reader side by side', () => {
  test('whatever is slow and however their clocks differ, the reader sees every event that was written', async () => {
    await fc.assert(
      fc.asyncProperty(writes, polls, async (all, poll) => {
        const { written, seen } = await race(all, poll);
        expect(written.filter((id) => !seen.includes(id))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('the reader would miss one if a slow write counted as it was', async () => {
    const late: Write = {
      startsAt: 0,
      skew: 0,
      delays: [
        [9_000, 0],
        [0, 0],
      ],
    };
    const poll = { skew: 0, pauses: [500], limit: 4 };
    const once: typeof writeFeed = async ({ feed, now }, event, sequence) =>
      feed.write('2026-11-20#0', { position: toPosition(now(), sequence), event });
    expect(await race([late], poll, once)).toEqual({ written: ['event-0'], seen: [] });
    expect((await race([late], poll)).seen).toEqual(['event-0']);
  });
});
