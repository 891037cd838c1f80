import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, inject, test } from 'vitest';
import { rootOf } from '../contract/root.ts';
import { apiOf } from './api.ts';

const GOOD = { filename: 'sizes.csv', contentType: 'text/csv', size: 18 };
const GiB = 1024 ** 3;

function setup() {
  const stack = inject('stack');
  return { stack, alice: apiOf(stack.alice), bob: apiOf(stack.bob) };
}

describe('POST /uploads', () => {
  test.each([
    ['unknown policy', { policy: 'nope' }, 422, 'policy_unknown', 'policy'],
    ['type that no policy takes', { contentType: 'text/html' }, 422, 'type_not_allowed', 'contentType'],
    [
      'size 0 where the policy forbids it',
      { filename: 'a.png', contentType: 'image/png', size: 0 },
      422,
      'size_below_minimum',
      'size',
    ],
    [
      'size over the limit',
      { filename: 'a.png', contentType: 'image/png', size: GiB },
      413,
      'size_over_limit',
      'size',
    ],
    ['negative size', { size: -1 }, 422, 'size_invalid', 'size'],
    ['fractional size', { size: 1.5 }, 422, 'size_invalid', 'size'],
    ['file name of 300 characters', { filename: 'a'.repeat(300) }, 422, 'filename_invalid', 'filename'],
    ['file name with a control byte', { filename: 'a\u0007' }, 422, 'filename_invalid', 'filename'],
    ['file name that reads backwards', { filename: '\u202egnp.exe' }, 422, 'filename_invalid', 'filename'],
    ['file name that climbs', { filename: '../up' }, 422, 'filename_invalid', 'filename'],
    ['metadata over 2 KB', { metadata: { a: 'x'.repeat(2048) } }, 422, 'metadata_too_large', 'metadata'],
    [
      'reserved metadata key',
      { metadata: { 'x-amz-acl': '1' } },
      422,
      'metadata_key_reserved',
      'metadata.x-amz-acl',
    ],
    [
      'malformed checksum',
      { checksum: { algorithm: 'sha256', value: 'no' } },
      422,
      'checksum_invalid',
      'checksum',
    ],
    ['unknown field', { colour: 'red' }, 422, 'field_unknown', 'colour'],
  ])('with %s is refused with its own code, naming the field', async (_case, change, status, code, field) => {
    const { alice } = setup();
    const response = await alice.call('POST', '/uploads', { ...GOOD, ...change });
    expect(response.status).toBe(status);
    const problem = await alice.problem(response);
    expect(problem).toMatchObject({ status, code, field, type: `urn:sluice:problem:${code}` });
    expect(problem.requestId).not.toBe('');
    expect(JSON.stringify(problem)).not.toMatch(/bucket|amazonaws|X-Amz-S/i);
  });

  test.each([
    ['malformed JSON', '{"filename":', {}, 400, 'body_malformed'],
    ['another content type', 'x', { 'content-type': 'text/plain' }, 415, 'media_type_unsupported'],
    ['more than 64 KB', JSON.stringify({ ...GOOD, filename: 'a'.repeat(66_000) }), {}, 413, 'body_too_large'],
  ])('with %s is refused', async (_case, body, headers, status, code) => {
    const { alice } = setup();
    const response = await alice.call('POST', '/uploads', body, headers);
    expect([response.status, (await alice.problem(response)).code]).toEqual([status, code]);
  });

  test('repeated with the same Idempotency-Key makes one upload, and with another body is refused', async () => {
    const { alice } = setup();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const [first, again] = [await alice.request(GOOD, 18, headers), await alice.request(GOOD, 18, headers)];
    expect(again.id).toBe(first.id);
    const response = await alice.call('POST', '/uploads', { ...GOOD, size: 19 }, headers);
    expect((await alice.problem(response)).code).toBe('idempotency_key_reused');
  });

  test('twenty times at once with one Idempotency-Key begins one upload in parts, in S3 too', async () => {
    const { alice, stack } = setup();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const intent = { ...GOOD, transport: 'multipart' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await alice.call('POST', '/uploads', intent, headers);
        const { id, code } = (await response.json()) as { id?: string; code?: string };
        return { status: response.status, id, code };
      }),
    );
    const begun = answers.filter(({ status }) => status === 201);
    expect(answers.filter(({ status }) => status !== 201).map(({ code }) => code)).toEqual(
      Array.from({ length: 20 - begun.length }, () => 'request_running'),
    );
    const { id } = await alice.request(intent, 18, headers);
    expect(new Set(begun.map((answer) => answer.id))).toEqual(new Set([id]));
    const s3 = new S3Client({ ...rootOf(stack), forcePathStyle: true });
    const { Uploads = [] } = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: stack.buckets.incoming }),
    );
    expect(Uploads.filter(({ Key }) => Key?.endsWith(`/${id}`))).toHaveLength(1);
  });

  test('without a token, or with one that was tampered with, is not answered', async () => {
    const { stack } = setup();
    const [head, body, signature] = stack.alice.idToken.split('.');
    const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody-else' })).toString('base64url');
    for (const idToken of ['', 'x', `${head}.${forged}.${signature}`]) {
      expect((await apiOf({ idToken }).call('POST', '/uploads', GOOD)).status).toBe(401);
    }
  });
});

