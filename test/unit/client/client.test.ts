import { createClient } from '@sluice/client/client';
import { NetworkError, ProblemError, UnauthorizedError, UnexpectedAnswerError } from '@sluice/client/errors';
import { fileUrl } from '@sluice/client/file-url';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { startSluiceServer } from '../../fakes/sluice-server.ts';

const request = { filename: 'a.txt', contentType: 'text/plain', size: 1 };

async function setup() {
  const server = await startSluiceServer();
  const timing = { sleep: async () => undefined, random: () => 0, now: () => 0 };
  const client = createClient({ endpoint: server.endpoint, token: 'token-1', timing });
  const add = (idempotencyKey: string) => client.request(request, { idempotencyKey });
  return { server, client, add, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('the client', () => {
  test('keeps the path that the endpoint has, and sends the token', async () => {
    await using world = await setup();
    await world.add('one');
    expect(world.server.calls('POST /uploads')[0]?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'idempotency-key': 'one',
    });
  });

  test('gives the same upload when a request is repeated with its key', async () => {
    await using world = await setup();
    expect((await world.add('one')).id).toBe((await world.add('one')).id);
  });

  test('lists page by page with the filter that it was given', async () => {
    await using world = await setup();
    for (const key of ['one', 'two', 'three']) await world.add(key);
    const first = await world.client.list({ state: 'requested', limit: 2 });
    expect(first.uploads).toHaveLength(2);
    const { cursor = 'none' } = first;
    const second = await world.client.list({ state: 'requested', limit: 2, cursor });
    expect(second.uploads).toHaveLength(1);
    expect(second).not.toHaveProperty('cursor');
    expect((await world.client.list({ state: 'accepted' })).uploads).toEqual([]);
  });

  test('resolves with nothing when it deletes, and the upload is aborted', async () => {
    await using world = await setup();
    const { id } = await world.add('one');
    await expect(world.client.delete(id)).resolves.toBeUndefined();
    await expect(world.client.status(id)).resolves.toMatchObject({ state: 'aborted' });
  });

  test('says who may read a file, and lists what the tenant may read', async () => {
    await using world = await setup();
    const { id } = await world.add('one');
    await world.add('two');
    expect(await world.client.share(id, 'tenant')).toMatchObject({ id, readers: 'tenant' });
    expect((await world.client.list({ scope: 'tenant' })).uploads.map((upload) => upload.id)).toEqual([id]);
  });

  test('gets the addresses of many files, 200 in each call, and a problem for each that has none', async () => {
    await using world = await setup();
    const { id } = await world.add('one');
    const ids = [...Array.from({ length: 250 }, (_, at) => `none-${at}`), id];
    const results = await world.client.downloads(ids, { inline: true });
    expect(results.map((one) => one.id)).toEqual(ids);
    expect(results[0]?.problem?.code).toBe('upload_not_found');
    expect(results.at(-1)?.problem?.code).toBe('not_verified_yet');
    const calls = world.server.calls('POST /downloads').map(({ body }) => JSON.parse(body.toString()));
    expect(calls).toMatchObject([
      { ids: { length: 200 }, inline: true },
      { ids: { length: 51 }, inline: true },
    ]);
    expect(await world.client.downloads([])).toEqual([]);
  });

  test('makes the address of a file that stays, whatever its name', async () => {
    await using world = await setup();
    expect(fileUrl(world.server.endpoint, 'u-1', 'Übersicht #1.pdf')).toBe(
      `${world.server.endpoint}/files/u-1/%C3%9Cbersicht%20%231.pdf`,
    );
    expect(() => fileUrl(world.server.endpoint, '..', 'a')).toThrow(TypeError);
  });

  test('gives the policies', async () => {
    await using world = await setup();
    await expect(world.client.policies()).resolves.toMatchObject({ policies: [{ name: 'everything' }] });
  });

  test('gives the usage of the caller, and of whom a service names', async () => {
    await using world = await setup();
    await expect(world.client.usage()).resolves.toMatchObject({ subject: 'ada', all: { files: 3 } });
    const ofTenant = await world.client.usage({ tenant: 'globex' });
    expect(ofTenant).toMatchObject({ tenant: 'globex' });
    expect(ofTenant).not.toHaveProperty('subject');
  });

  test('rejects with the problem when there is no such upload', async () => {
    await using world = await setup();
    const error = await world.client.status('nothing').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ problem: { code: 'upload_not_found', status: 404 } });
  });

  test.each(['', '..', 'a/b', 'a?b', 'a%2fb'])('does not make a path of "%s", which is no id', async (id) => {
    await using world = await setup();
    await expect(world.client.delete(id)).rejects.toThrow(TypeError);
    expect(world.server.seen).toEqual([]);
  });
});

