import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerOf } from '../../../src/lib/http/caller.ts';
import { toTenant } from '../../../src/lib/upload/tenant.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

function call(claims: Readonly<Record<string, unknown>>) {
  return callerOf({ requestContext: { authorizer: { jwt: { claims } } } } as unknown as Event, 'org');
}

const refused = expect.objectContaining({ code: 'tenant_missing' });

/** What is no name of one tenant or person. */
const NO_NAMES: readonly (readonly [string, unknown])[] = [
  ['absent', undefined],
  ['null', null],
  ['empty', ''],
  ['a number', 7],
  ['a flag', true],
  ['a list', ['acme']],
  ['an object', { id: 'acme' }],
  ['a list that API Gateway wrote as text', '[acme beta]'],
  ['an object that API Gateway wrote as text', 'map[id:acme]'],
  ['half a surrogate pair', 'acme\ud800'],
  ['the other half', '\udc00acme'],
  ['longer than a key of the ledger', 'a'.repeat(1_025)],
];

describe('who calls', () => {
  test('is read from the token’s sub and the claim of the tenant', () => {
    expect(call({ sub: 'alice', org: 'acme' })).toEqual({ tenant: 'acme', subject: 'alice' });
    expect(call({ sub: 'auth0|Zoë [dev]', org: 'a'.repeat(1_024) })).toEqual({
      tenant: toTenant('a'.repeat(1_024)),
      subject: 'auth0|Zoë [dev]',
    });
  });

  test.each(NO_NAMES)('is nobody where the tenant is %s', (_what, org) => {
    expect(() => call({ sub: 'alice', org })).toThrow(refused);
  });

  test.each(NO_NAMES)('is nobody where sub is %s', (_what, sub) => {
    expect(() => call({ sub, org: 'acme' })).toThrow(refused);
  });

  test('is of another tenant for every other text, however it is composed', () => {
    const halves = fc.constantFrom('a', '-', 'A', '\ufffd', '\ud800', '\ud801', '\udc00');
    const text = fc.array(halves, { minLength: 1, maxLength: 4 }).map((units) => units.join(''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a !== b);
        const [one, other] = [a, b].map((org) => {
          try {
            return call({ sub: 'alice', org }).tenant;
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
