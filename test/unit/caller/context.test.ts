import { SCOPES } from '@sluice/contract/caller';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseContext, toContext } from '../../../src/lib/caller/context.ts';

const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const owner = { tenant: name, subject: name };
const service = fc.constant('service' as const);
const scopes = fc.shuffledSubarray([...SCOPES]).map((some) => SCOPES.filter((scope) => some.includes(scope)));
const caller = fc.oneof(
  fc.record({ kind: fc.constant('user' as const), ...owner }),
  fc.record({ kind: fc.constant('grant' as const), ...owner, grantId: name }),
  fc.record({ kind: service, client: name, scopes, tenant: name }),
  fc.record({
    kind: service,
    client: name,
    scopes: scopes.map((some) => SCOPES.filter((scope) => scope === 'tenants' || some.includes(scope))),
  }),
);

describe('what the authorizer hands on', () => {
  test('is flat, and the caller again on the other side', () => {
    fc.assert(
      fc.property(caller, fc.nat(), (who, expiresAt) => {
        const context = toContext({ caller: who, expiresAt });
        expect(Object.values(context).filter((value) => typeof value === 'object')).toEqual([]);
        expect(parseContext(JSON.parse(JSON.stringify(context)))).toEqual({ caller: who, expiresAt });
      }),
    );
  });

  test('is a caller or a refusal, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (context) => {
        expect(parseContext(context)).toEqual({ refused: 'token_invalid' });
      }),
    );
  });
});
