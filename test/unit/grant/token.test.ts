import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_GRANT_SECONDS } from '../../../src/lib/grant/grant.ts';
import { createGrantTokens, isGrantToken } from '../../../src/lib/grant/token.ts';
import { redact } from '../../../src/lib/log/redact.ts';
import { createSessionTokens } from '../../../src/lib/uppy/session.ts';

const NOW = 1_795_166_100_000;
const SECRET = 'k'.repeat(64);
const GRANT_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

function setup(...secrets: readonly [string, ...string[]]) {
  return createGrantTokens(secrets);
}

const invalid = expect.objectContaining({ code: 'session_invalid' });

describe("a grant's token", () => {
  test('brings back the grant that it was made of, in letters that a path and a header take', () => {
    const tokens = setup(SECRET);
    fc.assert(
      fc.property(fc.uuid(), (grantId) => {
        const token = tokens.issue({ grantId, expiresAt: NOW + 1000 });
        expect(token).toMatch(/^slu2(?:\.[\w-]+){3}$/);
        expect(isGrantToken(token)).toBe(true);
        expect(tokens.read(token, NOW)).toEqual({ grantId, expiresAt: NOW + 1000 });
      }),
    );
  });

  test('is refused from the second on in which it expires', () => {
    const tokens = setup(SECRET);
    const token = tokens.issue({ grantId: GRANT_ID, expiresAt: NOW + 60_000 });
    expect(tokens.read(token, NOW + 59_999).grantId).toBe(GRANT_ID);
    expect(() => tokens.read(token, NOW + 60_000)).toThrow(
      expect.objectContaining({ code: 'session_expired' }),
    );
  });

  test('is refused when it lasts longer than a day, but for what clocks differ, whoever has the key', () => {
    const tokens = setup(SECRET);
    const most = MAX_GRANT_SECONDS * 1000 + 60_000;
    const ending = (expiresAt: number) => tokens.issue({ grantId: GRANT_ID, expiresAt });
    expect(tokens.read(ending(NOW + most), NOW).grantId).toBe(GRANT_ID);
    expect(() => tokens.read(ending(NOW + most + 1000), NOW)).toThrow(invalid);
    expect(() => tokens.read(ending(Date.UTC(2096, 0)), NOW)).toThrow(invalid);
  });

  test('is refused with any one character changed, left out or added', () => {
    const tokens = setup(SECRET);
    const token = tokens.issue({ grantId: GRANT_ID, expiresAt: NOW + 1000 });
    for (let at = 0; at < token.length; at += 1) {
      const [before, character, after] = [token.slice(0, at), token[at], token.slice(at + 1)];
      const other = character === 'A' ? 'B' : 'A';
      for (const changed of [before + other + after, before + after, `${before}.${character}${after}`]) {
        expect(() => tokens.read(changed, NOW)).toThrow(invalid);
      }
    }
  });

  test('is read by a key that was replaced, and by none that was taken back', () => {
    const token = setup(SECRET).issue({ grantId: GRANT_ID, expiresAt: NOW + 1000 });
    const next = 'n'.repeat(64);
    expect(setup(next, SECRET).read(token, NOW).grantId).toBe(GRANT_ID);
    expect(setup(next).knows(token)).toBe(false);
    expect(() => setup(next).read(token, NOW)).toThrow(invalid);
  });

  test('is none of an older session, nor a session one of these, though their keys are the same', () => {
    const session = createSessionTokens([SECRET]).issue(
      { caller: { kind: 'user', tenant: 'acme', subject: 'ada' } },
      NOW + 1000,
    );
    const token = setup(SECRET).issue({ grantId: GRANT_ID, expiresAt: NOW + 1000 });
    const [, id, payload, mac] = session.split('.');
    expect(() => setup(SECRET).read(session, NOW)).toThrow(invalid);
    expect(() => setup(SECRET).read(`slu2.${id}.${payload}.${mac}`, NOW)).toThrow(invalid);
    expect(() => createSessionTokens([SECRET]).read(token, NOW)).toThrow(invalid);
    expect(isGrantToken(session)).toBe(false);
  });

  test('leaves no log line that it is in', () => {
    const token = setup(SECRET).issue({ grantId: GRANT_ID, expiresAt: NOW + 1000 });
    expect(redact('path', `GET /uppy/${token}/s3/params`)).toBe('GET /uppy/[redacted]/s3/params');
  });
});