describe('an answer that is not of Sluice', () => {
  test('is repeated when the gateway throttles or fails', async () => {
    await using world = await setup();
    const gateway = (status: number) =>
      ({ kind: 'answer', status, body: { message: 'Too Many Requests' } }) as const;
    world.server.fail('GET /policies', gateway(429), gateway(500), gateway(503));
    await expect(world.client.policies()).resolves.toHaveProperty('policies');
  });

  test('is repeated when the API itself says that it may do better later', async () => {
    await using world = await setup();
    world.server.fail('GET /policies', problem(503, 'too_busy', { retryable: true }));
    await expect(world.client.policies()).resolves.toHaveProperty('policies');
  });

  test.each([
    ['a page', '<!doctype html><p>Welcome to the hotel'],
    ['other JSON', { hello: 'world' }],
    ['nothing', undefined],
  ])('rejects when the address answers 200 with %s', async (_what, body) => {
    await using world = await setup();
    world.server.fail('GET /policies', { kind: 'answer', status: 200, body });
    await expect(world.client.policies()).rejects.toThrow(UnexpectedAnswerError);
  });

  test('rejects as unauthorized when the API says what is wrong with the token', async () => {
    await using world = await setup();
    for (const _attempt of [1, 2]) world.server.fail('GET /policies', problem(401, 'token_expired'));
    const error = await world.client.policies().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnauthorizedError);
    expect(error).toMatchObject({ message: 'detail of token_expired' });
  });

  test('asks as a service, naming whose uploads it means', async () => {
    await using world = await setup();
    await world.client.list({ tenant: 'acme', owner: 'ada' });
    expect(world.server.calls('GET /uploads')[0]?.query).toBe('?tenant=acme&owner=ada');
    const owner = { tenant: 'acme', subject: 'ada' };
    await world.client.request({ ...request, owner }, { idempotencyKey: 'k' });
    expect(JSON.parse(String(world.server.calls('POST /uploads')[0]?.body))).toMatchObject({ owner });
  });

  test('rejects as unauthorized when the gateway refuses the token', async () => {
    await using world = await setup();
    world.server.accept('another');
    await expect(world.client.policies()).rejects.toThrow(UnauthorizedError);
  });
});

describe('no answer', () => {
  test('rejects naming the host and the reason when nothing listens there', async () => {
    const { origin, [Symbol.asyncDispose]: stop } = await startSluiceServer();
    await stop();
    const timing = { sleep: async () => undefined, random: () => 0, now: () => 0 };
    const error = await createClient({ endpoint: origin, token: 't', timing })
      .policies()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({
      message: `There was no answer from ${new URL(origin).host} (ECONNREFUSED).`,
    });
  });

  test('rejects when an answer takes longer than it may', async () => {
    await using world = await setup();
    world.server.fail('GET /policies', { kind: 'silence' });
    const { endpoint } = world.server;
    const client = createClient({ endpoint, token: 'token-1', timeoutMs: 30, retry: { attempts: 1 } });
    await expect(client.policies()).rejects.toThrow(NetworkError);
  });

  test('rejects with the reason of the signal when the caller stops waiting', async () => {
    await using world = await setup();
    world.server.fail('GET /policies', { kind: 'silence' });
    const stop = new AbortController();
    const policies = world.client.policies({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(policies).rejects.toThrow('enough');
  });
});
