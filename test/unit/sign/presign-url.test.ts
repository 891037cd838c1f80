import { inspect } from 'node:util';
import { CredentialsExpiredError, type SigningCredentials } from '@sluice/connection/sign/credentials';
import { createPresigner, type UrlRequest } from '@sluice/connection/sign/presign-url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses, credentialSets, keys, lifetimes, signingTimes } from './arbitraries.ts';

function setup() {
  const presigner = createPresigner({ region: 'eu-central-1', bucket: 'uploads' });
  const credentials = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'the-secret',
    sessionToken: 'the-session-token',
  };
  const request: UrlRequest = {
    method: 'PUT',
    key: 'tenant/upload',
    expiresInSeconds: 900,
    signedAt: new Date('2026-11-22T10:00:00Z'),
  };
  const presign = (changes: Partial<UrlRequest> = {}, by: Partial<SigningCredentials> = {}) =>
    presigner.presignUrl({ ...credentials, ...by }, { ...request, ...changes });
  return { presign };
}

function queryOf(url: string) {
  return new URL(url).searchParams;
}

describe('expiresAt', () => {
  test('is the instant that the URL itself names', () => {
    fc.assert(
      fc.property(
        lifetimes,
        signingTimes,
        fc.integer({ min: 1001, max: 1e9 }),
        (wish, signedAt, remaining) => {
          const { presign } = setup();
          const expiration = new Date(signedAt.getTime() + remaining);

          const { url, expiresAt } = presign({ expiresInSeconds: wish, signedAt }, { expiration });

          const from = Math.floor(signedAt.getTime() / 1000);
          expect(expiresAt.getTime()).toBe((from + Number(queryOf(url).get('X-Amz-Expires'))) * 1000);
          expect(queryOf(url).get('X-Amz-Date')).toBe(
            new Date(from * 1000).toISOString().replaceAll(/[:-]|\.000/g, ''),
          );
        },
      ),
    );
  });
});

describe('a signer used again', () => {
  test('signs as a new one does, whoever signed before and on whatever day', () => {
    const uses = fc.array(fc.tuple(credentialSets, signingTimes), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(addresses, uses, (address, sequence) => {
        const used = createPresigner(address);
        for (const [credentials, signedAt] of [...sequence, ...sequence]) {
          const request = { method: 'GET', key: 'a', expiresInSeconds: 60, signedAt } as const;
          const fresh = createPresigner(address).presignUrl(credentials, request);
          expect(used.presignUrl(credentials, request)).toEqual(fresh);
        }
      }),
    );
  });

  test.each([
    { secretAccessKey: 'another-secret' },
    { sessionToken: 'another-token' },
    { accessKeyId: 'ASIAOTHER' },
  ])('does not sign with the credentials of before when they change by %o alone', (change) => {
    const { presign } = setup();

    const before = presign();
    const after = presign({}, change);

    expect(after).toEqual(setup().presign({}, change));
    expect(queryOf(after.url).get('X-Amz-Signature')).not.toBe(queryOf(before.url).get('X-Amz-Signature'));
  });
});

describe('a session token', () => {
  test('is left out when it is empty, as an environment may have it', () => {
    const { presign } = setup();
    const presigner = createPresigner({ region: 'eu-central-1', bucket: 'uploads' });
    const request = { method: 'PUT', key: 'tenant/upload', expiresInSeconds: 900 } as const;

    const { url } = presign({}, { sessionToken: '' });

    expect(url).toBe(
      presigner.presignUrl(
        { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'the-secret' },
        { ...request, signedAt: new Date('2026-11-22T10:00:00Z') },
      ).url,
    );
  });
});

