import type { RefusalCode } from '@sluice/contract/refusals';
import { Refusal } from '@sluice/contract/refusals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AuthorizeDeps, authorize } from '../../../src/lib/caller/authorize.ts';
import type { Claims } from '../../../src/lib/caller/claims.ts';
import { createKeys, KeysUnavailable } from '../../../src/lib/caller/keys.ts';

const ISSUER = 'https://id.example.com/';
const KEYS = 'https://keys.example.com/jwks';
const NOW = Date.parse('2026-11-20T09:15:00Z');

type Key = Awaited<ReturnType<typeof generateKeyPair>> & { readonly kid: string; readonly alg: string };

let rsa: Key;
let elliptic: Key;
let foreign: Key;
let next: Key;

async function aKey(kid: string, alg: string): Promise<Key> {
  return { ...(await generateKeyPair(alg, { extractable: true })), kid, alg };
}

beforeAll(async () => {
  [rsa, elliptic, foreign, next] = await Promise.all([
    aKey('rsa', 'RS256'),
    aKey('elliptic', 'ES256'),
    aKey('rsa', 'RS256'), // by the name of another
    aKey('next', 'RS256'),
  ]);
});

async function publicOf({ publicKey, kid, alg }: Key) {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
}

/** A token of somebody at the issuer's, with changes. */
function tokenOf(claims: Claims = {}, key: Key = rsa): Promise<string> {
  const seconds = NOW / 1000;
  return new SignJWT({ iss: ISSUER, aud: 'web', sub: 'ada', org: 'acme', exp: seconds + 3600, ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .sign(key.privateKey);
}

async function setup({ keys = [rsa, elliptic] }: { keys?: readonly Key[] } = {}) {
  const world = { now: NOW, keys, isDown: false, gets: [] as string[], failures: [] as unknown[] };
  const refused: (readonly [RefusalCode, string])[] = [];
  const deps: AuthorizeDeps = {
    issuer: ISSUER,
    audiences: { kind: 'issuer', user: 'web', service: 'backends' },
    tenantClaim: 'org',
    keys: createKeys({
      issuer: ISSUER,
      get: async (address) => {
        world.gets.push(address);
        if (world.isDown) throw new KeysUnavailable(address, 'it does not answer');
        return address === KEYS
          ? { keys: await Promise.all(world.keys.map(publicOf)) }
          : { issuer: ISSUER, jwks_uri: KEYS };
      },
      now: () => world.now,
      onFailure: (error) => void world.failures.push(error),
    }),
    readGrant: async (token) => {
      if (token !== 'slu2.good') throw new Refusal('session_invalid');
      return {
        caller: { kind: 'grant', tenant: 'acme', subject: 'ada', grantId: 'g1' },
        expiresAt: NOW + 60_000,
      };
    },
    now: () => world.now,
    onRefused: (code, why) => void refused.push([code, why]),
  };
  return { world, refused, call: (authorization: string) => authorize(deps, authorization) };
}

const ADA = { kind: 'user', tenant: 'acme', subject: 'ada', expiresAt: NOW + 3_630_000 };

describe('a token of the issuer', () => {
  test('is its user’s, with the scheme or without, as before', async () => {
    const { call } = await setup();
    const token = await tokenOf();
    for (const text of [`Bearer ${token}`, `bearer  ${token}`, token, ` ${token} `]) {
      expect(await call(text)).toEqual(ADA);
    }
    expect(await call(`Bearer ${await tokenOf({}, elliptic)}`)).toEqual(ADA);
  });

  test('is a service’s by its audience, with the scopes that it names', async () => {
    const { call } = await setup();
    const claims = { aud: 'backends', sub: 'billing', scope: 'uploads.read tenants other' };
    expect(await call(await tokenOf(claims))).toEqual({
      kind: 'service',
      client: 'billing',
      scopes: 'uploads.read tenants',
      expiresAt: NOW + 3_630_000,
    });
  });

  test('that has ended, or is not valid yet, is refused, but for what clocks may differ', async () => {
    const { call } = await setup();
    const seconds = NOW / 1000;
    expect(await call(await tokenOf({ exp: seconds - 30 }))).toEqual({ refused: 'token_expired' });
    expect(await call(await tokenOf({ exp: seconds - 29 }))).toMatchObject({ kind: 'user' });
    expect(await call(await tokenOf({ nbf: seconds + 31 }))).toEqual({ refused: 'token_invalid' });
    expect(await call(await tokenOf({ nbf: seconds + 30 }))).toMatchObject({ kind: 'user' });
  });

  test.each<readonly [string, Claims]>([
    ['of another issuer', { iss: 'https://id.example.com' }],
    ['without an issuer', { iss: undefined }],
    ['without an end', { exp: undefined }],
    ['for another audience', { aud: 'web2' }],
    ['for users and services at once', { aud: ['web', 'backends'] }],
  ])('%s is refused', async (_what, claims) => {
    const { call, refused } = await setup();
    expect(await call(await tokenOf(claims))).toEqual({ refused: 'token_invalid' });
    expect(refused).toHaveLength(1);
  });

  test('without a tenant is refused as such', async () => {
    const { call } = await setup();
    expect(await call(await tokenOf({ org: undefined }))).toEqual({ refused: 'tenant_missing' });
  });
});

describe('what is no token of the issuer', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: ISSUER, aud: 'web', sub: 'ada', org: 'acme', exp: NOW / 1000 + 60 };

  test.each<readonly [string, () => Promise<string>]>([
    ['nothing', async () => ''],
    ['the scheme alone', async () => 'Bearer '],
    ['garbage', async () => 'Bearer garbage'],
    ['another scheme', async () => 'Basic YTpi'],
    ['two dots', async () => 'Bearer ..'],
    ['no signature', async () => `${encode({ alg: 'none' })}.${encode(claims)}.`],
    ['the key of another under the same name', () => tokenOf({}, foreign)],
    ['a key that the issuer does not have', () => tokenOf({}, next)],
    [
      'the public key as a shared secret',
      async () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: 'rsa' })
          .sign(Buffer.from(JSON.stringify(await publicOf(rsa)))),
    ],
    [
      'a key in its own header',
      async () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'RS256', jwk: await publicOf(next), jku: 'https://evil.example.com' })
          .sign(next.privateKey),
    ],
    [
      'other claims than were signed',
      async () => {
        const [header, , mac] = (await tokenOf()).split('.');
        return `${header}.${encode({ ...claims, sub: 'eve' })}.${mac}`;
      },
    ],
  ])('is refused: %s', async (_what, make) => {
    const { call, world } = await setup();
    expect(await call(await make())).toEqual({ refused: 'token_invalid' });
    expect(world.gets.filter((address) => address.includes('evil'))).toEqual([]);
  });

  test('is told to the operator without anything of it', async () => {
    const { call, refused } = await setup();
    await call(await tokenOf({ aud: 'secret-aud' }));
    await call(await tokenOf({ iss: 'https://secret-iss.example.com' }));
    expect(refused).toEqual([
      ['token_invalid', 'it is for another audience'],
      ['token_invalid', 'ERR_JWT_CLAIM_VALIDATION_FAILED: iss'],
    ]);
  });
});

