import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createClient } from '@sluice/client/client';
import { ProblemError } from '@sluice/client/errors';
import { createGrants } from '@sluice/client/grants';
import { createUploader } from '@sluice/client/uploader';
import { createSignRequest } from '@sluice/client/uppy';
import { describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';

const GRANT = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  owner: { tenant: 'acme', subject: 'ada' },
  metadata: {},
  taken: { uploads: 1, bytes: 3 },
  left: { uploads: 0 },
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
};

/** The routes of grants: each answer is used once. */
async function setup(...answers: readonly (readonly [status: number, body?: unknown])[]) {
  const calls: { call: string; authorization: string | undefined; body: unknown }[] = [];
  const left = [...answers];
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await json(request) : undefined;
    calls.push({
      call: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
      body,
    });
    const [status, answer] = left.shift() ?? [500];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const timing = { sleep: async () => undefined, random: () => 0, now: () => 0 };
  return {
    calls,
    endpoint,
    grants: createGrants({ endpoint, token: 'of-a-service', timing }),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

test('a grant is got once and kept, until the API refuses it, though each that is got is another', async () => {
  const upload = { id: 'u-1', state: 'accepted', filename: 'a', createdAt: '', metadata: {} };
  const refused = { status: 401, code: 'token_expired', title: '', detail: '', retryable: false };
  await using world = await setup([200, upload], [200, upload], [401, refused], [200, upload]);
  let got = 0;
  const grant = async () => {
    got += 1;
    return `grant-${got}`;
  };
  const client = createClient({ endpoint: world.endpoint, grant });
  for (let call = 0; call < 3; call += 1) await client.status('u-1');
  const headers = ['grant-1', 'grant-1', 'grant-1', 'grant-2'].map((token) => `Bearer ${token}`);
  expect(world.calls.map(({ authorization }) => authorization)).toEqual(headers);
});

test('a grant that could not be got is asked for again', async () => {
  const upload = { id: 'u-1', state: 'accepted', filename: 'a', createdAt: '', metadata: {} };
  await using world = await setup([200, upload]);
  const answers = [Promise.reject(new Error('signed out')), Promise.resolve('grant-2')];
  const client = createClient({ endpoint: world.endpoint, grant: () => answers.shift() ?? Promise.reject() });
  await expect(client.status('u-1')).rejects.toThrow('signed out');
  await expect(client.status('u-1')).resolves.toMatchObject({ id: 'u-1' });
});

describe('grants', () => {
  test('are made as they are wished for, and come with their token', async () => {
    const made = { ...GRANT, token: 'slu2.a.b.c', companionUrl: 'https://api/uppy/slu2.a.b.c' };
    await using world = await setup([201, made]);
    const wish = { owner: GRANT.owner, uploads: 1, metadata: { order: '7' } };
    expect(await world.grants.create(wish)).toEqual(made);
    expect(world.calls).toEqual([{ call: 'POST /grants', authorization: 'Bearer of-a-service', body: wish }]);
  });

  test('are read and revoked by their ids', async () => {
    await using world = await setup([200, GRANT], [204]);
    expect((await world.grants.read(GRANT.id)).left).toEqual({ uploads: 0 });
    await expect(world.grants.revoke(GRANT.id)).resolves.toBeUndefined();
    expect(world.calls.map(({ call }) => call)).toEqual([
      `GET /grants/${GRANT.id}`,
      `DELETE /grants/${GRANT.id}`,
    ]);
  });

  test('are asked of no other route, whatever an id holds', async () => {
    await using world = await setup();
    for (const id of ['', '..', 'a/b', 'a?b']) {
      await expect(world.grants.read(id)).rejects.toThrow(TypeError);
      await expect(world.grants.revoke(id)).rejects.toThrow(TypeError);
    }
    expect(world.calls).toEqual([]);
  });

  test('that are refused reject with the problem, and an answer of something else as unexpected', async () => {
    const problem = {
      type: 'urn:sluice:problem:grant_not_found',
      code: 'grant_not_found',
      status: 404,
      retryable: false,
      title: 'There is no such grant.',
      detail: 'There is no such grant.',
      requestId: 'r',
    };
    await using world = await setup([404, problem], [200, { hello: 'world' }], [201, GRANT]);
    await expect(world.grants.read(GRANT.id)).rejects.toThrow(ProblemError);
    await expect(world.grants.read(GRANT.id)).rejects.toThrow("not in Sluice's words");
    await expect(world.grants.create()).rejects.toThrow("not in Sluice's words");
  });
});

describe('a grant', () => {
  test('stands in the place of a token, and is asked for again when the API has refused it', async () => {
    const refused: (string | undefined)[] = [];
    await using world = await openWorld();
    const granted = createUploader({
      endpoint: world.server.endpoint,
      grant: async (before) => {
        refused.push(before);
        return before === undefined ? 'ended' : 'token-1';
      },
    });
    const upload = await granted.upload(new Blob(['abc']), { filename: 'a.txt', contentType: 'text/plain' });
    expect(upload.state).toBe('accepted');
    expect(refused).toContain('ended');
    expect(world.server.calls('POST /uploads').at(-1)?.headers.authorization).toBe('Bearer token-1');
  });

  test("signs for Uppy's requests, too", async () => {
    await using world = await setup([200, { key: 'k', uploadId: 'u' }]);
    const signRequest = createSignRequest({ endpoint: world.endpoint, grant: 'slu2.a.b.c' });
    const signed = await signRequest({ method: 'POST', key: 'a.png' });
    expect(signed.headers).toMatchObject({ authorization: 'Bearer slu2.a.b.c' });
    expect(world.calls[0]?.authorization).toBe('Bearer slu2.a.b.c');
  });
});
