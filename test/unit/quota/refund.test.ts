import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toSettlement } from '../../../src/lib/quota/refund.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const OWNER = 'owner#["acme","ada"]';
const SIZE_3 = { etag: 'e', size: 3 };

function setup(changes: Partial<Upload> = {}) {
  return aRequest({ tenant: 'acme', subject: 'ada', policy: 'data', ...changes });
}

describe('what an upload gives back to its grant', () => {
  test.each([
    ['accepted', { uploads: 0, bytes: 7 }],
    ['rejected', { uploads: 1, bytes: 10 }],
    ['expired', { uploads: 1, bytes: 10 }],
    ['aborted', { uploads: 1, bytes: 10 }],
  ] as const)('as %s is %j', (to, refund) => {
    const upload = setup({ grantId: 'g', reserved: 10 });
    expect(toSettlement(upload, to, SIZE_3)).toEqual({ refunds: [{ id: 'g', ...refund }], counters: [] });
  });

  test.each<State>(['requested', 'verifying', 'scanning', 'held'])('as %s is nothing', (to) => {
    expect(toSettlement(setup({ grantId: 'g', reserved: 10 }), to, SIZE_3)).toBeUndefined();
  });

  test('is nothing without something set aside', () => {
    expect(toSettlement(setup({ grantId: 'g' }), 'aborted', undefined)).toBeUndefined();
    expect(toSettlement(setup(), 'aborted', undefined)).toBeUndefined();
  });

  test('needs no write when the file has the size that was declared', () => {
    const upload = setup({ grantId: 'g', reserved: 3, counters: ['owner'] });
    expect(toSettlement(upload, 'accepted', SIZE_3)).toEqual({ refunds: [], counters: ['owner'] });
  });
});

describe('what an upload gives back to its counters', () => {
  const counters = ['owner', 'tenant', 'owner-policy', 'tenant-policy', 'unfinished'] as const;
  const ids = [
    OWNER,
    'tenant#["acme"]',
    'owner-policy#["acme","ada","data"]',
    'tenant-policy#["acme","data"]',
  ];
  const unfinished = { id: 'unfinished#["acme","ada"]', uploads: 1, bytes: 0 };

  test('is what it does not need once it is accepted, and it is no longer unfinished', () => {
    expect(toSettlement(setup({ reserved: 10, counters }), 'accepted', SIZE_3)).toEqual({
      refunds: [...ids.map((id) => ({ id, uploads: 0, bytes: 7 })), unfinished],
      counters: ['owner', 'tenant', 'owner-policy', 'tenant-policy'],
    });
  });

  test.each<State>(['rejected', 'expired', 'aborted'])('is everything when it is %s', (to) => {
    expect(toSettlement(setup({ reserved: 10, counters }), to, SIZE_3)).toEqual({
      refunds: [...ids.map((id) => ({ id, uploads: 1, bytes: 10 })), unfinished],
      counters: [],
    });
  });

  test.each<State>(['deleted', 'recalled'])(
    'is what the file has when it is %s, of which its grant gets nothing',
    (to) => {
      const upload = setup({ grantId: 'g', evidence: SIZE_3, counters: ['owner'] });
      expect(toSettlement(upload, to, undefined)).toEqual({
        refunds: [{ id: OWNER, uploads: 1, bytes: 3 }],
        counters: [],
      });
    },
  );

  test('is never more than was set aside, and never less than nothing', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (reserved, size) => {
        const upload = setup({ reserved, counters: ['owner'] });
        const { refunds = [] } = toSettlement(upload, 'accepted', { etag: 'e', size }) ?? {};
        expect(refunds[0]?.bytes ?? 0).toBe(Math.max(0, reserved - size));
      }),
    );
  });
});