describe('a token of our own', () => {
  test('is read as a grant’s, and by nothing else', async () => {
    const { call, world } = await setup();
    expect(await call('Bearer slu2.good')).toEqual({
      kind: 'grant',
      tenant: 'acme',
      subject: 'ada',
      grant: 'g1',
      expiresAt: NOW + 60_000,
    });
    expect(await call('Bearer slu1.a.b.c')).toEqual({ refused: 'session_invalid' });
    expect(world.gets).toEqual([]);
  });
});

describe('the keys of the issuer', () => {
  test('are looked for where its discovery document says, once for all tokens', async () => {
    const { call, world } = await setup();
    const token = await tokenOf();
    await Promise.all([call(token), call(token), call(await tokenOf({}, elliptic))]);
    world.now += 9 * 60_000;
    await call(token);
    expect(world.gets).toEqual(['https://id.example.com/.well-known/openid-configuration', KEYS]);
    world.now += 60_000;
    await call(token);
    expect(world.gets).toHaveLength(4);
  });

  test('are asked for again at once for a key that is new, and every ten seconds for one that is made up', async () => {
    const { call, world } = await setup();
    await call(await tokenOf());
    world.keys = [rsa, next];
    world.now += 10_000;
    expect(await call(await tokenOf({}, next))).toMatchObject({ kind: 'user' });
    const asked = world.gets.length;
    const madeUp = await tokenOf({}, { ...foreign, kid: 'made-up' });
    for (let call_ = 0; call_ < 20; call_ += 1) {
      world.now += 1_000;
      expect(await call(madeUp)).toEqual({ refused: 'token_invalid' });
    }
    expect(world.gets.length - asked).toBe(4); // two for each time
  });

  test('that cannot be had say nothing of a token: it is a fault, and no refusal', async () => {
    const { call, world, refused } = await setup();
    world.isDown = true;
    await expect(call(await tokenOf())).rejects.toThrow(KeysUnavailable);
    world.isDown = false;
    world.now += 2_000;
    expect(await call(await tokenOf())).toEqual(ADA);
    world.isDown = true;
    world.now += 10_000;
    await expect(call(await tokenOf({}, next))).rejects.toThrow(KeysUnavailable);
    expect(refused).toEqual([]);
  });

  test('serve for two hours more where the issuer is down', async () => {
    const { call, world } = await setup();
    const token = await tokenOf({ exp: NOW / 1000 + 86_400 });
    await call(token);
    world.isDown = true;
    world.now += 2 * 3_600_000 - 1;
    expect(await call(token)).toMatchObject({ kind: 'user' });
    expect(world.failures).toEqual([expect.any(KeysUnavailable)]);
    world.now += 1;
    await expect(call(token)).rejects.toThrow(KeysUnavailable);
  });

  test.each<readonly [string, unknown, unknown]>([
    ['a document of another issuer', { issuer: 'https://id.example.com', jwks_uri: KEYS }, { keys: [] }],
    ['a document without an address', { issuer: ISSUER }, { keys: [] }],
    ['an address without TLS', { issuer: ISSUER, jwks_uri: 'http://keys.example.com' }, { keys: [] }],
    ['no document', 'oh', { keys: [] }],
    ['keys that are none', { issuer: ISSUER, jwks_uri: KEYS }, { keys: 'none' }],
    ['no keys', { issuer: ISSUER, jwks_uri: KEYS }, null],
  ])('are not to be had from %s', async (_what, document, keys) => {
    const find = createKeys({
      issuer: ISSUER,
      get: async (address) => (address === KEYS ? keys : document),
      now: () => NOW,
      onFailure: () => {},
    });
    await expect(find({ alg: 'RS256', kid: 'rsa' }, { payload: '', signature: '' })).rejects.toThrow(
      KeysUnavailable,
    );
  });
});
