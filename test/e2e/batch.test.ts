// Many uploads in one call, on the deployed stack: by HTTP, by the client, and from a page.
import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { apiOf, type Problem, put, type Resource } from './api.ts';
import { servePage } from './page.ts';

type Result = { readonly status: number; readonly upload?: Resource; readonly problem?: Problem };

function bytesOf(n: number) {
  return Buffer.from(`number,square\n${n},${n * n}\n`);
}

function fileOf(n: number) {
  return { filename: `${n}.csv`, contentType: 'text/csv', size: bytesOf(n).length };
}

function files(count: number) {
  return Array.from({ length: count }, (_, n) => fileOf(n));
}

function setup() {
  const { alice, bob } = inject('stack');
  const as = (user: typeof alice) => {
    const api = apiOf(user);
    const batch = async (path: string, body: object, headers?: Record<string, string>): Promise<Result[]> => {
      const response = await api.call('POST', `/uploads/batch${path}`, body, headers);
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      return ((await response.json()) as { results: Result[] }).results;
    };
    return {
      ...api,
      requestAll: (uploads: readonly object[], headers?: Record<string, string>) =>
        batch('', { uploads }, headers),
      readAll: (ids: readonly string[]) => batch('/status', { ids }),
      deleteAll: (ids: readonly string[]) => batch('/delete', { ids }),
    };
  };
  return { alice: as(alice), bob: as(bob) };
}

function uploadsOf(results: readonly Result[]): Resource[] {
  return results.map(({ upload, problem }) => upload ?? expect.fail(JSON.stringify(problem)));
}

function idsOf(results: readonly Result[]): string[] {
  return uploadsOf(results).map(({ id }) => id);
}

describe('a hundred files', () => {
  test('requested in one call are all sent and accepted, seen in one call and deleted in one', async () => {
    const { alice } = setup();
    const uploads = uploadsOf(await alice.requestAll(files(100)));
    expect(new Set(uploads.map(({ id }) => id)).size).toBe(100);
    for (let n = 0; n < uploads.length; n += 10) {
      const sent = uploads.slice(n, n + 10).map((upload, index) => put(upload, bytesOf(n + index)));
      for (const { status } of await Promise.all(sent)) expect(status).toBe(200);
    }
    const ids = uploads.map(({ id }) => id);
    await expect
      .poll(async () => new Set(uploadsOf(await alice.readAll(ids)).map(({ state }) => state)), {
        timeout: 120_000,
        interval: 500,
      })
      .toEqual(new Set(['accepted']));
    const seen = uploadsOf(await alice.readAll(ids));
    expect(seen.map(({ id, filename }) => [id, filename])).toEqual(ids.map((id, n) => [id, `${n}.csv`]));

    const deleted = await alice.deleteAll(ids);
    expect(deleted.map(({ status }) => status)).toEqual(ids.map(() => 204));
    const ended = uploadsOf(await alice.readAll(ids));
    expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(['deleted']));
  });

  test('of which one is wrong are taken but for that one', async () => {
    const { alice } = setup();
    const asked = files(100).map((file, n) => (n === 57 ? { ...file, filename: 'squares.exe' } : file));
    const results = await alice.requestAll(asked);
    expect(results[57]).toMatchObject({ status: 422, problem: { code: 'filename_unsafe' } });
    const others = results.filter((_, n) => n !== 57);
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set([201]));
    const deleted = await alice.deleteAll(idsOf(others));
    expect(new Set(deleted.map(({ status }) => status))).toEqual(new Set([204]));
  });

  test('requested again with the same Idempotency-Key are the same uploads, signed again', async () => {
    const { alice } = setup();
    const key = { 'idempotency-key': randomUUID() };
    const first = uploadsOf(await alice.requestAll(files(100), key));
    const [second, third] = await Promise.all([
      alice.requestAll(files(100), key),
      alice.requestAll(files(100), key),
    ]);
    const ids = first.map(({ id }) => id);
    expect(idsOf(second)).toEqual(ids);
    expect(idsOf(third)).toEqual(ids);
    const upload = uploadsOf(second)[99] ?? expect.fail('no hundredth upload');
    expect((await put(upload, bytesOf(99))).status).toBe(200);
    expect((await alice.settled(upload.id)).state).toBe('accepted');
  });
});

test('files in parts come with their plans and first parts, beside others in the same call', async () => {
  const { alice } = setup();
  const film = {
    filename: 'film.mp4',
    contentType: 'video/mp4',
    size: 200 * 1024 ** 2,
    transport: 'multipart',
  };
  const [first, second] = uploadsOf(await alice.requestAll([film, fileOf(1)]));
  expect(first?.multipart?.parts).toHaveLength(4);
  expect(first?.multipart?.partCount).toBeGreaterThan(4);
  expect(second?.put).toBeDefined();
  expect((await alice.deleteAll([first?.id ?? '', second?.id ?? ''])).map(({ status }) => status)).toEqual([
    204, 204,
  ]);
});

describe("somebody else's uploads", () => {
  test('are not found, and stay, among those of the one who asks', async () => {
    const { alice, bob } = setup();
    const [theirs = ''] = idsOf(await alice.requestAll(files(1)));
    const [own = ''] = idsOf(await bob.requestAll(files(1)));
    const ids = [theirs, own, randomUUID(), 'no-id', own];
    const seen = await bob.readAll(ids);
    expect(seen.map(({ status }) => status)).toEqual([404, 200, 404, 404, 200]);
    expect(seen[0]?.problem).toEqual({ ...seen[2]?.problem });
    const deleted = await bob.deleteAll(ids);
    expect(deleted.map(({ status }) => status)).toEqual([404, 204, 404, 404, 204]);
    expect((await alice.read(theirs)).state).toBe('requested');
  });
});

describe('a page', () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof servePage>>;

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchBrowser(), servePage()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  test('sends sixty files with few calls of the API, and deletes them with one', async () => {
    const { apiUrl: endpoint, bob } = inject('stack');
    const page = await browser.newPage();
    await page.goto(site.url);
    const calls: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(endpoint) && request.method() !== 'OPTIONS') {
        calls.push(`${request.method()} ${new URL(request.url()).pathname.replace(/[0-9a-f-]{36}/, '{id}')}`);
      }
    });
    const { states, deleted } = await page.evaluate(
      async (api) => {
        const uploader = sluice.createUploader(api);
        const uploads = await Promise.all(
          Array.from({ length: 60 }, (_, n) =>
            uploader.upload(new File([`n,square\n${n},${n * n}\n`], `${n}.csv`, { type: 'text/csv' })),
          ),
        );
        const client = sluice.createBatchClient(api);
        const deletions = await Promise.allSettled(uploads.map(({ id }) => client.delete(id)));
        return {
          states: uploads.map(({ state }) => state),
          deleted: deletions.map(({ status }) => status),
        };
      },
      { endpoint, token: bob.idToken },
    );
    expect(new Set(states)).toEqual(new Set(['accepted']));
    expect(new Set(deleted)).toEqual(new Set(['fulfilled']));
    const count = (part: string) => calls.filter((call) => call.includes(part)).length;
    expect(count('/uploads/batch/delete')).toBe(1);
    expect(calls.filter((call) => /\/uploads(\/batch)?$/.test(call))).toHaveLength(1);
    // One poll per file and look would be hundreds.
    expect(calls.length).toBeLessThan(60);
    await page.close();
  });
});
