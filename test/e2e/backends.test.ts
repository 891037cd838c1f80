// A service beside two users: what it may with its scopes, what nobody may, and how each is told.
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@sluice/client/client';
import { clientCredentials } from '@sluice/client/client-credentials';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, inject, test } from 'vitest';
import { createService, readService } from '../../local/users.ts';
import { apiOf, type Problem, put, type Resource } from './api.ts';
import { tokenOf } from './service-token.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');
const INTENT = { contentType: 'text/csv', filename: 'sizes.csv' };

function subjectOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub;
}

async function setup() {
  const stack = inject('stack');
  const as = (idToken: string) => apiOf({ idToken });
  const [alice, bob] = [as(stack.alice.idToken), as(stack.bob.idToken)];
  const service = as(await tokenOf(await readService(stack)));
  return { stack, as, alice, bob, service, ada: subjectOf(stack.alice.idToken) };
}

type World = Awaited<ReturnType<typeof setup>>;

async function accepted({ alice }: World): Promise<Resource> {
  const upload = await alice.request(INTENT, CSV.length);
  expect((await put(upload, CSV)).status).toBe(200);
  const settled = await alice.settled(upload.id);
  expect(settled.state).toBe('accepted');
  return settled;
}

async function refusalOf(response: Response): Promise<Pick<Problem, 'status' | 'code'>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { status, code } = (await response.json()) as Problem;
  expect(response.status).toBe(status);
  return { status, code };
}

describe('a service', () => {
  test('lists, reads, downloads and deletes what a user has uploaded', async () => {
    const world = await setup();
    const { service, alice, ada } = world;
    const { id } = await accepted(world);
    const owner = { tenant: ada, subject: ada };

    const list = await service.call('GET', `/uploads?tenant=${ada}&owner=${ada}`);
    const { uploads } = (await list.json()) as { uploads: Resource[] };
    expect(uploads).toContainEqual(expect.objectContaining({ id, owner }));
    const all = await service.call('GET', `/uploads?tenant=${ada}&state=accepted`);
    expect(((await all.json()) as { uploads: Resource[] }).uploads.map((one) => one.id)).toContain(id);
    expect(await service.read(id)).toMatchObject({ id, state: 'accepted', owner });
    const download = await service.call('GET', `/uploads/${id}/download`, undefined, {
      accept: 'application/json',
    });
    const { url } = (await download.json()) as { url: string };
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(CSV);
    expect((await service.call('DELETE', `/uploads/${id}`)).status).toBe(204);
    expect((await alice.read(id)).state).toBe('deleted');
  });

  test('finds uploads by the reference that they were requested with', async () => {
    const { service, alice, ada } = await setup();
    const reference = `case ${crypto.randomUUID()}`;
    const { id } = await alice.request({ ...INTENT, reference }, CSV.length);
    const query = new URLSearchParams({ tenant: ada, reference });
    const list = await service.call('GET', `/uploads?${query}`);
    expect(((await list.json()) as { uploads: Resource[] }).uploads.map((one) => one.id)).toEqual([id]);
  });

  test('uploads in the name of a user, who finds the file among their own, and nobody else does', async () => {
    const { service, alice, bob, ada } = await setup();
    const upload = await service.request({ ...INTENT, owner: { tenant: ada, subject: ada } }, CSV.length);
    expect((await put(upload, CSV)).status).toBe(200);
    expect(await alice.settled(upload.id)).toMatchObject({ state: 'accepted' });
    expect(await alice.read(upload.id)).not.toHaveProperty('owner');
    expect(await refusalOf(await bob.call('GET', `/uploads/${upload.id}`))).toEqual({
      status: 404,
      code: 'upload_not_found',
    });
  });

  test('does only what its scopes say, and is told which one it lacks', async () => {
    const world = await setup();
    const { stack, as, ada } = world;
    const { id } = await accepted(world);
    const reader = as(await tokenOf(await createService(stack, ['uploads.read', 'tenants'])));
    expect((await reader.call('GET', `/uploads/${id}`)).status).toBe(200);
    const denied = await reader.call('DELETE', `/uploads/${id}`);
    expect(denied.status).toBe(403);
    expect(await denied.json()).toMatchObject({
      code: 'scope_missing',
      detail: 'This route asks for the scope uploads.delete.',
    });
    const owner = { tenant: ada, subject: ada };
    const size = CSV.length;
    expect(await refusalOf(await reader.call('POST', '/uploads', { ...INTENT, size, owner }))).toEqual({
      status: 403,
      code: 'scope_missing',
    });
    // A token for less than the client may.
    const narrowed = as(await tokenOf(await readService(stack), 'sluice/uploads.delete sluice/tenants'));
    expect(await refusalOf(await narrowed.call('GET', `/uploads/${id}`))).toEqual({
      status: 403,
      code: 'scope_missing',
    });
  });

  test('calls with the client, which gets its tokens by itself', async () => {
    const { stack, alice, ada } = await setup();
    const reference = `case ${crypto.randomUUID()}`;
    const { id } = await alice.request({ ...INTENT, reference }, CSV.length);
    const { tokenUrl, clientId, clientSecret } = await readService(stack);
    for (const authentication of ['basic', 'post'] as const) {
      const token = clientCredentials({ tokenUrl, clientId, clientSecret, authentication });
      const client = createClient({ endpoint: stack.apiUrl, token });
      const { uploads } = await client.list({ tenant: ada, owner: ada, reference });
      expect(uploads).toMatchObject([{ id, owner: { tenant: ada, subject: ada } }]);
    }
    const wrong = clientCredentials({ tokenUrl, clientId, clientSecret: `${clientSecret}x` });
    await expect(wrong()).rejects.toThrow('its secret is wrong');
  });

  test('of no tenant is let nowhere', async () => {
    const { stack, as } = await setup();
    const lost = as(await tokenOf(await createService(stack, ['uploads.read'])));
    expect(await refusalOf(await lost.call('GET', '/policies'))).toEqual({
      status: 403,
      code: 'tenant_missing',
    });
  });

  test('says whose uploads it means, and users may not', async () => {
    const { service, alice, ada } = await setup();
    const size = CSV.length;
    expect(await refusalOf(await service.call('POST', '/uploads', { ...INTENT, size }))).toEqual({
      status: 422,
      code: 'field_missing',
    });
    expect(await refusalOf(await service.call('GET', '/uploads'))).toEqual({
      status: 400,
      code: 'owner_filter_invalid',
    });
    const owner = { tenant: ada, subject: ada };
    expect(await refusalOf(await alice.call('POST', '/uploads', { ...INTENT, size, owner }))).toEqual({
      status: 403,
      code: 'owner_not_allowed',
    });
    expect(await refusalOf(await alice.call('GET', `/uploads?tenant=${ada}`))).toEqual({
      status: 403,
      code: 'owner_not_allowed',
    });
  });

  test('begins no session for Uppy, and is no user of its routes', async () => {
    const { service } = await setup();
    expect((await service.call('POST', '/uppy-sessions', {})).status).toBe(403);
    expect((await service.call('GET', '/s3/params?filename=a.csv&type=text/csv')).status).toBe(403);
  });
});

