import { randomUUID } from 'node:crypto';
import type { AdminPage } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import type { QuotaSettings } from '../../../src/lib/quota/rules.ts';
import type { Place } from '../../../src/lib/upload/ports.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createAdminWorld, HOUR, NOW } from './world.ts';

const OLD = NOW - 3 * HOUR;

async function setup(quotas: Partial<QuotaSettings> = {}) {
  const world = await createAdminWorld([], { quotas });
  const add = async (changes: Partial<Upload>, ...places: readonly Place[]): Promise<Upload> => {
    const upload = aRequest({ dueAt: NOW + HOUR, ...changes });
    await world.ledger.record(upload);
    for (const place of places) put(place, upload.key);
    return upload;
  };
  const put = (place: Place, key: string, modifiedAt = OLD) => {
    world.objects.places[place].set(key, { bytes: Buffer.from('abc'), modifiedAt });
  };
  return { ...world, add, put };
}

/** One of everything that may be wrong, and of much that is in order. */
async function setupTroubled() {
  const world = await setup();
  const { add, put, ledger } = world;
  const found = {
    waiting: await add({}, 'incoming'),
    leftBehind: await add({ state: 'accepted' }, 'incoming', 'store'),
    verdictLost: await add({ state: 'verifying' }, 'store'),
    stray: await add({ state: 'deleted' }, 'store'),
    strayInQuarantine: await add({ state: 'accepted' }, 'store', 'quarantine'),
    missing: await add({ state: 'accepted' }),
    neverDue: await add({}),
    overdue: await add({ state: 'verifying', dueAt: NOW - 2 * HOUR }, 'incoming'),
  };
  const { dueAt, ...undue } = found.neverDue;
  ledger.rows.set(undue.id, { upload: undue });
  await add({ state: 'accepted' }, 'store');
  await add({ state: 'rejected' }, 'quarantine');
  await add({});
  const newer = await add({ state: 'accepted' }, 'store');
  ledger.rows.set(newer.id, { upload: newer, schema: 99 });
  put('incoming', 'nobody/asked');
  put('incoming', 'a-moment-ago', NOW - 1_000);
  put('store', `acme/${randomUUID()}`);
  put('store', `acme/${randomUUID()}`, NOW - 60_000);
  put('quarantine', 'unrequested/abc');
  return { ...world, found };
}

const FOUND = {
  // incoming
  'not verified': 2,
  'left behind': 1,
  unrequested: 1,
  // copies
  'verdict lost': 1,
  contradicts: 2,
  orphan: 1,
  'in order': 5,
  recent: 2,
  // rows
  'file missing': 1,
  overdue: 2,
  'row in order': 8,
  // of both ways
  unreadable: 2,
};

test('finds what contradicts in the buckets and in the ledger, and changes nothing unasked', async () => {
  const { ask, ledger, objects, announced } = await setupTroubled();
  const before = structuredClone([
    [...ledger.rows],
    Object.values(objects.places).map((place) => [...place.keys()]),
  ]);
  const page = (await ask({ command: 'reconcile' })) as AdminPage;
  expect(page.counts).toEqual(FOUND);
  for (const call of [{}, { repair: true, missing: 'end', dryRun: true }] as const) {
    await ask({ command: 'reconcile', ...call });
  }
  expect([[...ledger.rows], Object.values(objects.places).map((place) => [...place.keys()])]).toEqual(before);
  expect(announced).toEqual([]);
});

test('has the sweep and verification mend it, and removes nothing itself', async () => {
  const { ask, ledger, objects, announced, found } = await setupTroubled();
  const before = Object.values(objects.places).map((place) => [...place.keys()]);
  await ask({ command: 'reconcile', repair: true });
  expect(announced.toSorted()).toEqual(
    ['nobody/asked', found.waiting.key, found.leftBehind.key, found.overdue.key].toSorted(),
  );
  const due = [...ledger.rows.values()]
    .filter(({ upload }) => upload.dueAt === NOW)
    .map(({ upload }) => upload.id);
  expect(due.toSorted()).toEqual(
    [found.verdictLost.id, found.stray.id, found.strayInQuarantine.id, found.neverDue.id].toSorted(),
  );
  expect(Object.values(objects.places).map((place) => [...place.keys()])).toEqual(before);
  expect(ledger.rows.get(found.missing.id)?.upload.state).toBe('accepted');
});

