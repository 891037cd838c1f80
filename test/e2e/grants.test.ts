// Grants on the deployed stack: every limit, the end, the revocation, and what nobody may do with one.
import { createUploader } from '@sluice/client/uploader';
import { createSignRequest } from '@sluice/client/uppy';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { readService } from '../../local/users.ts';
import { made } from '../uppy/files.ts';
import { openStage } from '../uppy/stage.ts';
import { add, outcomes, upload } from '../uppy/ways.ts';
import { apiOf, put } from './api.ts';
import { tokenOf } from './service-token.ts';

const stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

const CSV = Buffer.from('a,b\n1,2\n');
const A_FILE = { filename: 'rows.csv', contentType: 'text/csv', policy: 'data' };

type NewGrant = {
  readonly id: string;
  readonly token: string;
  readonly companionUrl: string;
};

async function setup() {
  const stack = inject('stack');
  const service = apiOf({ idToken: await tokenOf(await readService(stack)) });
  const owner = { tenant: 'shop', subject: crypto.randomUUID() };
  const grant = async (limits: object = {}) => {
    const response = await service.call('POST', '/grants', { owner, ...limits });
    expect(response.status).toBe(201);
    const made = (await response.json()) as NewGrant;
    return { ...made, by: apiOf({ idToken: made.token }) };
  };
  const left = async (id: string) =>
    (await (await service.call('GET', `/grants/${id}`)).json()) as {
      readonly taken: { readonly uploads: number; readonly bytes: number };
      readonly left: { readonly uploads?: number; readonly bytes?: number };
    };
  return { stack, service, owner, grant, left };
}

function codeOf(api: ReturnType<typeof apiOf>, intent: object) {
  return api.call('POST', '/uploads', { ...A_FILE, size: CSV.length, ...intent }).then(async (response) => {
    const { code } = (await response.json()) as { code?: string };
    return [response.status, code] as const;
  });
}

