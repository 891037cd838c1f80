import type { AdminPage } from '@sluice/contract/admin';
import { expect, test } from 'vitest';
import { toCounterId } from '../../../src/lib/quota/count.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createAdminWorld } from './world.ts';

const ADA = { tenant: 'acme', subject: 'ada' } as const;

async function setup() {
  const uploads = Array.from({ length: 3 }, () =>
    aRequest({ state: 'accepted', counters: ['owner'], evidence: { etag: 'e', size: 100 } }),
  );
  const world = await createAdminWorld(uploads);
  const id = toCounterId('owner', ADA);
  world.grants.tallies.set(id, { files: 5, bytes: 400, changes: 9 });
  return { ...world, id };
}

test('tells what is in the counters of an owner', async () => {
  const { ask, id } = await setup();
  expect(await ask({ command: 'usage', ...ADA })).toEqual({
    counts: { counted: 1 },
    items: [{ id, outcome: 'counted', detail: '5 files, 400 bytes' }],
  });
  expect(await ask({ command: 'usage', tenant: 'acme' })).toMatchObject({ counts: {} });
});

test('counts the rows again, and corrects a counter only if it is told so', async () => {
  const { ask, grants, id } = await setup();
  const call = { command: 'usage', ...ADA, recount: true } as const;
  const page = (await ask(call)) as AdminPage;
  expect(page.items).toEqual([
    { id, outcome: 'wrong', detail: '5 files, 400 bytes; found: 3 files, 300 bytes' },
  ]);
  expect(((await ask({ ...call, repair: true, dryRun: true })) as AdminPage).counts).toEqual({ wrong: 1 });
  expect(grants.tallies.get(id)).toMatchObject({ files: 5 });
  expect(((await ask({ ...call, repair: true })) as AdminPage).counts).toEqual({ corrected: 1 });
  expect(grants.tallies.get(id)).toMatchObject({ files: 3, bytes: 300 });
  expect(((await ask(call)) as AdminPage).counts).toEqual({ right: 1 });
});

test('counts in what was accepted before it was counted', async () => {
  const uploads = [aRequest({ state: 'accepted', evidence: { etag: 'e', size: 100 } })];
  const { ask, ledger } = await createAdminWorld(uploads, { quotas: { counted: ['owner'] } });
  const call = { command: 'usage', ...ADA, recount: true } as const;
  expect(((await ask(call)) as AdminPage).counts).toEqual({ 'not counted': 1 });
  expect(((await ask({ ...call, repair: true })) as AdminPage).counts).toMatchObject({ 'counted in': 1 });
  expect([...ledger.rows.values()][0]?.upload.counters).toEqual(['owner']);
});

test('says nothing of a counter while a row of its owner cannot be read', async () => {
  const { ask, ledger } = await setup();
  const [[id, row] = ['', undefined]] = [...ledger.rows];
  if (row) ledger.rows.set(id, { ...row, schema: 99 });
  expect(await ask({ command: 'usage', ...ADA, recount: true, repair: true })).toMatchObject({
    counts: { failed: 2 },
  });
});

test('sets limits of an owner’s own, and takes them away', async () => {
  const { ask, grants, id } = await setup();
  await ask({ command: 'usage', ...ADA, limits: { files: 9 }, dryRun: true });
  expect(grants.tallies.get(id)?.ownLimits).toBeUndefined();
  const page = (await ask({ command: 'usage', ...ADA, limits: { files: 9 } })) as AdminPage;
  expect(page.items[0]?.detail).toBe('5 files, 400 bytes; limits of its own: 9 files');
  await ask({ command: 'usage', ...ADA, limits: 'none' });
  expect(grants.tallies.get(id)?.ownLimits).toBeUndefined();
});