test('finds a file of another size than was verified, and leaves it alone', async () => {
  const { add, ask, ledger } = await setup();
  const { id } = await add({ state: 'accepted', evidence: { etag: 'e', size: 4 } }, 'store');
  const page = (await ask({ command: 'reconcile', repair: true })) as AdminPage;
  expect(page.counts).toEqual({ 'wrong size': 1, 'row in order': 1 });
  expect(page.items).toEqual([
    { id, outcome: 'wrong size', detail: '3 bytes in the store, and 4 were verified' },
  ]);
  expect(ledger.rows.get(id)?.upload).not.toHaveProperty('settledAt');
});

test('counts what was accepted before it was counted, once, and only in a repair', async () => {
  const { add, ask, ledger } = await setup({ counted: ['owner'] });
  const { id } = await add({ state: 'accepted', evidence: { etag: 'e', size: 3 } }, 'store');
  const counts = async (repair: boolean) =>
    ((await ask({ command: 'reconcile', ...(repair && { repair }) })) as AdminPage).counts;
  expect(await counts(false)).toMatchObject({ 'not counted': 1 });
  expect(ledger.rows.get(id)?.upload).not.toHaveProperty('counters');
  expect(await counts(true)).toMatchObject({ 'not counted': 1 });
  expect(ledger.rows.get(id)?.upload.counters).toEqual(['owner']);
  expect(await counts(true)).toMatchObject({ 'row in order': 1 });
});

test('ends an accepted upload whose file is gone only if it is told so', async () => {
  const { ask, ledger, found } = await setupTroubled();
  await ask({ command: 'reconcile', missing: 'end' });
  expect(ledger.rows.get(found.missing.id)?.upload).toMatchObject({
    state: 'deleted',
    dueAt: NOW,
    detail: 'The file was lost from the store, and an operator has ended the upload.',
  });
  expect([...ledger.rows.values()].filter(({ upload }) => upload.state === 'accepted')).toHaveLength(4);
});

test('moves an old file that no row knows to quarantine only if it is told so, and nothing that Sluice did not put there', async () => {
  const { ask, put, objects } = await setup();
  const id = randomUUID();
  put('store', `acme/${id}`);
  put('store', 'somebody/elses');
  objects.places.store.set(`acme/${id}`, {
    bytes: Buffer.from('abc'),
    headers: { contentType: 'image/png', contentDisposition: 'x', metadata: { 'upload-id': id } },
    modifiedAt: OLD,
  });
  for (const call of [{ repair: true }, { orphans: 'set-aside', dryRun: true }] as const) {
    await ask({ command: 'reconcile', ...call });
    expect(objects.places.store.size).toBe(2);
  }
  await ask({ command: 'reconcile', orphans: 'set-aside' });
  expect([...objects.places.store.keys()]).toEqual(['somebody/elses']);
  expect(objects.places.quarantine.get(`orphans/acme/${id}`)?.headers?.metadata).toMatchObject({
    'upload-id': id,
    reason: 'orphan',
    'stored-type': 'image/png',
  });
});

test('500 orphans and 500 rows without objects are found, a page at a time, and counted once each', async () => {
  const { add, put, ask, askAll } = await setup();
  for (let n = 0; n < 500; n += 1) {
    await add({ state: 'accepted' });
    put('store', `acme/${randomUUID()}`);
  }
  const page = await askAll({ command: 'reconcile' });
  expect(page.counts).toEqual({ orphan: 500, 'file missing': 500 });
  expect(new Set(page.items.map(({ id }) => id)).size).toBe(1_000);
  const ended = await askAll({ command: 'reconcile', missing: 'end' });
  expect(ended.counts).toEqual({ orphan: 500, 'file missing': 500 });
  expect(((await ask({ command: 'reconcile' })) as AdminPage).counts).toEqual({
    orphan: 500,
    'row in order': 500,
  });
});

test.each(['rows', 'elsewhere:x', 'storage:'])(
  'refuses the cursor %j unless it is of a phase',
  async (cursor) => {
    const { ask } = await setup();
    const asked = ask({ command: 'reconcile', cursor });
    if (cursor === 'rows') await expect(asked).resolves.toMatchObject({ counts: {} });
    else await expect(asked).rejects.toThrow('the cursor is not one');
  },
);
