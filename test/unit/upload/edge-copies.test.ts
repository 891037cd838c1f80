import { STATES } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';

/** A deleted upload whose row is due, as it is after a deletion that failed half-way. */
async function setup(changes: Partial<Upload> = {}) {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  const upload = aRequest({ state: 'deleted', epoch: 1, settledAt: 1_000, dueAt: 1_000, ...changes });
  await ledger.record(upload);
  objects.places.store.set(upload.key, { bytes: Buffer.from('abc') });
  const forgotten: string[] = [];
  let fails = false;
  let time = 2_000;
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    policies,
    announce: async () => {},
    now: () => time,
    newId: () => 'w',
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    forgetCopies: async ({ key }: { key: string }) => {
      if (fails) throw new Error('too many invalidations');
      // After the removal: a copy that is made in between would stay.
      expect(objects.places.store.has(key)).toBe(false);
      forgotten.push(key);
    },
  };
  return {
    deps,
    upload,
    forgotten,
    row: () => ledger.rows.get(upload.id)?.upload,
    fail: (is: boolean) => {
      fails = is;
    },
    run: () => {
      time += 1_000;
      return sweep(deps, new AbortController().signal, UNHEARD);
    },
  };
}

test('copies of a deleted file are forgotten once the file is gone, also by a run that finds it gone', async () => {
  const { run, forgotten, upload, deps } = await setup();
  deps.objects.places.store.clear(); // a run before removed it, and ended
  await run();
  expect(forgotten).toEqual([upload.key]);
});

test('copies that could not be forgotten keep the row due, and the next run goes on', async () => {
  const { run, forgotten, upload, row, fail } = await setup();
  fail(true);
  await run();
  // Behind whatever was due when the run began.
  expect(row()?.dueAt).toBe(3_001);
  fail(false);
  await run();
  expect(forgotten).toEqual([upload.key]);
  expect(row()?.dueAt).toBeGreaterThan(4_001);
});

test.each(STATES.filter((state) => state !== 'deleted'))(
  'nothing is forgotten of an upload that is %s: nobody had an address of it',
  async (state) => {
    const { run, forgotten } = await setup({ state });
    await run();
    expect(forgotten).toEqual([]);
  },
);
