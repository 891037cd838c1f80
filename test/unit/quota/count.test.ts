import { COUNTERS, type Counter, type QuotaLimits } from '@sluice/contract/quota';
import { Refusal } from '@sluice/contract/refusals';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Count, leftIn, refuseFull, toCounterId } from '../../../src/lib/quota/count.ts';

function setup(counter: Counter, limits: QuotaLimits, files = 2, bytes = 60): Count {
  return { counter, id: 'c', limits, files, bytes, changes: 1 };
}

function refusalOf(count: Count, bytes: number): Refusal | undefined {
  try {
    refuseFull(count, bytes);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

describe('a counter', () => {
  test.each([
    ['owner', 'quota_files_exceeded', 'quota_bytes_exceeded'],
    ['owner-policy', 'quota_files_exceeded', 'quota_bytes_exceeded'],
    ['tenant', 'tenant_quota_files_exceeded', 'tenant_quota_bytes_exceeded'],
    ['tenant-policy', 'tenant_quota_files_exceeded', 'tenant_quota_bytes_exceeded'],
  ] as const)(
    'of the %s takes the last file and the last byte, and not one more',
    (counter, noFile, noByte) => {
      expect(refusalOf(setup(counter, { files: 3, bytes: 100 }), 40)).toBeUndefined();
      expect(refusalOf(setup(counter, { bytes: 100 }), 41)?.code).toBe(noByte);
      expect(refusalOf(setup(counter, { files: 2 }), 0)?.code).toBe(noFile);
      expect(refusalOf(setup(counter, { files: 0, bytes: 0 }), 0)?.code).toBe(noFile);
      expect(refusalOf(setup(counter, {}), 1e15)).toBeUndefined();
    },
  );

  test('of unfinished uploads refuses one more, to be asked again in a while', () => {
    expect(refusalOf(setup('unfinished', { files: 3 }), 0)).toBeUndefined();
    expect(refusalOf(setup('unfinished', { files: 2 }), 0)).toMatchObject({
      code: 'unfinished_too_many',
      status: 429,
      retryable: true,
      extras: { retryAfterSeconds: 5 },
    });
  });

  test('says what is left to its owner, and never what is left to a tenant', () => {
    expect(refusalOf(setup('owner', { files: 9, bytes: 100 }), 41)).toMatchObject({
      extras: { field: 'size', left: { files: 7, bytes: 40 } },
      message: 'The file counts with 41 bytes, and the quota has 40 bytes left.',
    });
    const ofTenant = refusalOf(setup('tenant', { bytes: 100 }), 41);
    expect(ofTenant?.extras).toEqual({});
    expect(ofTenant?.message).not.toMatch(/\d/);
  });

  test('has nothing left, and no less, when its limit is set below what is there', () => {
    expect(leftIn(setup('owner', { files: 1, bytes: 10 }))).toEqual({ files: 0, bytes: 0 });
    expect(leftIn(setup('owner', {}))).toEqual({});
  });

  test('has an id that no other counter has, whatever owners, tenants and policies are called', () => {
    const name = fc.string({ unit: 'binary', maxLength: 6 });
    const whose = fc.record({ tenant: name, subject: name, policy: name });
    const parts: Record<Counter, readonly ('tenant' | 'subject' | 'policy')[]> = {
      owner: ['tenant', 'subject'],
      unfinished: ['tenant', 'subject'],
      tenant: ['tenant'],
      'owner-policy': ['tenant', 'subject', 'policy'],
      'tenant-policy': ['tenant', 'policy'],
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...COUNTERS),
        fc.constantFrom(...COUNTERS),
        whose,
        whose,
        (a, b, one, other) => {
          const isSame = a === b && parts[a].every((part) => one[part] === other[part]);
          expect(toCounterId(a, one) === toCounterId(b, other)).toBe(isSame);
        },
      ),
    );
  });
});
