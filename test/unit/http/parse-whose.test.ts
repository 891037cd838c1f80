import { SCOPES, type Service, type User } from '@sluice/contract/caller';
import { describe, expect, test } from 'vitest';
import { parseWhose } from '../../../src/lib/http/parse-whose.ts';
import { toTenant } from '../../../src/lib/upload/tenant.ts';

const USER: User = { kind: 'user', tenant: 'acme', subject: 'ada' };
const ALL: Service = { kind: 'service', client: 'billing', scopes: SCOPES };
const ONE: Service = { kind: 'service', client: 'billing', scopes: ['uploads.read'], tenant: 'acme' };

function refused(code: string, field: string) {
  return expect.objectContaining({ code, extras: expect.objectContaining({ field }) });
}

describe('whose uploads a listing is of', () => {
  test('are a user’s own, whatever else is asked for', () => {
    expect(parseWhose({ state: 'accepted' }, USER)).toEqual({ tenant: 'acme', subject: 'ada' });
    expect(() => parseWhose({ tenant: 'acme' }, USER)).toThrow(refused('owner_not_allowed', 'tenant'));
    expect(() => parseWhose({ owner: 'ada' }, USER)).toThrow(refused('owner_not_allowed', 'owner'));
    expect(() => parseWhose({ owner: '' }, USER)).toThrow(refused('owner_not_allowed', 'owner'));
  });

  test('are those of the tenant that a service names, or of one user of it', () => {
    expect(parseWhose({ tenant: 'beta' }, ALL)).toEqual({ tenant: 'beta' });
    expect(parseWhose({ tenant: 'beta', owner: 'bob' }, ALL)).toEqual({ tenant: 'beta', subject: 'bob' });
    expect(parseWhose({}, ONE)).toEqual({ tenant: 'acme' });
    expect(parseWhose({ tenant: 'acme', owner: 'ada' }, ONE)).toEqual({ tenant: 'acme', subject: 'ada' });
  });

  test('are of a tenant by what tokens call it, or by its name in keys and events', () => {
    const name = toTenant('Acme Ltd.');
    expect(parseWhose({ tenant: 'Acme Ltd.' }, ALL)).toEqual({ tenant: name });
    expect(parseWhose({ tenant: name }, ALL)).toEqual({ tenant: name });
    const hashed: Service = { ...ONE, tenant: name };
    expect(parseWhose({}, hashed)).toEqual({ tenant: name });
    expect(parseWhose({ tenant: 'Acme Ltd.' }, hashed)).toEqual({ tenant: name });
  });

  test.each(['acme1', 'acm', 'Acme', 'ACME'])('are not those of %s, for a service of acme', (tenant) => {
    expect(() => parseWhose({ tenant }, ONE)).toThrow(refused('tenant_not_served', 'tenant'));
  });

  test('are not everybody’s, and not nobody’s', () => {
    expect(() => parseWhose({}, ALL)).toThrow(refused('owner_filter_invalid', 'tenant'));
    expect(() => parseWhose({ tenant: '' }, ALL)).toThrow(refused('owner_filter_invalid', 'tenant'));
    expect(() => parseWhose({ tenant: 'acme', owner: '' }, ALL)).toThrow(
      refused('owner_filter_invalid', 'owner'),
    );
    expect(() => parseWhose({ tenant: 'a'.repeat(1_025) }, ALL)).toThrow(
      refused('owner_filter_invalid', 'tenant'),
    );
  });
});
