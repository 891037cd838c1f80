import { expect, test } from 'vitest';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import type { Upload } from '../../../src/lib/upload/upload.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

const NOTHING = {
  expired: 0,
  announced: 0,
  removed: 0,
  restored: 0,
  kept: 0,
  missing: 0,
  overtaken: 0,
  unreadable: 0,
};

const setup = async (...uploads: Upload[]) => {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  for (const upload of uploads) await ledger.record(upload);
  const announced: string[] = [];
  const failures: string[] = [];
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    now: () => 10_000,
    newId: () => 'sweeper',
    rowRetentionInSeconds: 60,
    announce: async ({ id }: Upload) => {
      announced.push(id);
    },
  };
  const unreadable: string[] = [];
  const missing: string[] = [];
  const run = (signal = new AbortController().signal) =>
    sweep(deps, signal, {
      onFailure: ({ id }) => failures.push(id),
      onUnreadable: ({ id }) => unreadable.push(id),
      onMissing: ({ id }) => missing.push(id),
    });
  return {
    deps,
    ledger,
    objects,
    announced,
    failures,
    unreadable,
    missing,
    run,
    state: (id: string) => ledger.rows.get(id)?.upload.state,
  };
};

test('expires a request whose time is up and whose object never came', async () => {
  const upload = aRequest({ dueAt: 9_999 });
  const { run, state } = await setup(upload);
  expect(await run()).toEqual({ ...NOTHING, expired: 1 });
  expect(state(upload.id)).toBe('expired');
});

test('leaves a request alone whose time is not up', async () => {
  const upload = aRequest({ dueAt: 10_001 });
  const { run, state } = await setup(upload);
  await run();
  expect(state(upload.id)).toBe('requested');
});

test.each(['requested', 'verifying'] as const)(
  'announces the arrival of a %s upload again when its object is there, once a quarter of an hour',
  async (state) => {
    const upload = aRequest({ state, dueAt: 9_000 });
    const world = await setup(upload);
    world.objects.put(upload.key, 'abc');
    expect((await world.run()).announced).toBe(1);
    expect((await world.run()).announced).toBe(0);
    expect(world.announced).toEqual([upload.id]);
    expect(world.state(upload.id)).toBe(state);
  },
);

test('expires an upload whose object vanished while it was verified', async () => {
  const upload = aRequest({ state: 'verifying', epoch: 1, dueAt: 9_000 });
  const { run, state } = await setup(upload);
  await run();
  expect(state(upload.id)).toBe('expired');
});

test('finishes the removal of a deleted upload', async () => {
  const upload = aRequest({ state: 'deleted', dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.store.set(upload.key, { bytes: Buffer.from('abc') });
  expect((await world.run()).removed).toBe(1);
  expect(world.objects.places.store.size).toBe(0);
});

test('goes on with the others when one row fails, and reports that one', async () => {
  const bad = aRequest({ dueAt: 9_000 });
  const good = aRequest({ dueAt: 9_000 });
  const world = await setup(bad, good);
  const { facts } = world.objects;
  world.objects.facts = async (place, key) => {
    if (key === bad.key) throw new Error('SlowDown');
    return facts(place, key);
  };
  await world.run();
  expect(world.failures).toEqual([bad.id]);
  expect(world.state(good.id)).toBe('expired');
  expect(world.state(bad.id)).toBe('requested');
});

test('begins nothing once its time is over', async () => {
  const upload = aRequest({ dueAt: 9_000 });
  const { run, state } = await setup(upload);
  await run(AbortSignal.abort());
  expect(state(upload.id)).toBe('requested');
});

const copyOf = (id: string, metadata: Record<string, string> = {}) => ({
  bytes: Buffer.from('abc'),
  headers: { contentType: 'image/jpeg', contentDisposition: '', metadata: { 'upload-id': id, ...metadata } },
});

test.each(['requested', 'verifying'] as const)(
  'brings a %s row to the verdict that the store holds, instead of expiring it',
  async (state) => {
    const upload = aRequest({ state, dueAt: 9_000, multipart: { uploadId: 'u' }, transport: 'multipart' });
    const world = await setup(upload);
    world.objects.places.store.set(upload.key, copyOf(upload.id));
    expect(await world.run()).toEqual({ ...NOTHING, restored: 1 });
    expect(world.ledger.rows.get(upload.id)?.upload).toMatchObject({
      state: 'accepted',
      servedType: 'image/jpeg',
      evidence: { size: 3 },
    });
    expect(world.objects.places.store.has(upload.key)).toBe(true);
    expect(await world.run()).toEqual(NOTHING);
  },
);

test('brings a row to the rejection that quarantine holds', async () => {
  const upload = aRequest({ dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.quarantine.set(upload.key, copyOf(upload.id, { reason: 'type_mismatch' }));
  expect(await world.run()).toEqual({ ...NOTHING, restored: 1 });
  expect(world.ledger.rows.get(upload.id)?.upload).toMatchObject({
    state: 'rejected',
    reason: 'type_mismatch',
  });
});

test('expires a row whose key holds in the store what is not its own, and leaves that where it is', async () => {
  const upload = aRequest({ dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.store.set(upload.key, copyOf('another'));
  expect(await world.run()).toEqual({ ...NOTHING, expired: 1 });
  expect(world.objects.places.store.has(upload.key)).toBe(true);
});

test('takes an accepted row that is due without a reason off the index, and leaves its file alone', async () => {
  const upload = aRequest({ state: 'accepted', dueAt: 9_000 });
  const world = await setup(upload);
  world.objects.places.store.set(upload.key, copyOf(upload.id));
  expect(await world.run()).toEqual({ ...NOTHING, kept: 1 });
  expect(world.objects.places.store.has(upload.key)).toBe(true);
  expect(await world.run()).toEqual(NOTHING);
});

test('reports an accepted row whose file is missing, every time', async () => {
  const upload = aRequest({ state: 'accepted', dueAt: 9_000 });
  const world = await setup(upload);
  for (let times = 0; times < 2; times += 1) expect(await world.run()).toEqual({ ...NOTHING, missing: 1 });
  expect(world.missing).toEqual([upload.id, upload.id]);
});

test('reports a row that cannot be read, and looks after the others', async () => {
  const strange = aRequest({ dueAt: 9_000 });
  const good = aRequest({ dueAt: 9_000 });
  const world = await setup(strange, good);
  const { createdAt: _none, ...rest } = strange;
  world.ledger.rows.set(strange.id, { upload: rest as Upload });
  expect(await world.run()).toEqual({ ...NOTHING, unreadable: 1, expired: 1 });
  expect(world.unreadable).toEqual([strange.id]);
  expect(world.failures).toEqual([]);
});
