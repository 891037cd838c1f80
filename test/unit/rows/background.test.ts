// The functions that nobody calls by the API take the rows that any version has written, too.
import type { AdminPage, ShownUpload } from '@sluice/contract/admin';
import { isEnded, isSettled, isWaiting, type State } from '@sluice/contract/state';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHandler as createExpireRequests } from '../../../src/handlers/expire-requests.ts';
import { createHandler as createPublishEvents } from '../../../src/handlers/publish-events.ts';
import { createHandler as createRecordScans } from '../../../src/handlers/record-scans.ts';
import { createHandler as createVerifyArrivals } from '../../../src/handlers/verify-arrivals.ts';
import { toUpload } from '../../../src/lib/aws/ledger-item.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createMemoryFeed } from '../../fakes/memory-feed.ts';
import { createFakeScanners, scannedBy } from '../../fakes/scanners.ts';
import { readWritten, VERSIONS, type WrittenRow } from '../../rows/read.ts';
import { createAdminWorld } from '../admin/world.ts';
import { context, ID, INCOMING, KEY, NOW, readEvent } from '../events/world.ts';
import { CSV, createWorldOf, putObjects, rename, toMemory } from './world.ts';

afterEach(() => void vi.restoreAllMocks());

const ROWS = VERSIONS.flatMap(readWritten);

async function setup(written: WrittenRow) {
  const lines = captureLog();
  const { world, item } = await createWorldOf(written);
  const messages = () => lines.flatMap(({ message }) => message ?? []);
  const errors = () => lines.filter(({ level }) => level === 'ERROR');
  return { world, item, state: item.state?.S as State, messages, errors };
}

describe('verify-arrivals', () => {
  // The memory's buckets keep no versions: what arrives is judged where the row names none.
  test.each(ROWS)('takes a row of $version, $shape', async (written) => {
    const { world, item, state, messages, errors } = await setup(written);
    world.ledger.rows.set(ID, { ...toMemory({ ...item }), leaseEndsAt: 0 });
    world.objects.places.incoming.set(KEY, { bytes: CSV });
    const verify = createVerifyArrivals({ ...world, incomingBucket: INCOMING });
    const answer = await verify(readEvent('verify-arrivals.sqs-s3-put.json'), context);
    expect(errors()).toEqual([]);
    expect(answer?.batchItemFailures).toEqual([]);
    if (isWaiting(state)) expect(messages()).toEqual(['upload waiting']);
    else if (isSettled(state)) expect(messages()).toEqual(['upload leftover']);
    else expect(messages()).toEqual(['upload accepted']);
    expect(world.row()?.state).toBe(isSettled(state) || isWaiting(state) ? state : 'accepted');
  });
});

describe('expire-requests', () => {
  test.each(ROWS)('takes a row of $version, $shape', async (written) => {
    const { world, item, state, errors } = await setup(written);
    const { upload } = toMemory(item);
    // The memory's ETags are others, and the object is still the one that scanners were asked about.
    const { etag } = (await world.objects.facts('incoming', KEY)) ?? {};
    const evidence = upload.evidence && etag !== undefined && { ...upload.evidence, etag };
    world.ledger.rows.set(ID, { upload: { ...upload, ...(evidence && { evidence }), dueAt: NOW } });
    world.multipart.open.clear(); // S3 has dropped them by then
    const scanners = createFakeScanners('inspection', 'clamav');
    await createExpireRequests({ ...world, policies: scannedBy('inspection', 'clamav'), scanners })(
      readEvent('expire-requests.schedule.json'),
      context,
    );
    expect(errors()).toEqual([]);
    // What has arrived is announced, who has not answered is asked; what never came ends; the rest stays.
    expect(world.announced).toEqual(state === 'verifying' ? [ID] : []);
    expect(scanners.asked).toHaveLength(state === 'scanning' ? 2 : 0);
    expect(world.row()?.state).toBe(state === 'requested' ? 'expired' : state);
  });
});

describe('record-scans', () => {
  test.each(ROWS)('takes a row of $version, $shape', async (written) => {
    const { world, state, errors } = await setup(written);
    const handle = createRecordScans({ ...world, incomingBucket: INCOMING, storeBucket: 'store' });
    // Of an object that none of them was judged by.
    expect(await handle(readEvent('record-scans.clean.json'), context)).toEqual({ batchItemFailures: [] });
    expect(errors()).toEqual([]);
    expect(world.row()?.state).toBe(state);
  });
});

