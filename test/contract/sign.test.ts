// Signatures against an S3 that checks them: what was signed is accepted, anything else is refused.
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { createPartsPresigner, toPartUrls } from '@sluice/connection/sign/presign-parts';
import { createPostPresigner, type PostRequest } from '@sluice/connection/sign/presign-post';
import { createPresigner, type PresignedUrl, type UrlRequest } from '@sluice/connection/sign/presign-url';
import { beforeAll, describe, expect, inject, test } from 'vitest';

const REGION = 'us-east-1';
const BUCKET = `sign-${randomUUID()}`;
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const BODY = 'hello';

function setup() {
  const endpoint = inject('endpoint');
  const address = { region: REGION, bucket: BUCKET, endpoint };
  const s3 = new S3Client({ region: REGION, endpoint, forcePathStyle: true, credentials: CREDENTIALS });
  const key = `tenant/${randomUUID()}`;
  const sign = (changes: Partial<UrlRequest> = {}) =>
    createPresigner(address).presignUrl(CREDENTIALS, {
      method: 'GET',
      key,
      expiresInSeconds: 60,
      signedAt: new Date(),
      ...changes,
    });
  const signPut = (changes: Partial<UrlRequest> = {}) =>
    sign({
      method: 'PUT',
      headers: { 'content-length': '5', 'content-type': 'text/plain', 'if-none-match': '*' },
      ...changes,
    });
  const signForm = (changes: Partial<PostRequest> = {}) =>
    createPostPresigner(address).presignPost(CREDENTIALS, {
      key,
      contentType: 'text/plain',
      contentLengthRange: { min: 5, max: 5 },
      expiresInSeconds: 60,
      signedAt: new Date(),
      ...changes,
    });
  return { endpoint, address, s3, key, sign, signPut, signForm };
}

/** Sends a body as a browser does: the length is the body's own, whatever was signed. */
async function put({ url, headers }: Omit<PresignedUrl, 'expiresAt'>, body: string): Promise<number> {
  const { 'content-length': _, ...sent } = headers;
  return (await fetch(url, { method: 'PUT', headers: sent, body: Buffer.from(body) })).status;
}

/** A store may refuse by the headers alone and hang up, while the body is still on its way. */
function refusedEarly({ cause }: { readonly cause?: { readonly code?: string } }): number {
  if (cause?.code === 'ECONNRESET' || cause?.code === 'EPIPE') return 403;
  throw cause;
}

async function read(url: string): Promise<string> {
  const response = await fetch(url);
  return response.ok ? await response.text() : `refused with ${response.status}`;
}

async function post(url: string, fields: Readonly<Record<string, string>>, body: string): Promise<number> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([body]), 'a.txt');
  return (await fetch(url, { method: 'POST', body: form })).status;
}

