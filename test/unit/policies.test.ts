import { extensionsOf, familyOf, isKnownType } from '@sluice/contract/content-types';
import { MULTIPART_MAX_BYTES } from '@sluice/contract/part-plan';
import { isRunning } from '@sluice/contract/running-names';
import { describe, expect, test } from 'vitest';
import { hasMacros } from '../../src/lib/sniff/office.ts';
import { policies } from '../../src/policies.ts';

// Macros in these are not told from their absence, or the program that opens them does more than show them.
const RISKY: readonly string[] = [
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  'application/vnd.ms-outlook',
  'application/rtf',
  'message/rfc822',
];

describe.each(Object.entries(policies))('the shipped policy %s', (name, policy) => {
  test('has a name that needs no encoding and a title', () => {
    expect(name).toMatch(/^[a-z][a-z0-9-]{0,62}$/);
    expect(policy.title).not.toBe('');
  });

  test('names only types that can be held against the bytes, each once and by its canonical name', () => {
    expect(policy.types.filter((type) => !isKnownType(type))).toEqual([]);
    expect(new Set(policy.types).size).toBe(policy.types.length);
    expect(policy.types.length).toBeGreaterThan(0);
  });

  test('names no type that a browser runs', () => {
    expect(policy.types.filter((type) => familyOf(type) === 'markup')).toEqual([]);
  });

  test('lets nobody publish: that is for the team to allow', () => {
    expect(policy.readers?.allowed).not.toContain('anyone');
    expect(policy.readers?.default).toBe('owner');
  });

  test('names no type that carries macros, or runs where it is opened', () => {
    const risky = policy.types.filter(
      (type) => hasMacros(type) || RISKY.includes(type) || extensionsOf(type).some(isRunning),
    );
    expect(risky).toEqual([]);
  });

  test('has limits that S3 can meet, and a URL that lives from a minute to seven days', () => {
    expect(policy.minBytes).toBeGreaterThanOrEqual(0);
    expect(policy.maxBytes).toBeGreaterThan(policy.minBytes);
    expect(policy.maxBytes).toBeLessThanOrEqual(MULTIPART_MAX_BYTES);
    expect(policy.urlExpiresInSeconds).toBeGreaterThanOrEqual(60);
    expect(policy.urlExpiresInSeconds).toBeLessThanOrEqual(7 * 24 * 3600);
  });
});
