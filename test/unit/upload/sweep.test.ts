import { expect, test } from 'vitest';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import type { Upload } from '../../../src/lib/upload/upload.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

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
    rowRetentionInSeconds: 60,
    announce: async ({ id }: Upload) => {
      announced.push(id);
    },
  };
  const run = (signal = new AbortController().signal) => sweep(deps, signal, ({ id }) => failures.push(id));
  return {
    deps,
    ledger,
    objects,
    announced,
    failures,
    run,
    state: (id: string) => ledger.rows.get(id)?.upload.state,
  };
};

test('expires a request whose time is up and whose object never came', async () => {
  const upload = aRequest({ dueAt: 9_999 });
  const { run, state } = await setup(upload);
  expect(await run()).toEqual({ expired: 1, announced: 0, removed: 0, overtaken: 0 });
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
