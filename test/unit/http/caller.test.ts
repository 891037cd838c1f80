import { type Caller, SCOPES } from '@sluice/contract/caller';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { toContext } from '../../../src/lib/caller/context.ts';
import { callerOf, type Takes } from '../../../src/lib/http/caller.ts';

const NOW = 1_000_000;

function call(context: unknown, takes: Takes = { user: true, grant: true, service: 'any' }) {
  const event = { requestContext: { authorizer: { lambda: context } } } as unknown as APIGatewayProxyEventV2;
  return callerOf(event, takes, NOW);
}

function refused(code: string) {
  return expect.objectContaining({ code });
}

const USER: Caller = { kind: 'user', tenant: 'acme', subject: 'ada' };
const GRANT: Caller = { kind: 'grant', tenant: 'acme', subject: 'ada', grantId: 'g1' };
const SERVICE: Caller = { kind: 'service', client: 'billing', scopes: ['uploads.read'], tenant: 'acme' };

function contextOf(caller: Caller, expiresAt = NOW + 1) {
  return toContext({ caller, expiresAt });
}

describe('a caller', () => {
  test.each([USER, GRANT, SERVICE])('is who the authorizer says: %j', (caller) => {
    expect(call(contextOf(caller))).toEqual(caller);
  });

  test.each([
    ['nothing', undefined],
    ['nobody', {}],
    ['a text', 'user'],
    ['somebody without an end', { kind: 'user', tenant: 'acme', subject: 'ada' }],
    ['a user without a tenant', { kind: 'user', subject: 'ada', expiresAt: NOW + 1 }],
    ['a user without a name', { kind: 'user', tenant: 'acme', subject: '', expiresAt: NOW + 1 }],
    ['a grant of no name', { kind: 'grant', tenant: 'acme', subject: 'ada', expiresAt: NOW + 1 }],
    ['a service without scopes', { kind: 'service', client: 'billing', expiresAt: NOW + 1 }],
    [
      'a service without a tenant that may not act for all',
      { kind: 'service', client: 'billing', scopes: 'uploads.read', expiresAt: NOW + 1 },
    ],
    ['another kind', { kind: 'admin', tenant: 'acme', subject: 'ada', expiresAt: NOW + 1 }],
    ['a refusal that there is not', { refused: 'oh' }],
    ['a refusal of a prototype', { refused: 'constructor' }],
  ])('is nobody where the authorizer says %s', (_what, context) => {
    expect(() => call(context)).toThrow(refused('token_invalid'));
  });

  test('is nobody on a route that was left without the authorizer', () => {
    const event = { requestContext: {} } as unknown as APIGatewayProxyEventV2;
    expect(() => callerOf(event, { user: true }, NOW)).toThrow(refused('token_invalid'));
  });

  test('is asked to come again by a route that still has the authorizer of the release before', () => {
    const event = { requestContext: { authorizer: { jwt: { claims: { sub: 'ada' } } } } };
    expect(() => callerOf(event as unknown as APIGatewayProxyEventV2, { user: true }, NOW)).toThrow(
      refused('too_busy'),
    );
  });

  test.each(['token_invalid', 'token_expired', 'session_invalid', 'tenant_missing'])(
    'is refused as %s where the authorizer refused the token so',
    (code) => {
      expect(() => call({ refused: code })).toThrow(refused(code));
    },
  );

  test('whose token has ended since the authorizer was asked is refused', () => {
    expect(() => call(contextOf(USER, NOW))).toThrow(refused('token_expired'));
    expect(() => call({ ...contextOf(USER), expiresAt: '' })).toThrow(refused('token_expired'));
    expect(call({ ...contextOf(USER), expiresAt: String(NOW + 1) })).toEqual(USER);
  });

  test.each([
    [USER, { service: 'any', grant: true }],
    [GRANT, { user: true, service: 'any' }],
    [SERVICE, { user: true, grant: true }],
  ] as const)('of a kind that the route does not take is refused: %j', (caller, takes) => {
    expect(() => call(contextOf(caller), takes)).toThrow(refused('caller_kind_refused'));
  });

  test('that is a service needs the scope of the route, and no other does', () => {
    for (const wanted of SCOPES) {
      for (const scope of SCOPES) {
        const service: Caller = { kind: 'service', client: 'billing', scopes: [scope], tenant: 'acme' };
        const asked = () => call(contextOf(service), { service: wanted });
        if (scope === wanted) expect(asked()).toEqual(service);
        else expect(asked).toThrow(expect.objectContaining({ code: 'scope_missing' }));
      }
    }
  });

  test('that is a service is told which scope it lacks', () => {
    expect(() => call(contextOf(SERVICE), { service: ['uploads.write', 'grants'] })).toThrow(
      'This route asks for the scope uploads.write or grants.',
    );
  });
});
