import type { ApiOptions } from '@sluice/client/api';
import { createBatchClient } from '@sluice/client/batch';
import { NetworkError, ProblemError, UnexpectedAnswerError } from '@sluice/client/errors';
import { createUploader } from '@sluice/client/uploader';
import { describe, expect, test } from 'vitest';
import { problem, problemBody } from '../../fakes/fault.ts';
import { startSluiceServer } from '../../fakes/sluice-server.ts';

async function setup(more: Partial<ApiOptions> = {}) {
  const server = await startSluiceServer();
  const timing = { sleep: async () => undefined, random: () => 0, now: () => 0 };
  const options: ApiOptions = { endpoint: server.endpoint, token: 'token-1', timing, ...more };
  const client = createBatchClient(options);
  const requestAll = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => client.request(fileOf(n))));
  const bodies = (route: string) => server.calls(route).map(({ body }) => JSON.parse(body.toString()));
  return {
    server,
    client,
    options,
    requestAll,
    bodies,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function fileOf(n: number) {
  return { filename: `${n}.txt`, contentType: 'text/plain', size: n };
}

function reasonsOf(results: readonly PromiseSettledResult<unknown>[]) {
  return results.map((result) => (result.status === 'rejected' ? result.reason : undefined));
}

describe('what is asked for at the same moment', () => {
  test('is requested in one call, and each file gets its own upload', async () => {
    await using world = await setup();
    const uploads = await world.requestAll(20);
    expect(uploads.map(({ filename }) => filename)).toEqual(uploads.map((_, n) => `${n}.txt`));
    expect(new Set(uploads.map(({ put }) => put?.url)).size).toBe(20);
    expect(world.server.seen.map(({ route }) => route)).toEqual(['POST /uploads/batch']);
  });

  test('is requested in calls of a hundred', async () => {
    await using world = await setup();
    await world.requestAll(205);
    expect(world.bodies('POST /uploads/batch').map(({ uploads }) => uploads.length)).toEqual([100, 100, 5]);
  });

  test('is looked at, and deleted, in one call', async () => {
    await using world = await setup();
    const uploads = await world.requestAll(3);
    const seen = await Promise.all(uploads.map(({ id }) => world.client.status(id)));
    expect(seen.map(({ id }) => id)).toEqual(uploads.map(({ id }) => id));
    await Promise.all(uploads.map(({ id }) => world.client.delete(id)));
    expect([...world.server.uploads.values()].map(({ state }) => state)).toEqual(Array(3).fill('aborted'));
    expect(world.server.seen.map(({ route }) => route)).toEqual([
      'POST /uploads/batch',
      'POST /uploads/batch/status',
      'POST /uploads/batch/delete',
    ]);
  });

  test('is a call of its own when it is alone', async () => {
    await using world = await setup();
    const { id } = await world.client.request(fileOf(1));
    await world.client.status(id);
    await world.client.delete(id);
    expect(world.server.seen.map(({ route }) => route)).toEqual([
      'POST /uploads',
      'GET /uploads/{id}',
      'DELETE /uploads/{id}',
    ]);
  });

  test('is waited for together', async () => {
    await using world = await setup();
    const uploads = await world.requestAll(5);
    for (const { id } of uploads) world.server.objects.set(id, Buffer.from('x'));
    const settled = await Promise.all(uploads.map(({ id }) => world.client.wait(id)));
    expect(settled.map(({ state }) => state)).toEqual(Array(5).fill('accepted'));
    expect(world.server.calls('POST /uploads/batch/status')).toHaveLength(2);
    expect(world.server.calls('GET /uploads/{id}')).toEqual([]);
  });
});

describe('one of many', () => {
  test('that is refused rejects by itself, with its problem', async () => {
    await using world = await setup();
    const refused = problemBody(413, 'size_over_limit', { field: 'size' });
    world.server.failEntry(1, [413, refused]);
    const results = await Promise.allSettled([0, 1, 2].map((n) => world.client.request(fileOf(n))));
    expect(reasonsOf(results)).toEqual([undefined, expect.any(ProblemError), undefined]);
    expect(reasonsOf(results)[1]).toMatchObject({ problem: { code: 'size_over_limit', field: 'size' } });
  });

  test('that may do better later is asked for again alone, by the key that it had', async () => {
    await using world = await setup();
    world.server.failEntry(2, [503, problemBody(503, 'out_of_time', { retryable: true })]);
    const uploads = await world.requestAll(4);
    expect(uploads[2]?.filename).toBe('2.txt');
    const batch = world.server.calls('POST /uploads/batch')[0]?.headers['idempotency-key'];
    const again = world.server.calls('POST /uploads').map(({ headers }) => headers['idempotency-key']);
    expect(again).toEqual([`${batch}.2`]);
  });

  test('that is given up before it is asked for is left out, and the others are not', async () => {
    await using world = await setup();
    const abort = new AbortController();
    const first = world.client.request(fileOf(0));
    const second = world.client.request(fileOf(1), { signal: abort.signal });
    const third = world.client.request(fileOf(2));
    abort.abort(new Error('no more of it'));
    await expect(second).rejects.toThrow('no more of it');
    await Promise.all([first, third]);
    expect(world.bodies('POST /uploads/batch')).toEqual([{ uploads: [fileOf(0), fileOf(2)] }]);
  });

  test('that is given up meanwhile rejects at once, and the others are answered', async () => {
    await using world = await setup({ timeoutMs: 200 });
    world.server.fail('POST /uploads/batch', { kind: 'silence' });
    const abort = new AbortController();
    const first = world.client.request(fileOf(0));
    const second = world.client.request(fileOf(1), { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('no more of it')), 20);
    await expect(second).rejects.toThrow('no more of it');
    expect(world.server.seen).toEqual([]);
    await expect(first).resolves.toMatchObject({ filename: '0.txt' });
  });
});

describe('a batch', () => {
  test('is repeated as a whole, with its key, when no answer comes', async () => {
    await using world = await setup();
    world.server.fail(
      'POST /uploads/batch',
      { kind: 'lose-answer' },
      problem(503, 'too_busy', { retryable: true }),
    );
    await world.requestAll(3);
    const keys = world.server.calls('POST /uploads/batch').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(world.server.uploads.size).toBe(3);
  });

  test('that is refused as a whole rejects every one of it', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads/batch', problem(403, 'tenant_missing'));
    const results = await Promise.allSettled([0, 1].map((n) => world.client.request(fileOf(n))));
    expect(reasonsOf(results)).toMatchObject([
      { problem: { code: 'tenant_missing' } },
      { problem: { code: 'tenant_missing' } },
    ]);
  });

  test('that is answered in other words rejects', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads/batch', { kind: 'answer', status: 200, body: { hello: 'world' } });
    const results = await Promise.allSettled([0, 1].map((n) => world.client.request(fileOf(n))));
    expect(reasonsOf(results)).toEqual([
      expect.any(UnexpectedAnswerError),
      expect.any(UnexpectedAnswerError),
    ]);
  });

  test('that is answered with too few results has the others asked for alone', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads/batch', { kind: 'answer', status: 200, body: { results: [] } });
    expect(await world.requestAll(2)).toHaveLength(2);
    expect(world.server.calls('POST /uploads')).toHaveLength(2);
  });
});

