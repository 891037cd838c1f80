import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_KEY, toSecrets } from '../../../src/lib/grant/signed-text.ts';
import { redact } from '../../../src/lib/log/redact.ts';
import {
  createSessionTokens,
  MAX_SESSION_SECONDS,
  type UploadSession,
} from '../../../src/lib/uppy/session.ts';

const NOW = 1_795_166_100_000;
const SECRET = 'k'.repeat(64);
const SESSION: UploadSession = {
  caller: { kind: 'user', tenant: 'acme', subject: 'ada' },
  policy: 'images',
  maxBytes: 1000,
  types: ['image/png'],
};

function setup(...secrets: readonly [string, ...string[]]) {
  return createSessionTokens(secrets);
}

const invalid = expect.objectContaining({ code: 'session_invalid' });

describe('a session token', () => {
  test('brings back what it was made of, whatever names the caller has', () => {
    const tokens = setup(SECRET);
    fc.assert(
      fc.property(
        fc.record({
          kind: fc.constant('user' as const),
          tenant: fc.string(),
          subject: fc.string({ unit: 'binary' }),
        }),
        fc.option(fc.string(), { nil: undefined }),
        (caller, policy) => {
          const session = { caller, ...(policy !== undefined && { policy }) };
          const token = tokens.issue(session, NOW + 1000);
          expect(token).toMatch(/^[\w.-]+$/);
          expect(tokens.read(token, NOW)).toEqual({ ...session, expiresAt: NOW + 1000 });
        },
      ),
    );
    expect(tokens.read(tokens.issue(SESSION, NOW + 1000), NOW)).toEqual({
      ...SESSION,
      expiresAt: NOW + 1000,
    });
  });

  test('is refused from the second on in which it expires', () => {
    const tokens = setup(SECRET);
    const token = tokens.issue(SESSION, NOW + 60_000);
    expect(tokens.read(token, NOW + 59_999)).toMatchObject(SESSION);
    expect(() => tokens.read(token, NOW + 60_000)).toThrow(
      expect.objectContaining({ code: 'session_expired' }),
    );
  });

  // A key that had got out signed until 2096: the end was looked at only where tokens are made.
  test('is refused when it lasts longer than a session may, but for what clocks differ', () => {
    const tokens = setup(SECRET);
    const most = MAX_SESSION_SECONDS * 1000 + 60_000;
    const tooLong = tokens.issue(SESSION, NOW + most + 1000);
    expect(tokens.read(tokens.issue(SESSION, NOW + most), NOW)).toMatchObject(SESSION);
    expect(() => tokens.read(tooLong, NOW)).toThrow(invalid);
    expect(() => tokens.read(tokens.issue(SESSION, Date.UTC(2096, 0)), NOW)).toThrow(invalid);
    expect(() => tokens.read(tokens.issue(SESSION, Number.MAX_SAFE_INTEGER), NOW)).toThrow(invalid);
  });

  test('is refused with any one character changed, left out or added', () => {
    const tokens = setup(SECRET);
    const token = tokens.issue(SESSION, NOW + 1000);
    for (let at = 0; at < token.length; at += 1) {
      const [before, character, after] = [token.slice(0, at), token[at], token.slice(at + 1)];
      const other = character === 'A' ? 'B' : 'A';
      for (const changed of [before + other + after, before + after, `${before}.${character}${after}`]) {
        expect(() => tokens.read(changed, NOW), changed).toThrow(invalid);
      }
    }
    for (const changed of [`${token}=`, `${token}.`, ` ${token}`, token.toUpperCase(), '', '...', 'slu1']) {
      expect(() => tokens.read(changed, NOW), changed).toThrow(invalid);
    }
  });

  test('is refused when only its bytes are the same: base64 spells some bytes in several ways', () => {
    const tokens = setup(SECRET);
    const token = tokens.issue(SESSION, NOW + 1000);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The last character of 43 carries four bits; its other two may be anything.
    const twin = token.slice(0, -1) + alphabet[(alphabet.indexOf(token.at(-1) ?? '') ^ 1) % 64];
    expect(Buffer.from(twin.split('.')[3] ?? '', 'base64url')).toEqual(
      Buffer.from(token.split('.')[3] ?? '', 'base64url'),
    );
    expect(() => tokens.read(twin, NOW)).toThrow(invalid);
  });

  test('is refused when another key made it, even one that claims the id of ours', () => {
    const foreign = setup('f'.repeat(64)).issue(SESSION, NOW + 1000);
    const ours = setup(SECRET).issue(SESSION, NOW + 1000);
    const disguised = [foreign.split('.')[0], ours.split('.')[1], ...foreign.split('.').slice(2)].join('.');
    expect(() => setup(SECRET).read(foreign, NOW)).toThrow(invalid);
    expect(() => setup(SECRET).read(disguised, NOW)).toThrow(invalid);
  });

  test('of the previous key is good until that key is dropped', () => {
    const old = 'o'.repeat(64);
    const token = setup(old).issue(SESSION, NOW + 1000);
    expect(setup(SECRET, old).read(token, NOW)).toMatchObject(SESSION);
    expect(() => setup(SECRET).read(token, NOW)).toThrow(invalid);
    expect(setup(SECRET, old).issue(SESSION, NOW)).toBe(setup(SECRET).issue(SESSION, NOW));
  });

  test('leaves a log line without a trace, in a path or by itself', () => {
    const token = setup(SECRET).issue(SESSION, NOW + 1000);
    for (const text of [token, `GET /uppy/${token}/s3/params failed`, `"${token}"`]) {
      for (const piece of token.split('.').slice(2)) expect(redact('text', text)).not.toContain(piece);
    }
  });
});

describe('the keys', () => {
  test('are one when there is no previous key, and two when there is', () => {
    expect(toSecrets(SECRET, undefined)).toEqual([SECRET]);
    expect(toSecrets(SECRET, NO_KEY)).toEqual([SECRET]);
    expect(toSecrets(SECRET, 'p'.repeat(32))).toEqual([SECRET, 'p'.repeat(32)]);
  });

  test('are refused when they are short enough to guess', () => {
    expect(() => setup('k'.repeat(31))).toThrow('too short');
  });
});
