import type { Counter } from '@sluice/contract/quota';
import { expect, test } from 'vitest';
import { countMissing, missingFrom } from '../../../src/lib/quota/missing.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const ADA = { tenant: 'acme', subject: 'ada' };
const ACCEPTED = { state: 'accepted', evidence: { etag: 'e', size: 3 } } as const;

function setup(isUnchanged = true) {
  const rows = [
    aRequest({ ...ACCEPTED, policy: 'media' }),
    aRequest({ ...ACCEPTED, policy: 'gone', counters: ['owner'] }),
    aRequest({ ...ACCEPTED, policy: 'constructor' }),
    aRequest({ reserved: 3 }),
    aRequest({ state: 'rejected' }),
  ];
  const asked: (readonly Counter[])[] = [];
  return {
    asked,
    deps: {
      settings: { counted: [], owner: { files: 9 }, tenant: {} },
      policies: { media: { quota: { tenant: { files: 9 } } } },
      async *uploadsOf() {
        yield rows.slice(0, 2);
        yield rows.slice(2);
      },
      countIn: async (_seen: object, counters: readonly Counter[]) => {
        asked.push(counters);
        return isUnchanged;
      },
    },
  };
}

test('accepted files that are in no counter are counted in those that they belong to', async () => {
  const { deps, asked } = setup();
  expect(await countMissing(deps, ADA, { repair: true })).toEqual({ missing: 2, counted: 2 });
  expect(asked).toEqual([['owner', 'tenant-policy'], ['owner']]);
});

test('without a repair they are only told of', async () => {
  const { deps, asked } = setup();
  expect(await countMissing(deps, ADA, { repair: false })).toEqual({ missing: 2, counted: 0 });
  expect(asked).toEqual([]);
});

test('a file whose row has changed meanwhile is left for the next time', async () => {
  const { deps } = setup(false);
  expect(await countMissing(deps, ADA, { repair: true })).toEqual({ missing: 2, counted: 0 });
});

test('an accepted file is missing from what is counted since it was requested, and from no count of unfinished ones', () => {
  const settings = { counted: ['owner', 'tenant'], owner: {}, tenant: {}, unfinished: 3 } as const;
  const policy = { quota: { owner: { files: 3 } } };
  expect(missingFrom(settings, policy, { state: 'accepted' })).toEqual(['owner', 'tenant', 'owner-policy']);
  expect(missingFrom(settings, policy, { state: 'accepted', counters: ['owner'] })).toEqual([
    'tenant',
    'owner-policy',
  ]);
  expect(missingFrom(settings, undefined, { state: 'accepted' })).toEqual(['owner', 'tenant']);
  expect(missingFrom(settings, policy, { state: 'requested' })).toEqual([]);
});
