import { describe, expect, test } from 'vitest';
import { beginSession } from '../../../src/lib/uppy/begin.ts';
import { parseSessionWish } from '../../../src/lib/uppy/parse-wish.ts';
import { createSessionTokens } from '../../../src/lib/uppy/session.ts';
import { policies } from '../../../src/policies.ts';

const CALLER = { kind: 'user', tenant: 'acme', subject: 'ada' } as const;
const NOW = 1_795_166_100_123;

function setup() {
  const tokens = createSessionTokens(['k'.repeat(64)]);
  return {
    tokens,
    begin: (body?: unknown) =>
      beginSession(
        { policies, tokens, now: () => NOW },
        CALLER,
        parseSessionWish({
          headers: { 'content-type': 'application/json' },
          isBase64Encoded: false,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      ),
  };
}

describe('an upload session', () => {
  test('lasts an hour and has the limits of the policies when nothing is asked for', () => {
    const { begin, tokens } = setup();
    for (const body of [undefined, {}]) {
      const { token, expiresAt } = begin(body);
      expect(expiresAt.getTime()).toBe(Math.floor(NOW / 1000) * 1000 + 3_600_000);
      expect(tokens.read(token, NOW)).toEqual({ caller: CALLER, expiresAt: expiresAt.getTime() });
    }
  });

  test('is bound to the limits that are asked for, by the canonical names of types', () => {
    const { begin, tokens } = setup();
    const wish = {
      policy: 'images',
      maxBytes: 1000,
      types: ['IMAGE/JPG', 'image/png'],
      expiresInSeconds: 60,
    };
    const { token, expiresAt } = begin(wish);
    expect(tokens.read(token, NOW)).toEqual({
      caller: CALLER,
      policy: 'images',
      maxBytes: 1000,
      types: ['image/jpeg', 'image/png'],
      expiresAt: expiresAt.getTime(),
    });
    expect(() => tokens.read(token, expiresAt.getTime())).toThrow(
      expect.objectContaining({ code: 'session_expired' }),
    );
  });

  test.each([
    ['policy_unknown', { policy: 'nope' }],
    ['policy_unknown', { policy: 'constructor' }],
    ['type_not_allowed', { types: ['text/html'] }],
    ['type_not_allowed', { policy: 'images', types: ['image/png', 'text/csv'] }],
    ['content_type_invalid', { types: ['png'] }],
    ['session_types_invalid', { types: [] }],
    ['session_types_invalid', { types: Array.from({ length: 21 }, () => 'image/png') }],
    ['session_max_bytes_invalid', { maxBytes: 0 }],
    ['session_max_bytes_invalid', { maxBytes: 1.5 }],
    ['session_lifetime_invalid', { expiresInSeconds: 59 }],
    ['session_lifetime_invalid', { expiresInSeconds: 86_401 }],
    ['session_lifetime_invalid', { expiresInSeconds: '60' }],
    ['field_unknown', { tenant: 'other' }],
  ])('is refused as %s for %j', (code, body) => {
    const { begin } = setup();
    expect(() => begin(body)).toThrow(expect.objectContaining({ code }));
  });
});