describe('an upload of somebody else', () => {
  test('answers on every route exactly as one that does not exist, and is in no list', async () => {
    const { alice, bob } = setup();
    const { id } = await alice.request({ ...GOOD, transport: 'multipart' }, 18);
    const routes = (upload: string) =>
      [
        ['GET', `/uploads/${upload}`],
        ['GET', `/uploads/${upload}/download`],
        ['DELETE', `/uploads/${upload}`],
        ['GET', `/uploads/${upload}/parts`],
        ['POST', `/uploads/${upload}/parts`, { format: 'compact' }],
        ['POST', `/uploads/${upload}/complete`, {}],
      ] as const;
    const answers = async (upload: string) =>
      Promise.all(
        routes(upload).map(async ([method, path, body]) => {
          const response = await bob.call(method, path, body);
          const { requestId: _own, ...problem } = (await response.json()) as Record<string, unknown>;
          return [response.status, problem];
        }),
      );
    const foreign = await answers(id);
    expect(foreign).toEqual(await answers(crypto.randomUUID()));
    expect(foreign.map(([status]) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    const list = (await (await bob.call('GET', '/uploads?limit=100')).json()) as {
      uploads: { id: string }[];
    };
    expect(list.uploads.map((upload) => upload.id)).not.toContain(id);
    expect((await alice.read(id)).state).toBe('requested');
  });
});

describe('a download before the verdict', () => {
  test('is refused with the state', async () => {
    const { alice } = setup();
    const { id } = await alice.request(GOOD, 18);
    const response = await alice.call('GET', `/uploads/${id}/download`);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await alice.problem(response)).toMatchObject({
      status: 409,
      code: 'not_verified_yet',
      state: 'requested',
    });
  });
});

describe('GET /uploads', () => {
  test('pages through the caller’s uploads, newest first', async () => {
    const { bob } = setup();
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.unshift((await bob.request(GOOD, 18)).id);
    type Page = { uploads: { id: string }[]; cursor?: string };
    const first = (await (await bob.call('GET', '/uploads?limit=2')).json()) as Page;
    const second = (await (await bob.call('GET', `/uploads?limit=2&cursor=${first.cursor}`)).json()) as Page;
    expect([...first.uploads, ...second.uploads].slice(0, 3).map(({ id }) => id)).toEqual(ids);
  });

  test.each([
    ['state=lost', 'state_filter_invalid'],
    ['limit=0', 'limit_invalid'],
    ['limit=101', 'limit_invalid'],
    ['limit=ten', 'limit_invalid'],
    ['cursor=bm9wZQ', 'cursor_invalid'],
  ])('with %s is refused', async (query, code) => {
    const { alice } = setup();
    const response = await alice.call('GET', `/uploads?${query}`);
    expect([response.status, (await alice.problem(response)).code]).toEqual([400, code]);
  });
});

test.each([
  ['/health', 200],
  ['/', 200],
  ['/console/console.css', 200],
  ['/console/nothing.js', 404],
  ['/uppy/slu1.no.such.token/s3/params?filename=a.csv&type=text/csv', 403],
])('%s tells a browser to stay with HTTPS and with the type it is told', async (path, status) => {
  const { stack } = setup();
  const response = await fetch(`${stack.apiUrl}${path}`);
  expect(response.status).toBe(status);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
  });
});
