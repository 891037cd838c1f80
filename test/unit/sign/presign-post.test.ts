import { CredentialsExpiredError, type SigningCredentials } from '@sluice/connection/sign/credentials';
import {
  createPostPresigner,
  type PostRequest,
  type PresignedPost,
} from '@sluice/connection/sign/presign-post';
import { describe, expect, test } from 'vitest';

function setup() {
  const presigner = createPostPresigner({ region: 'eu-central-1', bucket: 'uploads' });
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret' };
  const request: PostRequest = {
    key: 'tenant/upload',
    contentType: 'image/png',
    contentLengthRange: { min: 5, max: 5 },
    expiresInSeconds: 900,
    signedAt: new Date('2026-11-22T10:00:00Z'),
  };
  const presign = (changes: Partial<PostRequest> = {}, by: Partial<SigningCredentials> = {}) =>
    presigner.presignPost({ ...credentials, ...by }, { ...request, ...changes });
  return { presign };
}

function policyOf({ fields: { Policy = '' } }: PresignedPost): unknown {
  return JSON.parse(Buffer.from(Policy, 'base64').toString());
}

describe('presignPost', () => {
  test('allows exactly the key, the type, the fields and the size that were asked for', () => {
    const { presign } = setup();

    const form = presign({ fields: { 'x-amz-meta-id': '7' } });

    expect(policyOf(form)).toEqual({
      expiration: '2026-11-22T10:15:00Z',
      conditions: [
        ['content-length-range', 5, 5],
        { 'Content-Type': 'image/png' },
        { 'x-amz-meta-id': '7' },
        { bucket: 'uploads' },
        { 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256' },
        { 'X-Amz-Credential': 'AKIAEXAMPLE/20261122/eu-central-1/s3/aws4_request' },
        { 'X-Amz-Date': '20261122T100000Z' },
        { key: 'tenant/upload' },
      ],
    });
  });

  test('gives as fields all that the policy asks for, the policy and its signature', () => {
    const { presign } = setup();

    const form = presign({}, { sessionToken: 'token' });

    expect(form.fields).toEqual({
      'Content-Type': 'image/png',
      bucket: 'uploads',
      key: 'tenant/upload',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIAEXAMPLE/20261122/eu-central-1/s3/aws4_request',
      'X-Amz-Date': '20261122T100000Z',
      'X-Amz-Security-Token': 'token',
      Policy: expect.any(String),
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(policyOf(form)).toMatchObject({
      conditions: expect.arrayContaining([{ 'X-Amz-Security-Token': 'token' }]),
    });
  });

  test('says nothing of the type when none is asked for', () => {
    const { contentType: _, ...request } = {
      contentType: 'image/png',
      key: 'a',
      contentLengthRange: { min: 0, max: 1 },
      expiresInSeconds: 60,
      signedAt: new Date(0),
    };
    const presigner = createPostPresigner({ region: 'eu-central-1', bucket: 'uploads' });

    const form = presigner.presignPost({ accessKeyId: 'A', secretAccessKey: 's' }, request);

    expect(form.fields).not.toHaveProperty('Content-Type');
    expect(JSON.stringify(policyOf(form))).not.toContain('Content-Type');
  });

  test.each([
    [{ region: 'eu-central-1', bucket: 'uploads' }, 'https://uploads.s3.eu-central-1.amazonaws.com/'],
    [
      { region: 'eu-central-1', bucket: 'uploads', endpoint: 'http://127.0.0.1:4566' },
      'http://127.0.0.1:4566/uploads/',
    ],
  ])('posts to the root of the bucket, with a slash at its end', (address, url) => {
    const form = createPostPresigner(address).presignPost(
      { accessKeyId: 'A', secretAccessKey: 's' },
      { key: 'a', contentLengthRange: { min: 0, max: 1 }, expiresInSeconds: 60, signedAt: new Date(0) },
    );

    expect(form.url).toBe(url);
  });

  test('expires with the credentials when those end sooner', () => {
    const { presign } = setup();

    const form = presign({}, { expiration: new Date('2026-11-22T10:05:00.999Z') });

    expect(form.expiresAt).toEqual(new Date('2026-11-22T10:05:00Z'));
    expect(policyOf(form)).toMatchObject({ expiration: '2026-11-22T10:05:00Z' });
  });

  test('refuses credentials that have expired', () => {
    const { presign } = setup();

    expect(() => presign({}, { expiration: new Date('2026-11-22T10:00:00Z') })).toThrow(
      CredentialsExpiredError,
    );
  });

  test.each([
    [-1, 5],
    [6, 5],
    [0.5, 5],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
  ])('refuses the range from %d to %d bytes', (min, max) => {
    const { presign } = setup();

    expect(() => presign({ contentLengthRange: { min, max } })).toThrow(RangeError);
  });

  test.each(['key', 'Policy', 'bucket', 'Content-Type', 'x-amz-signature', 'X-Amz-Credential', 'file'])(
    'refuses %s as a further field, in any case, since it is set elsewhere',
    (name) => {
      const { presign } = setup();

      expect(() => presign({ fields: { [name]: '1' } })).toThrow(
        `the form field ${name} is set by the signature`,
      );
      expect(() => presign({ fields: { [name.toUpperCase()]: '1' } })).toThrow('is set by the signature');
    },
  );

  test('refuses one further field in two spellings', () => {
    const { presign } = setup();

    expect(() => presign({ fields: { acl: 'private', ACL: 'public-read' } })).toThrow('given twice');
  });

  test.each<Partial<PostRequest>>([
    { key: `tenant/\${filename}` },
    { contentType: `\${filename}` },
    { fields: { 'x-amz-meta-name': `a \${filename}` } },
  ])('refuses %o, where S3 would let the client fill in a name', (change) => {
    const { presign } = setup();

    expect(() => presign(change)).toThrow(`must not contain \${filename}`);
  });

  test('refuses a key that no URL could name later', () => {
    const { presign } = setup();

    expect(() => presign({ key: 'a/../b' })).toThrow('an object key must not have a "." or ".." segment');
  });
});