describe('the URL', () => {
  test('leaves a URL parser nothing to rewrite, whatever the key', () => {
    fc.assert(
      fc.property(addresses, keys, fc.dictionary(keys, keys), (address, key, query) => {
        const { url } = createPresigner(address).presignUrl(
          { accessKeyId: 'A/+=', secretAccessKey: 's', sessionToken: 't/+= %' },
          { method: 'GET', key, query, expiresInSeconds: 60, signedAt: new Date(0) },
        );

        expect(new URL(url).href).toBe(url);
      }),
    );
  });

  test.each([
    [['partNumber', 'uploadId']],
    [['versionId', 'X-Amz-Content-Sha256', 'response-content-type']],
    [['a-b', 'a', 'a.b']],
    [['', '0', 'z']],
  ])('has its parameters sorted by name, as they are signed, with %o among them', (names) => {
    const { presign } = setup();

    const { url } = presign({ query: Object.fromEntries(names.map((name) => [name, 'value'])) });

    const sent = [...queryOf(url).keys()].slice(0, -1);
    expect(sent).toEqual([...sent].sort());
    expect(sent).toEqual(expect.arrayContaining(names));
    expect([...queryOf(url).keys()].at(-1)).toBe('X-Amz-Signature');
  });

  test.each(['X-Amz-Expires', 'x-amz-signature', 'X-AMZ-Date', 'X-Amz-Security-Token'])(
    'cannot be given the parameter %s, which the signature sets',
    (name) => {
      const { presign } = setup();

      const reason = `the query parameter ${name} is set by the signature`;
      expect(() => presign({ query: { [name]: '1' } })).toThrow(reason);
      expect(() => presign({ query: { uploadId: '1', partNumber: '1', [name]: '1' } })).toThrow(reason);
    },
  );

  test('cannot have half a surrogate pair in a parameter', () => {
    const { presign } = setup();

    expect(() => presign({ query: { versionId: '\ud83d' } })).toThrow(
      'text to be signed must be well-formed Unicode',
    );
  });

  test.each([
    ['empty', '', 'must not be empty'],
    ['longer than 1024 characters', 'a'.repeat(1025), 'must not exceed 1024 bytes'],
    ['longer than 1024 bytes', 'ä'.repeat(513), 'must not exceed 1024 bytes'],
    ['half a surrogate pair', 'a\ud83d', 'must be well-formed Unicode'],
    ['two dots', '..', 'must not have a "." or ".." segment'],
    ['with two dots at its start', '../a', 'must not have a "." or ".." segment'],
    ['with a dot in its middle', 'a/./b', 'must not have a "." or ".." segment'],
    ['with two dots at its end', 'a/..', 'must not have a "." or ".." segment'],
  ])('is not made for a key that is %s', (_case, key, reason) => {
    const { presign } = setup();

    expect(() => presign({ key })).toThrow(`an object key ${reason}`);
  });
});

describe('headers', () => {
  test('are all signed and given back in lower case, host apart', () => {
    const { presign } = setup();

    const { url, headers } = presign({ headers: { 'If-None-Match': '*', 'Content-Length': '5' } });

    expect(queryOf(url).get('X-Amz-SignedHeaders')).toBe('content-length;host;if-none-match');
    expect(headers).toEqual({ 'content-length': '5', 'if-none-match': '*' });
  });

  test('sign the same in any order and any case', () => {
    const { presign } = setup();

    const one = presign({
      headers: { 'X-Amz-Meta-A': '1', 'content-type': 'image/png', 'If-None-Match': '*' },
    });
    const other = presign({
      headers: { 'IF-NONE-MATCH': '*', 'x-amz-meta-a': '1', 'Content-Type': 'image/png' },
    });

    expect(one).toEqual(other);
  });
});

describe('errors', () => {
  const REFUSED: readonly Partial<UrlRequest>[] = [
    { key: '' },
    { key: '../a' },
    { expiresInSeconds: 0 },
    { signedAt: new Date(Number.NaN) },
    { headers: { host: 'a' } },
    { headers: { a: '\n' } },
    { query: { 'X-Amz-Date': '1' } },
  ];

  test.each(REFUSED)('show no secret when %o is refused', (change) => {
    const { presign } = setup();

    const error = errorOf(() => presign(change));

    expect(error).toBeInstanceOf(RangeError);
    expect(inspect(error)).not.toMatch(/the-secret|the-session-token/);
  });

  test('show no secret when the credentials have expired', () => {
    const { presign } = setup();

    const error = errorOf(() => presign({}, { expiration: new Date(0) }));

    expect(error).toBeInstanceOf(CredentialsExpiredError);
    expect(inspect(error)).not.toMatch(/ASIAEXAMPLE|the-secret|the-session-token/);
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