describe('a grant', () => {
  test('uploads as its owner, with the metadata and reference of the server, and a service reads what came of it', async () => {
    const { service, owner, grant, left } = await setup();
    const { id, by } = await grant({
      uploads: 2,
      bytes: 100,
      metadata: { order: '7' },
      reference: `order-${owner.subject}`,
    });
    const requested = await by.request({ ...A_FILE, metadata: { order: '8', note: 'x' } }, CSV.length);
    expect(await left(id)).toMatchObject({ taken: { uploads: 1, bytes: CSV.length }, left: { uploads: 1 } });
    expect((await put(requested, CSV)).status).toBe(200);
    const settled = await by.settled(requested.id);
    expect(settled).toMatchObject({ state: 'accepted', metadata: { order: '7', note: 'x' } });
    expect(await service.read(requested.id)).toMatchObject({ owner, state: 'accepted' });
    expect(await left(id)).toMatchObject({ taken: { uploads: 1, bytes: CSV.length } });
  });

  test('is refused one beyond each of its limits', async () => {
    const { grant } = await setup();
    const size = CSV.length;
    const { by: counted } = await grant({ uploads: 1 });
    expect(await codeOf(counted, {})).toEqual([201, undefined]);
    expect(await codeOf(counted, {})).toEqual([403, 'grant_uploads_used_up']);
    const { by: weighed } = await grant({ bytes: 2 * size });
    expect(await codeOf(weighed, { size: size + 1 })).toEqual([201, undefined]);
    expect(await codeOf(weighed, { size })).toEqual([403, 'grant_bytes_used_up']);
    expect(await codeOf(weighed, { size: size - 1 })).toEqual([201, undefined]);
    const { by: each } = await grant({ maxBytes: size });
    expect(await codeOf(each, { size: size + 1 })).toEqual([413, 'size_over_limit']);
    expect(await codeOf(each, {})).toEqual([201, undefined]);
    const { by: narrow } = await grant({ policy: 'data', types: ['text/csv'] });
    expect(await codeOf(narrow, { policy: 'images' })).toEqual([422, 'policy_not_granted']);
    const json = { filename: 'a.json', contentType: 'application/json' };
    expect(await codeOf(narrow, json)).toEqual([422, 'type_not_allowed']);
    expect(await codeOf(narrow, {})).toEqual([201, undefined]);
  });

  test('gives no more than its count to two browsers at once', async () => {
    const { grant, left } = await setup();
    const { id, by } = await grant({ uploads: 3 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => codeOf(by, {})));
    const taken = answers.filter(([status]) => status === 201);
    // Who was too late to be counted may ask again, and is told then that nothing is left.
    expect(taken.length).toBeLessThanOrEqual(3);
    expect((await left(id)).taken.uploads).toBe(taken.length);
  });

  test('gets back what is given up, and what is rejected', async () => {
    const { grant, left } = await setup();
    const { id, by } = await grant({ uploads: 1, bytes: CSV.length });
    const first = await by.request(A_FILE, CSV.length);
    expect((await by.call('DELETE', `/uploads/${first.id}`)).status).toBe(204);
    expect(await left(id)).toMatchObject({ taken: { uploads: 0, bytes: 0 } });
    const second = await by.request(A_FILE, CSV.length);
    await put(second, Buffer.from('<html>..'));
    expect((await by.settled(second.id)).state).toBe('rejected');
    expect(await left(id)).toMatchObject({ taken: { uploads: 0, bytes: 0 } });
  });

  test('downloads nothing, lists nothing, deletes no accepted file, and makes no other', async () => {
    const { grant } = await setup();
    const { id, by } = await grant();
    const own = await by.request(A_FILE, CSV.length);
    await put(own, CSV);
    await by.settled(own.id);
    const codes = await Promise.all(
      [
        ['GET', `/uploads/${own.id}/download`],
        ['GET', '/uploads'],
        ['DELETE', `/uploads/${own.id}`],
        ['DELETE', `/grants/${id}`],
      ].map(async ([method = '', path = '']) => (await by.problem(await by.call(method, path))).code),
    );
    expect(codes).toEqual(Array.from({ length: 4 }, () => 'caller_kind_refused'));
    expect((await by.problem(await by.call('POST', '/grants', {}))).code).toBe('caller_kind_refused');
    const { by: other } = await grant();
    expect((await other.problem(await other.call('GET', `/uploads/${own.id}`))).code).toBe(
      'upload_not_found',
    );
    expect((await by.read(own.id)).state).toBe('accepted');
  });

  test('that is revoked in the middle of an upload signs and completes nothing more', async () => {
    const { service, grant } = await setup();
    const { id, by } = await grant();
    const requested = await by.request({ ...A_FILE, transport: 'multipart' }, CSV.length);
    const [part] = requested.multipart?.parts ?? [];
    expect((await fetch(part?.url ?? '', { method: 'PUT', body: CSV })).status).toBe(200);
    expect((await service.call('DELETE', `/grants/${id}`)).status).toBe(204);
    const path = `/uploads/${requested.id}`;
    const codes = await Promise.all([
      by.call('POST', `${path}/parts`, { parts: [{ partNumber: 1 }] }),
      by.call('POST', `${path}/complete`),
      by.call('GET', path),
      by.call('POST', '/uploads', { ...A_FILE, size: CSV.length }),
    ]);
    for (const response of codes) expect((await by.problem(response)).code).toBe('grant_revoked');
    expect((await service.read(requested.id)).state).toBe('requested');
  });

  test('of another tenant cannot be read or revoked, and answers like one that there is not', async () => {
    const { stack, grant } = await setup();
    const { id } = await grant();
    const alice = apiOf(stack.alice);
    for (const method of ['GET', 'DELETE']) {
      for (const named of [id, crypto.randomUUID(), 'nope']) {
        expect((await alice.problem(await alice.call(method, `/grants/${named}`))).code).toBe(
          'grant_not_found',
        );
      }
    }
  });

  test('uploads with the client, in one piece and in parts', async () => {
    const { stack, grant, left } = await setup();
    const { id, token } = await grant({ uploads: 2 });
    const uploader = createUploader({ endpoint: stack.apiUrl, grant: token });
    for (const transport of ['put', 'multipart'] as const) {
      const sent = await uploader.upload(new Blob([CSV]), { ...A_FILE, transport });
      expect(sent.state).toBe('accepted');
    }
    expect(await left(id)).toMatchObject({ left: { uploads: 0 }, taken: { bytes: 2 * CSV.length } });
  });

  test.each([6, 5] as const)('uploads with Uppy %i, and is held to its count there', async (major) => {
    const { grant, left } = await setup();
    const { id, companionUrl } = await grant({ uploads: 1, policy: 'images' });
    await using there = await stage.visit(major, { base: companionUrl });
    await add(there, made('image/jpeg', 'one.jpg', 1_000));
    await upload(there);
    expect((await outcomes(there))[0]).not.toHaveProperty('error');
    await expect.poll(async () => (await left(id)).taken.bytes, { timeout: 30_000 }).toBe(1_000);
    await add(there, made('image/jpeg', 'two.jpg', 1_000));
    await upload(there);
    expect(await outcomes(there)).toContainEqual({ name: 'two.jpg', error: expect.any(String) });
  });

  test('signs for Uppy 6 by signRequest', async () => {
    const { stack, grant } = await setup();
    const { token } = await grant({ policy: 'images' });
    const signRequest = createSignRequest({ endpoint: stack.apiUrl, grant: token });
    const { fields } = await signRequest({ method: 'PUT', key: 'a.jpg', contentType: 'image/jpeg' });
    expect(fields).toHaveProperty('key');
  });
});

test('the key alone makes no grant', async () => {
  const { stack, grant } = await setup();
  const { token } = await grant();
  const [format, key, , mac] = token.split('.');
  const payload = Buffer.from(JSON.stringify({ g: crypto.randomUUID(), e: 4_000_000_000 })).toString(
    'base64url',
  );
  const response = await apiOf({ idToken: `${format}.${key}.${payload}.${mac}` }).call('GET', '/policies');
  expect(response.status).toBe(401);
  expect(
    (await fetch(`${stack.apiUrl}/uppy/${format}.${key}.${payload}.${mac}/s3/params?filename=a.jpg`)).status,
  ).toBe(403);
});
