import { describe, expect, test } from 'vitest';
import { ofCaller, toWho } from '../../../src/lib/log/who.ts';

const KEY = 'k'.repeat(64);
const ADA = { tenant: 'acme', subject: 'ada' };

describe('whom a line is about', () => {
  test('is the same for the same person, and holds nothing of the name', () => {
    const who = toWho(ADA, KEY);
    expect(who).toMatch(/^[\w-]{22}$/);
    expect(toWho({ ...ADA }, KEY)).toBe(who);
  });

  test.each([
    ['another subject', { tenant: 'acme', subject: 'bob' }, KEY],
    ['another tenant', { tenant: 'acm', subject: 'eada' }, KEY],
    ['another key', ADA, 'q'.repeat(64)],
  ])('is another for %s', (_what, owner, key) => {
    expect(toWho(owner, key)).not.toBe(toWho(ADA, KEY));
  });

  test('is left out where the deployment has no key', () => {
    expect(toWho(ADA, undefined)).toBeUndefined();
  });

  test.each([
    [
      { kind: 'service', client: 'billing', scopes: [] },
      { caller: 'service', client: 'billing' },
    ],
    [
      { kind: 'grant', ...ADA, grantId: 'g-1' },
      { caller: 'grant', grantId: 'g-1' },
    ],
    [{ kind: 'user', ...ADA }, { caller: 'user' }],
  ] as const)('says of the caller %o what names no person', (caller, told) => {
    expect(ofCaller(caller)).toEqual({ ...told });
  });
});
