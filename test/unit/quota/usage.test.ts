import { expect, test } from 'vitest';
import { toCounterId } from '../../../src/lib/quota/count.ts';
import type { QuotaSettings } from '../../../src/lib/quota/rules.ts';
import { readUsage } from '../../../src/lib/quota/usage.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';

const ADA = { tenant: 'acme', subject: 'ada' };
const POLICIES = { plain: {}, media: { quota: { owner: { files: 2 }, tenant: { bytes: 50 } } } };

function setup(settings: Partial<QuotaSettings>) {
  const { counters, tallies } = createMemoryGrants();
  const deps = {
    counters,
    policies: POLICIES,
    settings: { counted: [], owner: {}, tenant: {}, ...settings },
  };
  return { counters, tallies, deps };
}

test('an owner is told of all files, of those of a policy with a quota, and of the unfinished ones', async () => {
  const { deps, tallies } = setup({ owner: { files: 10, bytes: 100 }, unfinished: 3 });
  const put = (counter: Parameters<typeof toCounterId>[0], files: number, bytes: number) =>
    tallies.set(toCounterId(counter, { ...ADA, policy: 'media' }), { files, bytes, changes: 1 });
  put('owner', 4, 70);
  put('owner-policy', 1, 30);
  put('unfinished', 2, 0);
  expect(await readUsage(deps, ADA)).toEqual({
    ...ADA,
    all: { files: 4, bytes: 70, limits: { files: 10, bytes: 100 }, left: { files: 6, bytes: 30 } },
    policies: { media: { files: 1, bytes: 30, limits: { files: 2 }, left: { files: 1 } } },
    unfinished: { files: 2, limits: { files: 3 }, left: { files: 1 } },
  });
});

test('of a tenant as a whole nothing of its owners is told', async () => {
  const { deps } = setup({ counted: ['tenant'], owner: { files: 10 }, unfinished: 3 });
  expect(await readUsage(deps, { tenant: 'acme' })).toEqual({
    tenant: 'acme',
    all: { files: 0, bytes: 0, limits: {}, left: {} },
    policies: { media: { files: 0, bytes: 0, limits: { bytes: 50 }, left: { bytes: 50 } } },
  });
});

test('limits of their own are told in place of those of all', async () => {
  const { deps, counters } = setup({ owner: { files: 10, bytes: 100 } });
  await counters.setLimits(toCounterId('owner', ADA), { files: 20 });
  expect((await readUsage(deps, ADA)).all).toMatchObject({ limits: { files: 20 }, left: { files: 20 } });
});

test('where nothing is counted there is nothing to tell', async () => {
  const { deps } = setup({});
  await expect(readUsage({ ...deps, policies: {} }, ADA)).rejects.toMatchObject({
    code: 'usage_not_counted',
  });
});
