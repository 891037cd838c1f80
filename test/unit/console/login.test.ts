import { SignInError } from '@sluice/client/cognito';
import { openLogin, resumeLogin } from '@sluice/console/login';
import { expect, test } from 'vitest';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;

function toToken(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

/** A token that is good for so long from the test's now on; the number tells two of them apart. */
function tokenFor(minutes: number, number = 1) {
  return toToken({ exp: (NOW + minutes * MINUTE) / 1000, email: 'žofie@example.com', sub: 'user1', number });
}

function setup({ renewed = tokenFor(60, 2), hasCognito = true } = {}) {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  const calls: string[] = [];
  const cognito = {
    signIn: async () => {
      throw new SignInError('Unused', 'a session never signs in by itself');
    },
    refresh: async (refreshToken: string) => {
      calls.push(`refresh ${refreshToken}`);
      if (renewed === '') throw new SignInError('NotAuthorizedException', 'revoked');
      return { idToken: renewed, refreshToken };
    },
    revoke: async (refreshToken: string) => {
      calls.push(`revoke ${refreshToken}`);
    },
  };
  const clock = { now: NOW };
  const deps = { cognito: hasCognito ? cognito : undefined, storage, now: () => clock.now };
  const open = (idToken: string, refreshToken = 'refresh1') => {
    const session = openLogin(deps, { idToken, refreshToken });
    if (!session) throw new Error('no session was opened');
    return session;
  };
  return { deps, open, stored, calls, clock };
}

test('names the person by e-mail, letters beyond ASCII included', () => {
  expect(setup().open(tokenFor(60)).name).toBe('žofie@example.com');
});

test('gives the same token while it is good, without asking the pool', async () => {
  const { open, calls } = setup();
  expect(await open(tokenFor(60)).token()).toBe(tokenFor(60));
  expect(calls).toEqual([]);
});

test('renews a token shortly before it ends, once for all calls that wait', async () => {
  const { open, calls, clock } = setup();
  const session = open(tokenFor(60));
  clock.now = NOW + 59.5 * MINUTE;
  expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual(
    Array(3).fill(tokenFor(60, 2)),
  );
  expect(calls).toEqual(['refresh refresh1']);
});

test('renews a token that the API has refused', async () => {
  const session = setup().open(tokenFor(60));
  expect(await session.token(tokenFor(60))).toBe(tokenFor(60, 2));
});

test('gives the refused token again when the pool renews it no longer, so that the caller gives up', async () => {
  const session = setup({ renewed: '' }).open(tokenFor(60));
  expect(await session.token(tokenFor(60))).toBe(tokenFor(60));
});

test('gives a pasted token as it is, since nobody can renew it', async () => {
  const { open, clock } = setup({ hasCognito: false });
  const session = open(tokenFor(60));
  clock.now = NOW + 61 * MINUTE;
  expect(await session.token()).toBe(tokenFor(60));
});

test('is resumed after a reload from the short-lived token alone', async () => {
  const { open, deps, stored } = setup();
  open(tokenFor(60));
  expect([...stored.values()]).toEqual([tokenFor(60)]);
  expect(await resumeLogin(deps)?.token()).toBe(tokenFor(60));
});

test('is not resumed once its token has ended', () => {
  const { open, deps, clock } = setup();
  open(tokenFor(60));
  clock.now = NOW + 60 * MINUTE;
  expect(resumeLogin(deps)).toBeUndefined();
});

test('forgets the token and revokes the long-lived one at its end', async () => {
  const { open, stored, calls } = setup();
  await open(tokenFor(60)).end();
  expect([...stored]).toEqual([]);
  expect(calls).toEqual(['revoke refresh1']);
});

test.each([
  ['no token at all', 'hello'],
  ['a token without a signature', 'e30.e30.'],
  ['a token whose middle is no JSON', 'e30.!!!!.c2ln'],
  ['a token that never ends', toToken({ email: 'a@example.com' })],
  ['a token that has ended', tokenFor(-1)],
])('opens for no one who brings %s', (_what, idToken) => {
  const { deps } = setup();
  expect(openLogin(deps, { idToken })).toBeUndefined();
});
