import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/lib/upload/decide.ts';
import { sizeLimits } from '../../../src/lib/upload/policy.ts';
import { policies } from '../../../src/policies.ts';

function setup() {
  const policy = policies.data;
  if (policy === undefined) throw new Error('there is no policy data');
  const declaration = { filename: 'a.csv', contentType: 'text/csv', metadata: {} };
  return {
    policy,
    verdict: (size: number, maxBytes: number) =>
      decide({ ...declaration, maxBytes }, policy, {
        size,
        checksums: {},
        sniffed: { kind: 'recognised', type: 'text/csv' },
      }),
  };
}

describe('a limit that a declaration sets for itself', () => {
  test('makes the policy’s tighter, never wider', () => {
    const { policy } = setup();
    expect(sizeLimits(policy, {})).toEqual({ min: 0, max: policy.maxBytes });
    expect(sizeLimits(policy, { maxBytes: 10 })).toEqual({ min: 0, max: 10 });
    expect(sizeLimits(policy, { maxBytes: policy.maxBytes + 1 })).toEqual({ min: 0, max: policy.maxBytes });
  });

  test('is held by the verdict, to the byte', () => {
    const { verdict } = setup();
    expect(verdict(10, 10)).toMatchObject({ accepted: true });
    expect(verdict(11, 10)).toMatchObject({ accepted: false, reason: 'size_mismatch' });
  });
});