beforeAll(async () => {
  await setup().s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

describe('a presigned PUT', () => {
  test('stores the body once and answers 412 to the second', async () => {
    const { sign, signPut } = setup();
    const grant = signPut();

    expect(await put(grant, BODY)).toBe(200);
    expect(await put(grant, 'other')).toBe(412);
    expect(await read(sign().url)).toBe(BODY);
  });

  test.each(['hell', 'hello!', ''])(
    'is refused with the body "%s" when five bytes were signed',
    async (body) => {
      const { sign, signPut } = setup();

      expect(await put(signPut(), body)).toBe(403);
      expect(await read(sign().url)).toBe('refused with 404');
    },
  );

  test.each<[string, Record<string, string>]>([
    ['another type', { 'content-type': 'text/html', 'if-none-match': '*' }],
    ['no type', { 'if-none-match': '*' }],
    ['no if-none-match', { 'content-type': 'text/plain' }],
  ])('is refused with %s in place of what was signed', async (_case, headers) => {
    const { sign, signPut } = setup();

    expect(await put({ url: signPut().url, headers }, BODY)).toBe(403);
    expect(await read(sign().url)).toBe('refused with 404');
  });

  test.each<[string, (url: string) => string]>([
    ['a change of its key', (url) => url.replace('/tenant/', '/tenant1/')],
    ['a change of its expiry', (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61')],
    ['a change of its date', (url) => url.replace(/X-Amz-Date=(\d{4})/, 'X-Amz-Date=2000')],
    ['a change of its signed headers', (url) => url.replace('content-length%3B', '')],
    ['a change of its signature', (url) => url.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))],
    ['the addition of a parameter', (url) => `${url}&partNumber=1&uploadId=1`],
  ])('is refused after %s', async (_case, change) => {
    const { signPut } = setup();
    const { url, headers } = signPut();
    const changed = change(url);

    expect(changed).not.toBe(url);
    // 400: a date that is not that of the credential's scope makes no signature at all.
    expect([400, 403]).toContain(await put({ url: changed, headers }, BODY));
  });

  test('is refused once it has expired', async () => {
    const { signPut } = setup();

    expect(await put(signPut({ signedAt: new Date(Date.now() - 61_000) }), BODY)).toBe(403);
  });

  test('does not allow a GET, nor a GET a PUT', async () => {
    const { sign, signPut } = setup();

    expect(await read(signPut().url)).toBe('refused with 403');
    expect(await put(sign(), BODY)).toBe(403);
  });

  test('allows just the bytes whose checksum was signed', async () => {
    const { signPut } = setup();
    const headers = { 'x-amz-checksum-sha256': 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' };

    expect(await put(signPut({ headers }), 'hullo')).toBe(400);
    expect(await put(signPut({ headers }), BODY)).toBe(200);
  });

  test('works with temporary credentials, and not without their token', async () => {
    const { address, endpoint, key } = setup();
    const sts = new STSClient({ region: REGION, endpoint, credentials: CREDENTIALS });
    const { Credentials } = await sts.send(new GetSessionTokenCommand());
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const request = { method: 'PUT', key, expiresInSeconds: 60, signedAt: new Date() } as const;
    const { presignUrl } = createPresigner(address);
    const bare = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };

    expect(await put(presignUrl(bare, request), BODY)).toBeGreaterThanOrEqual(400);
    expect(await put(presignUrl({ ...bare, sessionToken: SessionToken }, request), BODY)).toBe(200);
  });
});

describe('a key', () => {
  test.each([
    ['blanks, plus signs and percent signs', 'a b+c%20d~e'],
    ['letters of other alphabets', 'ä/漢/😀'],
    ['all punctuation', `!'()*&=?#;:@$,`],
    ['empty segments', 'a//b/'],
    ['what looks encoded', '%2F..%2F'],
    ['three dots', '...'],
    ['1024 bytes', 'x'.repeat(1024)],
  ])('of %s names the same object in a PUT, a GET, a HEAD and a DELETE', async (_case, key) => {
    const { sign } = setup();

    expect(await put(sign({ method: 'PUT', key }), key)).toBe(200);
    expect(await read(sign({ key }).url)).toBe(key);
    expect((await fetch(sign({ method: 'HEAD', key }).url, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(sign({ method: 'DELETE', key }).url, { method: 'DELETE' })).status).toBe(204);
    expect(await read(sign({ key }).url)).toBe('refused with 404');
  });

  test('is found with the bucket in the host name as well', async () => {
    const { address, endpoint, key, signPut } = setup();
    const { port } = new URL(endpoint);
    expect(await put(signPut(), BODY)).toBe(200);

    const { url } = createPresigner({ ...address, endpoint: `http://s3.localhost:${port}` }).presignUrl(
      CREDENTIALS,
      {
        method: 'GET',
        key,
        expiresInSeconds: 60,
        signedAt: new Date(),
      },
    );

    expect(new URL(url).hostname).toBe(`${BUCKET}.s3.localhost`);
    expect(await statusByHost(url)).toBe(200);
    expect(await statusByHost(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'))).toBe(403);
  });
});

/** Asks the loopback address for a URL of any host name, so that no name need be resolved. */
function statusByHost(url: string): Promise<number | undefined> {
  const { host, port, pathname, search } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  httpRequest({ host: '127.0.0.1', port, path: pathname + search, headers: { host } }, (response) => {
    response.resume();
    resolve(response.statusCode);
  })
    .on('error', reject)
    .end();
  return promise;
}

describe('a presigned GET', () => {
  test('answers with the disposition and type that were signed', async () => {
    const { sign, signPut } = setup();
    await put(signPut(), BODY);
    const disposition = `attachment; filename="a b.txt"; filename*=UTF-8''%C3%A4.txt`;

    const { headers } = await fetch(
      sign({
        query: {
          'response-content-disposition': disposition,
          'response-content-type': 'application/octet-stream',
        },
      }).url,
    );

    expect(headers.get('content-disposition')).toBe(disposition);
    expect(headers.get('content-type')).toBe('application/octet-stream');
  });
});

describe('a presigned form', () => {
  test('stores the file it was signed for', async () => {
    const { sign, signForm } = setup();
    const { url, fields } = signForm({ fields: { 'x-amz-meta-note': 'ä b' } });

    expect(await post(url, fields, BODY)).toBe(204);
    expect(await read(sign().url)).toBe(BODY);
  });

  test.each(['hell', 'hello!'])('is refused with the file "%s" when five bytes were signed', async (body) => {
    const { sign, signForm } = setup();
    const { url, fields } = signForm();

    expect(await post(url, fields, body)).toBe(400);
    expect(await read(sign().url)).toBe('refused with 404');
  });

  test.each([
    { key: 'tenant/other' },
    { 'Content-Type': 'text/html' },
    { 'X-Amz-Date': '20000101T000000Z' },
    { 'x-amz-meta-more': '1' },
    { success_action_redirect: 'https://attacker.example/' },
  ])('is refused with %o in place of what was signed', async (change) => {
    const { signForm } = setup();
    const { url, fields } = signForm();

    expect(await post(url, { ...fields, ...change }, BODY)).toBeGreaterThanOrEqual(400);
  });

  test('is refused once it has expired', async () => {
    const { signForm } = setup();
    const { url, fields } = signForm({ signedAt: new Date(Date.now() - 61_000) });

    expect(await post(url, fields, BODY)).toBe(403);
  });
});

describe('presigned parts', () => {
  test('make up the object, each with exactly its signed length', async () => {
    const { address, s3, key, sign } = setup();
    const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: key }));
    const bodies = ['a'.repeat(5 * 1024 * 1024), 'the end'];
    const parts = bodies.map((body, index) => ({ partNumber: index + 1, contentLength: body.length }));

    const signed = createPartsPresigner(address).presignParts(CREDENTIALS, {
      key,
      uploadId: UploadId,
      parts,
      expiresInSeconds: 60,
      signedAt: new Date(),
    });
    const urls = toPartUrls(signed, parts);

    const refused = await Promise.all(
      urls.map((url, index) => put({ url, headers: {} }, `${bodies[index]}!`).catch(refusedEarly)),
    );
    const responses = await Promise.all(
      urls.map((url, index) => fetch(url, { method: 'PUT', body: bodies[index] ?? '' })),
    );
    const etags = responses.map((response) => response.headers.get('etag') ?? '');
    await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket: BUCKET,
        Key: key,
        UploadId,
        MultipartUpload: { Parts: etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) },
      }),
    );

    expect(refused).toEqual([403, 403]);
    expect(await read(sign().url)).toBe(bodies.join(''));
  });
});
