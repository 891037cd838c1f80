import { CredentialsExpiredError, type SigningCredentials } from '@sluice/connection/sign/credentials';
import { createPartsPresigner, type PartsRequest, toPartUrls } from '@sluice/connection/sign/presign-parts';
import { createPresigner } from '@sluice/connection/sign/presign-url';
import { describe, expect, test } from 'vitest';

const ADDRESS = { region: 'eu-central-1', bucket: 'uploads' };

function setup() {
  const presigner = createPartsPresigner(ADDRESS);
  const credentials = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'the-secret',
    sessionToken: 'T'.repeat(1200),
  };
  const request: PartsRequest = {
    key: 'tenant/upload 1',
    uploadId: 'id/with+signs=',
    parts: [
      { partNumber: 7, contentLength: 8_388_608 },
      { partNumber: 8, contentLength: 1 },
      { partNumber: 2, contentLength: 0 },
    ],
    expiresInSeconds: 3600,
    signedAt: new Date('2026-11-22T10:00:00Z'),
  };
  const presign = (changes: Partial<PartsRequest> = {}, by: Partial<SigningCredentials> = {}) =>
    presigner.presignParts({ ...credentials, ...by }, { ...request, ...changes });
  return { presign, credentials, request };
}

describe('presignParts', () => {
  test('says in short what signing each part by itself says at length, in the order asked for', () => {
    const { presign, credentials, request } = setup();
    const single = createPresigner(ADDRESS);

    const urls = toPartUrls(presign(), request.parts);

    expect(urls).toEqual(
      request.parts.map(
        ({ partNumber, contentLength }) =>
          single.presignUrl(credentials, {
            method: 'PUT',
            key: request.key,
            headers: { 'content-length': String(contentLength) },
            query: { partNumber: String(partNumber), uploadId: request.uploadId },
            expiresInSeconds: 3600,
            signedAt: request.signedAt,
          }).url,
      ),
    );
  });

  test('answers with 10 000 parts in less than a megabyte, session token included', () => {
    const { presign } = setup();
    const parts = Array.from({ length: 10_000 }, (_, index) => ({
      partNumber: index + 1,
      contentLength: 5_242_880,
    }));

    const answer = presign({ parts });

    expect(answer.signatures).toHaveLength(10_000);
    expect(JSON.stringify(answer).length).toBeLessThan(1_000_000);
  });

  test('signs nothing when no part is asked for', () => {
    const { presign } = setup();

    expect(presign({ parts: [] }).signatures).toEqual([]);
  });

  test('expires with the credentials when those end sooner', () => {
    const { presign } = setup();

    const { prefix, expiresAt } = presign({}, { expiration: new Date('2026-11-22T10:05:00Z') });

    expect(prefix).toContain('&X-Amz-Expires=300&');
    expect(expiresAt).toEqual(new Date('2026-11-22T10:05:00Z'));
  });

  test('refuses credentials that have expired', () => {
    const { presign } = setup();

    expect(() => presign({}, { expiration: new Date('2026-11-22T09:00:00Z') })).toThrow(
      CredentialsExpiredError,
    );
  });

  test.each([0, 10_001, 1.5, Number.NaN])('refuses %d as a part number', (partNumber) => {
    const { presign } = setup();

    expect(() => presign({ parts: [{ partNumber, contentLength: 1 }] })).toThrow(
      `a part number must be a whole number from 1 to 10000, not ${partNumber}`,
    );
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses %d as the length of a part', (contentLength) => {
    const { presign } = setup();

    expect(() => presign({ parts: [{ partNumber: 1, contentLength }] })).toThrow(
      `the length of a part must be a whole number of bytes, not ${contentLength}`,
    );
  });

  test('refuses an empty upload id, which would sign for an ordinary PUT', () => {
    const { presign } = setup();

    expect(() => presign({ uploadId: '' })).toThrow('an upload id must not be empty');
  });
});

describe('toPartUrls', () => {
  test('refuses parts that are not as many as the signatures', () => {
    const { presign, request } = setup();

    expect(() => toPartUrls(presign(), request.parts.slice(1))).toThrow(
      'there must be one signature for each part',
    );
  });
});