describe('a token that is not good', () => {
  test('is answered with a problem that says why, and how to prove who one is', async () => {
    const { stack, as } = await setup();
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const [head = '', body = ''] = stack.alice.idToken.split('.');
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
    const withOwnKey = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(publicKey) })
      .sign(privateKey);
    for (const token of ['garbage', 'a.b.c', forged, withOwnKey, `${head}.${body}.`]) {
      const response = await as(token).call('GET', '/uploads');
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await refusalOf(response)).toEqual({ status: 401, code: 'token_invalid' });
    }
  });

  test('is refused from its end on, though the authorizer’s answer is remembered longer', async () => {
    const { stack, as } = await setup();
    const brief = await createService(stack, ['uploads.read', 'tenants'], 3);
    const credentials = clientCredentials(brief);
    const token = await credentials();
    expect((await as(token).call('GET', '/policies')).status).toBe(200);
    // The clocks of an issuer and of Lambda may differ by half a minute.
    await delay(35_000);
    expect(await refusalOf(await as(token).call('GET', '/policies'))).toEqual({
      status: 401,
      code: 'token_expired',
    });
    expect((await as(await credentials()).call('GET', '/policies')).status).toBe(200);
  }, 60_000);

  test('is refused, too, where it is a session’s on a route that grants may not use', async () => {
    const { as, alice } = await setup();
    const { token } = (await (await alice.call('POST', '/uppy-sessions', {})).json()) as { token: string };
    expect(await refusalOf(await as(token).call('GET', '/uploads'))).toEqual({
      status: 403,
      code: 'caller_kind_refused', // a session is a grant, and grants list nothing
    });
  });

  test('is refused before a function is asked, where there is none', async () => {
    const { stack } = await setup();
    const response = await fetch(`${stack.apiUrl}/uploads`);
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
  });
});