describe('publish-events', () => {
  test.each(ROWS)('takes a row of $version, $shape', async (written) => {
    const { world, item, state, errors } = await setup(written);
    const feed = createMemoryFeed();
    const [onBus, buried] = [[] as string[], [] as string[]];
    const publish = createPublishEvents({
      feed,
      bus: {
        put: async (events) => {
          onBus.push(...events.map(({ id }) => id));
          return events.map(() => 'taken' as const);
        },
      },
      bury: async ({ rowId }, why) => void buried.push(`${rowId} ${why}`),
      ledger: world.ledger,
      source: 'urn:sluice:test',
      now: () => NOW,
      random: () => 0.5,
      sleep: async () => {},
    });
    const event = readEvent('publish-events.accepted.json');
    const [record] = event.Records;
    const image = { ...record.dynamodb, NewImage: item, OldImage: undefined };
    await publish({ Records: [{ ...record, eventName: 'INSERT', dynamodb: image }] }, context);
    expect(buried).toEqual([]);
    expect(errors()).toEqual([]);
    const isTold = isSettled(state) && state !== 'aborted';
    expect(onBus).toEqual(isTold ? [`${ID}.${state}`] : []);
  });
});

describe('administer', () => {
  async function ask(written: WrittenRow, isLost = false) {
    const item = rename(written, { tenant: 'acme', subject: 'ada', id: ID });
    const { upload } = toMemory(item);
    const backup = [{ id: ID, upload: toUpload(item), item: upload }];
    const world = await createAdminWorld([], { backup });
    if (!isLost) world.ledger.rows.set(ID, { upload });
    putObjects(world.objects, item, CSV);
    return { ...world, upload };
  }

  test.each(ROWS)('shows a row of $version, $shape', async (written) => {
    const world = await ask(written);
    const shown = (await world.ask({ command: 'show', id: ID })) as ShownUpload;
    expect(shown).toMatchObject({
      id: ID,
      state: world.upload.state,
      owner: { tenant: 'acme', subject: 'ada' },
    });
    expect(shown.advice.length).toBeGreaterThan(0);
  });

  test.each(ROWS)(
    'changes nothing at a row of $version, $shape, that agrees with the buckets',
    async (written) => {
      const world = await ask(written);
      const { counts } = await world.askAll({ command: 'reconcile', repair: true });
      expect(counts).not.toHaveProperty('unreadable');
      expect(world.state(ID)).toBe(world.upload.state);
    },
  );

  test.each(ROWS)('brings back a row of $version, $shape', async (written) => {
    const world = await ask(written, true);
    const { counts } = await world.askAll({ command: 'restore', table: 'sluice-prod-restored' });
    expect(counts).toEqual({ [isSettled(world.upload.state) ? 'restored' : 'restored and due']: 1 });
    expect(world.state(ID)).toBe(world.upload.state);
  });

  test.each(ROWS)(
    'judges a row of $version, $shape, again where it was rejected or is held',
    async (written) => {
      const world = await ask(written);
      const page = (await world.ask({ command: 'rejudge', ids: [ID] })) as AdminPage;
      expect(page.counts).not.toHaveProperty('unreadable');
      expect(page.counts).not.toHaveProperty('failed');
      const isFreed = world.upload.state === 'rejected' || world.upload.state === 'held';
      expect(world.state(ID)).toBe(isFreed ? 'verifying' : world.upload.state);
    },
  );

  test.each(ROWS)('exports and erases a row of $version, $shape', async (written) => {
    const world = await ask(written);
    const whose = { tenant: 'acme', subject: 'ada' } as const;
    const exported = await world.askAll({ command: 'export', ...whose });
    expect(exported.items.map(({ id }) => id)).toEqual([ID]);
    expect(exported.items[0]?.url === undefined).toBe(world.upload.state !== 'accepted');
    const { counts } = await world.askAll({ command: 'erase', ...whose });
    expect(counts).not.toHaveProperty('unreadable');
    expect(counts).not.toHaveProperty('failed');
    const left = world.state(ID);
    expect(left === undefined || isEnded(left) || left === world.upload.state).toBe(true);
  });

  test.each(ROWS)('counts a row of $version, $shape', async (written) => {
    const world = await ask(written);
    const page = await world.askAll({ command: 'usage', tenant: 'acme', subject: 'ada', recount: true });
    expect(page.counts).not.toHaveProperty('unreadable');
  });
});
