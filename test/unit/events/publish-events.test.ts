// Every event of the ledger's stream and of the queue of retries, through the function that it is for.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { createHandler } from '../../../src/handlers/publish-events.ts';
import type { BroughtRecord } from '../../../src/lib/aws/stream-record.ts';
import type { Delivery } from '../../../src/lib/event/ports.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createMemoryFeed } from '../../fakes/memory-feed.ts';
import { context, createWorld, ID, NOW, readEvent, variantsOf } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

async function setup(delivery: Delivery = 'taken') {
  const lines = captureLog();
  const feed = createMemoryFeed();
  const buried: string[] = [];
  const onBus: string[] = [];
  const { ledger } = await createWorld({ state: 'rejected', settledAt: NOW, reason: 'type_mismatch' });
  const publishEvents = createHandler({
    feed,
    bus: {
      put: async (events) => {
        if (delivery === 'taken') onBus.push(...events.map(({ id }) => id));
        return events.map(() => delivery);
      },
    },
    bury: async ({ rowId }: BroughtRecord, why) => void buried.push(`${rowId} ${why}`),
    ledger,
    source: 'urn:sluice:test',
    now: () => NOW,
    random: () => 0.5,
    sleep: async () => {},
  });
  return {
    feed,
    buried,
    onBus,
    lines,
    deliver: (variant: string) => publishEvents(readEvent(`publish-events.${variant}.json`), context),
  };
}

const OTHER = '9d1c3a52-1f4e-4b0d-8a63-2f6f0b7c1e44';
const MESSAGE = '059f36b4-87a3-44ab-83d2-66197000000';

type Case = {
  readonly onBus: readonly string[];
  readonly buried?: readonly string[];
  readonly failed?: readonly string[];
};

const CASES: Readonly<Record<string, Case>> = {
  accepted: { onBus: [`${ID}.accepted`] },
  rejected: { onBus: [`${ID}.rejected`] },
  expired: { onBus: [`${ID}.expired`] },
  deleted: { onBus: [`${ID}.deleted`] },
  'readers-changed': { onBus: [`${ID}.readers.1`] },
  restored: { onBus: [`${ID}.accepted`] },
  'nothing-new': { onBus: [] },
  'hostile-names': { onBus: [`${ID}.accepted`] },
  'unreadable-among-good': { onBus: [`${ID}.accepted`], buried: [`${OTHER} unreadable`] },
  'sent-again': { onBus: [`${ID}.accepted`] },
  // The row as it is now has to do.
  'sent-again-without-row': { onBus: [`${ID}.rejected`] },
  // They go back to where they came from, by the queue's count.
  'sent-again-poison': { onBus: [`${ID}.accepted`], failed: [`${MESSAGE}1`, `${MESSAGE}2`] },
};

describe('every event of publish-events', () => {
  test('has a case, and no case is without an event', () => {
    expect(Object.keys(CASES).toSorted()).toEqual(variantsOf('publish-events').toSorted());
  });

  test.each(Object.entries(CASES))(
    '%s is published, buried or answered as failed',
    async (variant, known) => {
      const { deliver, onBus, buried, feed } = await setup();
      expect(await deliver(variant)).toEqual({
        batchItemFailures: (known.failed ?? []).map((itemIdentifier) => ({ itemIdentifier })),
      });
      expect(onBus).toEqual(known.onBus);
      expect(buried).toEqual(known.buried ?? []);
      expect(feed.all().map(({ event }) => event.id)).toEqual(known.onBus);
    },
  );

  test('of a stream that the bus does not take is answered by the first number that failed', async () => {
    const { deliver } = await setup('later');
    const { Records } = readEvent('publish-events.unreadable-among-good.json');
    // The first is buried; from the second on, Lambda brings them again.
    expect(await deliver('unreadable-among-good')).toEqual({
      batchItemFailures: [{ itemIdentifier: Records[1].dynamodb.SequenceNumber }],
    });
  });

  test('is told of in lines without the names and metadata that users chose', async () => {
    const { deliver, lines } = await setup();
    await deliver('hostile-names');
    expect(lines[0]).toMatchObject({ message: 'event published', eventId: `${ID}.accepted`, uploadId: ID });
    expect(JSON.stringify(lines)).not.toMatch(/DROP TABLE|aws\.s3|=cmd/);
    expect(lines.some((line) => line.EventsPublished === 1)).toBe(true);
  });

  test('whose row is not readable is told of to whoever looks after the ledger, too', async () => {
    const { deliver, lines } = await setup();
    await deliver('unreadable-among-good');
    expect(lines.map(({ message }) => message).filter(Boolean)).toEqual([
      'event not published',
      'row not readable',
      'event published',
    ]);
    expect(lines.some((line) => line.UnreadableRows === 1)).toBe(true);
  });
});

type Leaf = string | Readonly<Record<string, unknown>>;
type Pattern = { readonly [key: string]: Pattern | readonly Leaf[] };

/** As Lambda matches a record against a filter. */
function matches(value: unknown, pattern: Pattern | readonly Leaf[]): boolean {
  if (!Array.isArray(pattern)) {
    return Object.entries(pattern).every(([key, inner]) => matches(Object(value)[key], inner));
  }
  return pattern.some((leaf: Leaf) => {
    if (typeof leaf === 'string') return value === leaf;
    const { exists, 'anything-but': others } = leaf as {
      exists?: boolean;
      'anything-but'?: readonly unknown[];
    };
    if (exists !== undefined) return (value !== undefined) === exists;
    return value !== undefined && !(others ?? []).includes(value);
  });
}

test('the filters of the stream let every event through, and no row that only waits', () => {
  const { functions } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true });
  const [{ stream }] = functions['publish-events'].events;
  const { filterPatterns }: { filterPatterns: readonly Pattern[] } = stream;
  expect(filterPatterns.length).toBeLessThanOrEqual(5); // Lambda's limit
  const passes = (variant: string) =>
    readEvent(`publish-events.${variant}.json`).Records.every((record: unknown) =>
      filterPatterns.some((pattern) => matches(record, pattern)),
    );
  const ofStream = variantsOf('publish-events').filter((variant) => !variant.startsWith('sent-again'));
  expect(ofStream.filter((variant) => !passes(variant))).toEqual(['nothing-new']);
});