describe('a server of a version that takes no batches', () => {
  test.each([404, 405])('answers %i, and is asked for each alone from then on', async (status) => {
    await using world = await setup();
    world.server.fail('POST /uploads/batch', { kind: 'answer', status, body: { message: 'Not Found' } });
    await world.requestAll(3);
    const uploads = await world.requestAll(3);
    expect(uploads).toHaveLength(3);
    expect(world.server.calls('POST /uploads/batch')).toHaveLength(1);
    expect(world.server.calls('POST /uploads')).toHaveLength(6);
    expect(world.server.uploads.size).toBe(6);
  });

  test('may give no answer that a page can read, and is asked for each alone then', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads/batch', ...Array(5).fill({ kind: 'cut' }));
    expect(await world.requestAll(3)).toHaveLength(3);
    expect(world.server.uploads.size).toBe(3);
  });

  test('is none that has taken one: when it gives no answer later, that is told', async () => {
    await using world = await setup();
    await world.requestAll(2);
    world.server.fail('POST /uploads/batch', ...Array(5).fill({ kind: 'cut' }));
    const results = await Promise.allSettled([0, 1].map((n) => world.client.request(fileOf(n))));
    expect(reasonsOf(results)).toEqual([expect.any(NetworkError), expect.any(NetworkError)]);
    expect(await world.requestAll(2)).toHaveLength(2);
    expect(world.server.calls('POST /uploads')).toEqual([]);
  });

  test('takes the files of an uploader', async () => {
    await using world = await setup();
    world.server.beOld();
    const uploader = createUploader(world.options);
    const files = ['a', 'b', 'c'].map((text) => new File([text], `${text}.txt`, { type: 'text/plain' }));
    const settled = await Promise.all(files.map((file) => uploader.upload(file)));
    expect(settled.map(({ state, filename }) => [state, filename])).toEqual([
      ['accepted', 'a.txt'],
      ['accepted', 'b.txt'],
      ['accepted', 'c.txt'],
    ]);
  });
});

test('an uploader requests the files of one choice in one call, and asks for their verdicts together', async () => {
  await using world = await setup();
  const uploader = createUploader(world.options);
  const files = Array.from({ length: 30 }, (_, n) => new File([`${n}`], `${n}.txt`, { type: 'text/plain' }));
  const settled = await Promise.all(files.map((file) => uploader.upload(file)));
  expect(settled.map(({ state }) => state)).toEqual(Array(30).fill('accepted'));
  expect(world.server.calls('POST /uploads/batch')).toHaveLength(1);
  expect(world.server.calls('POST /uploads')).toEqual([]);
  const looks = ['GET /uploads/{id}', 'POST /uploads/batch/status'].flatMap((route) =>
    world.server.calls(route),
  );
  expect(looks.length).toBeLessThan(30);
});
