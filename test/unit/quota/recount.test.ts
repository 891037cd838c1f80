import type { Upload } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import { parseCounterId, toCounterId } from '../../../src/lib/quota/count.ts';
import { recount } from '../../../src/lib/quota/recount.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';

const OWNER = toCounterId('owner', { tenant: 'acme', subject: 'ada' });
const PAGES: readonly (readonly Upload[])[] = [
  [
    aRequest({ reserved: 10, counters: ['owner', 'unfinished', 'owner-policy'] }),
    aRequest({ state: 'accepted', evidence: { etag: 'e', size: 3 }, counters: ['owner'] }),
  ],
  [
    aRequest({ state: 'accepted', evidence: { etag: 'e', size: 99 } }), // from before it was counted
    aRequest({ state: 'deleted', evidence: { etag: 'e', size: 99 } }),
    aRequest({ reserved: 5, grantId: 'g' }),
    aRequest({ policy: 'data', reserved: 4, counters: ['owner', 'owner-policy'] }),
  ],
];

function setup(settle = async () => {}) {
  const { counters, tallies } = createMemoryGrants();
  async function* uploadsOf() {
    yield* PAGES;
  }
  return { counters, tallies, deps: { counters, uploadsOf, settle } };
}

test.each([
  [OWNER, 3, 17],
  [toCounterId('unfinished', { tenant: 'acme', subject: 'ada' }), 1, 0],
  [toCounterId('owner-policy', { tenant: 'acme', subject: 'ada', policy: 'data' }), 1, 4],
  [toCounterId('tenant', { tenant: 'acme' }), 0, 0],
])('%s holds the uploads that say so, with what they have or may have', async (id, files, bytes) => {
  const { deps, counters } = setup();
  await counters.correct(id, await counters.read(id), { files, bytes });
  const sum = { files, bytes };
  expect(await recount(deps, id, { repair: true })).toEqual({
    id,
    counted: sum,
    found: sum,
    outcome: 'right',
  });
});

test('a counter that is wrong is corrected where that is wanted, and only told of otherwise', async () => {
  const { deps, counters } = setup();
  await counters.correct(OWNER, await counters.read(OWNER), { files: 9, bytes: 9 });
  expect(await recount(deps, OWNER, { repair: false })).toMatchObject({
    counted: { files: 9, bytes: 9 },
    found: { files: 3, bytes: 17 },
    outcome: 'wrong',
  });
  expect((await recount(deps, OWNER, { repair: true })).outcome).toBe('corrected');
  expect(await counters.read(OWNER)).toMatchObject({ files: 3, bytes: 17 });
  expect((await recount(deps, OWNER, { repair: true })).outcome).toBe('right');
});

test('a counter that changes during the count is left alone, though its sums be the same again', async () => {
  const { deps, counters } = setup(async () => {
    const seen = await counters.read(OWNER);
    await counters.correct(OWNER, seen, { files: seen.files, bytes: seen.bytes });
  });
  expect((await recount(deps, OWNER, { repair: true })).outcome).toBe('moving');
  expect(await counters.read(OWNER)).toMatchObject({ files: 0, bytes: 0 });
});

test('an id that is of no counter is a mistake of the caller', async () => {
  const { deps } = setup();
  expect(parseCounterId('0f8fad5b-d9cb-469f-a165-70867728950e')).toBeUndefined();
  expect(parseCounterId('minute#x#1')).toBeUndefined();
  await expect(recount(deps, 'minute#x#1', { repair: true })).rejects.toThrow('the id of no counter');
});

test('an id tells whose counter it is', () => {
  const whose = { tenant: 'acme', subject: 'a#"da', policy: 'data' };
  expect(parseCounterId(toCounterId('owner-policy', whose))).toEqual({ counter: 'owner-policy', ...whose });
  expect(parseCounterId(toCounterId('tenant-policy', whose))).toEqual({
    counter: 'tenant-policy',
    tenant: 'acme',
    policy: 'data',
  });
  expect(parseCounterId(toCounterId('tenant', whose))).toEqual({ counter: 'tenant', tenant: 'acme' });
});
