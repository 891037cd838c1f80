import { expect, test } from 'vitest';
import { countersOf, type QuotaSettings } from '../../../src/lib/quota/rules.ts';

const NOTHING: QuotaSettings = { counted: [], owner: {}, tenant: {} };

test.each<[string, Partial<QuotaSettings>, object, readonly [string, object][]]>([
  ['nothing is set', {}, {}, []],
  ['owners are counted', { counted: ['owner'] }, {}, [['owner', {}]]],
  ['owners have a limit', { owner: { bytes: 9 } }, {}, [['owner', { bytes: 9 }]]],
  ['a limit of nothing is set', { tenant: { files: 0 } }, {}, [['tenant', { files: 0 }]]],
  [
    'both are counted, and one has a limit',
    { counted: ['owner', 'tenant'], tenant: { files: 9 } },
    {},
    [
      ['owner', {}],
      ['tenant', { files: 9 }],
    ],
  ],
  [
    'the policy has a quota',
    {},
    { quota: { owner: { files: 1 }, tenant: { files: 7 } } },
    [
      ['owner-policy', { files: 1 }],
      ['tenant-policy', { files: 7 }],
    ],
  ],
  ['unfinished uploads have a limit', { unfinished: 4 }, {}, [['unfinished', { files: 4 }]]],
])('where %s, an upload is in the counters that this asks for', (_what, settings, policy, expected) => {
  const counters = countersOf({ ...NOTHING, ...settings }, policy);
  expect(counters.map(({ counter, limits }) => [counter, limits])).toEqual(expected);
});
