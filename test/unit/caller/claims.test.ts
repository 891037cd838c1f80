import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Audiences, type Claims, toCaller } from '../../../src/lib/caller/claims.ts';
import { toTenant } from '../../../src/lib/upload/tenant.ts';

const ISSUER: Audiences = { kind: 'issuer', user: 'web', service: 'backends' };
const POOL: Audiences = { kind: 'pool', userClient: 'web' };

function user(claims: Claims) {
  return toCaller({ aud: 'web', ...claims }, ISSUER, 'org');
}

const refused = expect.objectContaining({ code: 'tenant_missing' });

/** What is no name of one tenant or person. */
const NO_NAMES: readonly (readonly [string, unknown])[] = [
  ['absent', undefined],
  ['null', null],
  ['empty', ''],
  ['a fraction', 7.5],
  ['a flag', true],
  ['a list', ['acme']],
  ['an object', { id: 'acme' }],
  ['half a surrogate pair', 'acme\ud800'],
  ['the other half', '\udc00acme'],
  ['longer than a key of the ledger', 'a'.repeat(1_025)],
];

describe('a user', () => {
  test('is read from the token’s sub and the claim of the tenant', () => {
    expect(user({ sub: 'alice', org: 'acme' })).toEqual({ kind: 'user', tenant: 'acme', subject: 'alice' });
    expect(user({ sub: 'auth0|Zoë [dev]', org: 'a'.repeat(1_024) })).toEqual({
      kind: 'user',
      tenant: toTenant('a'.repeat(1_024)),
      subject: 'auth0|Zoë [dev]',
    });
    expect(user({ sub: 'alice', org: 42 })).toMatchObject({ tenant: '42' });
  });

  test.each(NO_NAMES)('is nobody where the tenant is %s', (_what, org) => {
    expect(() => user({ sub: 'alice', org })).toThrow(refused);
  });

  test.each(NO_NAMES)('is nobody where sub is %s', (_what, sub) => {
    expect(() => user({ sub, org: 'acme' })).toThrow(refused);
  });

  test('is of another tenant for every other text, however it is composed', () => {
    const halves = fc.constantFrom('a', '-', 'A', '\ufffd', '\ud800', '\ud801', '\udc00');
    const text = fc.array(halves, { minLength: 1, maxLength: 4 }).map((units) => units.join(''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a !== b);
        const [one, other] = [a, b].map((org) => {
          try {
            return user({ sub: 'alice', org })?.tenant;
          } catch {
            return undefined;
          }
        });
        expect(one === undefined || one !== other).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('whose a token is', () => {
  const CLAIMS = { sub: 'x', org: 'acme', client_id: 'x', token_use: 'access' };

  test.each<readonly [string, Audiences, Claims, string | undefined]>([
    ['an audience of users', ISSUER, { aud: 'web' }, 'user'],
    ['it in a list', ISSUER, { aud: ['api', 'web'] }, 'user'],
    ['no audience, and the client of users', ISSUER, { client_id: 'web' }, 'user'],
    ['another audience, and the client of users', ISSUER, { aud: 'api', client_id: 'web' }, undefined],
    ['the audience of services', ISSUER, { aud: 'backends' }, 'service'],
    ['it in a list, too', ISSUER, { aud: ['api', 'backends'] }, 'service'],
    ['both audiences', ISSUER, { aud: ['web', 'backends'] }, undefined],
    ['no audience at all', ISSUER, { client_id: undefined }, undefined],
    ['an audience that begins alike', ISSUER, { aud: 'web2' }, undefined],
    [
      'the audience of services, where there are none',
      { kind: 'issuer', user: 'web' },
      { aud: 'backends' },
      undefined,
    ],
    ['an id token of the pool', POOL, { aud: 'web', token_use: 'id', client_id: undefined }, 'user'],
    ['an access token of the pool', POOL, { client_id: 'web' }, 'user'],
    ['a client that got it for itself', POOL, { scope: 'sluice/uploads.read' }, 'service'],
    ['such a client without a scope of ours', POOL, { scope: 'uploads.read other/x' }, undefined],
    ['somebody who logged in by that client', POOL, { sub: 'ada', scope: 'sluice/tenants' }, undefined],
    ['their id token', POOL, { aud: 'x', token_use: 'id', scope: 'sluice/tenants' }, undefined],
    ['a client of the pool, by its aud', POOL, { aud: 'x', scope: 'sluice/tenants' }, undefined],
  ])('%s', (_what, audiences, claims, kind) => {
    expect(toCaller({ ...CLAIMS, ...claims }, audiences, 'org')?.kind).toBe(kind);
  });
});

describe('a service', () => {
  function service(claims: Claims, tenantClaim = 'org') {
    return toCaller({ aud: 'backends', sub: 'billing', ...claims }, ISSUER, tenantClaim);
  }

  test.each<readonly [string, Claims]>([
    ['scope, as one text', { scope: 'openid uploads.read uploads.delete' }],
    ['scope, behind the name of the resource server', { scope: 'sluice/uploads.read sluice/uploads.delete' }],
    ['scp, as a list', { scp: ['uploads.read', 'sluice/uploads.delete', 7] }],
    ['permissions', { permissions: ['uploads.delete', 'uploads.read', 'uploads.everything'] }],
    [
      'ours alone',
      { scope: 'uploads.read uploads.delete tensluice/ants other/tenants sluice/sluice/tenants' },
    ],
    ['two of them', { scope: 'uploads.read', permissions: ['uploads.delete'] }],
  ])('has the scopes of %s, and no others', (_where, claims) => {
    expect(service({ org: 'acme', ...claims })).toEqual({
      kind: 'service',
      client: 'billing',
      scopes: ['uploads.read', 'uploads.delete'],
      tenant: 'acme',
    });
  });

  test('acts for all tenants by a scope, and else for the one of its token', () => {
    expect(service({ scope: 'tenants', org: 'acme' })).not.toHaveProperty('tenant');
    expect(service({ scope: 'events', org: 'Acme Ltd.' })).toMatchObject({ tenant: toTenant('Acme Ltd.') });
    expect(() => service({ scope: 'events' })).toThrow(refused);
  });

  test('is of no tenant where every user has a tenant of their own', () => {
    expect(() => service({ scope: 'uploads.read' }, 'sub')).toThrow(refused);
    expect(service({ scope: 'tenants' }, 'sub')).toMatchObject({ client: 'billing', scopes: ['tenants'] });
  });

  test('goes by its client, whichever claim names that', () => {
    expect(service({ scope: 'tenants', azp: 'b', client_id: 'a' })).toMatchObject({ client: 'a' });
    expect(service({ scope: 'tenants', azp: 'b' })).toMatchObject({ client: 'b' });
    expect(() => service({ scope: 'tenants', sub: undefined })).toThrow(refused);
  });
});
