import { type Caller, SCOPES } from '@sluice/contract/caller';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { toContext } from '../../../src/lib/caller/context.ts';
import type { UploadGrant } from '../../../src/lib/grant/grant.ts';
import { callerOf, type Takes } from '../../../src/lib/http/caller.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';

const NOW = 1_000_000;

function call(context: unknown, takes: Takes = { user: true, grant: 'by-token', service: 'any' }) {
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
  test.each([USER, GRANT, SERVICE])('is who the authorizer says: %j', async (caller) => {
    expect(await call(contextOf(caller))).toEqual(caller);
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
  ])('is nobody where the authorizer says %s', async (_what, context) => {
    await expect(call(context)).rejects.toThrow(refused('token_invalid'));
  });

  test('is nobody on a route that was left without the authorizer', async () => {
    const event = { requestContext: {} } as unknown as APIGatewayProxyEventV2;
    await expect(callerOf(event, { user: true }, NOW)).rejects.toThrow(refused('token_invalid'));
  });

  test('is asked to come again by a route that still has the authorizer of the release before', async () => {
    const event = { requestContext: { authorizer: { jwt: { claims: { sub: 'ada' } } } } };
    await expect(callerOf(event as unknown as APIGatewayProxyEventV2, { user: true }, NOW)).rejects.toThrow(
      refused('too_busy'),
    );
  });

  test.each(['token_invalid', 'token_expired', 'session_invalid', 'tenant_missing'])(
    'is refused as %s where the authorizer refused the token so',
    async (code) => {
      await expect(call({ refused: code })).rejects.toThrow(refused(code));
    },
  );

  test('whose token has ended since the authorizer was asked is refused', async () => {
    await expect(call(contextOf(USER, NOW))).rejects.toThrow(refused('token_expired'));
    await expect(call({ ...contextOf(USER), expiresAt: '' })).rejects.toThrow(refused('token_expired'));
    expect(await call({ ...contextOf(USER), expiresAt: String(NOW + 1) })).toEqual(USER);
  });

  test.each([
    [USER, { service: 'any', grant: 'by-token' }],
    [GRANT, { user: true, service: 'any' }],
    [SERVICE, { user: true, grant: 'by-token' }],
  ] as const)('of a kind that the route does not take is refused: %j', async (caller, takes) => {
    await expect(call(contextOf(caller), takes)).rejects.toThrow(refused('caller_kind_refused'));
  });

  test('that is a service needs the scope of the route, and no other does', async () => {
    for (const wanted of SCOPES) {
      for (const scope of SCOPES) {
        const service: Caller = { kind: 'service', client: 'billing', scopes: [scope], tenant: 'acme' };
        const asked = () => call(contextOf(service), { service: wanted });
        if (scope === wanted) expect(await asked()).toEqual(service);
        else await expect(asked()).rejects.toThrow(expect.objectContaining({ code: 'scope_missing' }));
      }
    }
  });

  test('that is a service is told which scope it lacks', async () => {
    await expect(call(contextOf(SERVICE), { service: ['uploads.write', 'grants'] })).rejects.toThrow(
      'This route asks for the scope uploads.write or grants.',
    );
  });

  const setup = (limits: Partial<UploadGrant> = {}) => {
    const grants = createMemoryGrants();
    const grant = aGrant({ expiresAt: NOW + 1, ...limits });
    grants.rows.set(grant.id, grant);
    const caller = { kind: 'grant', tenant: 'acme', subject: 'ada', grantId: grant.id } as const;
    return { grants, grant, ask: () => call(contextOf(caller), { grant: grants }) };
  };

  test('with a grant comes with its row, and is whom the row is for', async () => {
    const { grant, ask } = setup({ subject: 'bob' });
    expect(await ask()).toEqual({ kind: 'grant', tenant: 'acme', subject: 'bob', grantId: grant.id, grant });
  });

  // The authorizer's answer is kept for five minutes, and a grant that was revoked may be used no second.
  test('with a grant is refused from the call after it was revoked on, and when there is no row of it', async () => {
    const { grants, grant, ask } = setup();
    await ask();
    await grants.revoke(grant.id, NOW);
    await expect(ask()).rejects.toThrow(refused('grant_revoked'));
    grants.rows.delete(grant.id);
    await expect(ask()).rejects.toThrow(refused('session_invalid'));
  });

  test('with a grant is refused when its row has ended, whatever the token says', async () => {
    await expect(setup({ expiresAt: NOW }).ask()).rejects.toThrow(refused('session_expired'));
  });
});
