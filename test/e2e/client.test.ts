// The client in a real browser, on a page of another origin than the API's and S3's: XMLHttpRequest, forms
// and CORS are real.

import type { Progress } from '@sluice/client/uploader';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launchBrowser } from '../setup/browser.ts';
import { servePage } from './page.ts';

let browser: Browser;
let site: Awaited<ReturnType<typeof servePage>>;

beforeAll(async () => {
  [browser, site] = await Promise.all([launchBrowser(), servePage()]);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

async function setup() {
  const { apiUrl: endpoint, alice } = inject('stack');
  const page: Page = await browser.newPage();
  await page.goto(site.url);
  return { page, api: { endpoint, token: alice.idToken }, [Symbol.asyncDispose]: () => page.close() };
}

describe('the client in a browser', () => {
  test.each(['put', 'post'] as const)(
    'sends a file by %s, tells of its progress, and resolves with the verdict',
    async (transport) => {
      await using world = await setup();
      const { upload, states, seen } = await world.page.evaluate(
        async ({ api, transport }) => {
          const file = new File(
            ['n,square\n', ...Array.from({ length: 300_000 }, (_, n) => `${n},${n * n}\n`)],
            'squares.csv',
            { type: 'text/csv' },
          );
          const states: string[] = [];
          const seen: Progress[] = [];
          const upload = await sluice.createUploader(api).upload(file, {
            transport,
            checksum: 'sha256',
            onState: ({ state }) => states.push(state),
            onProgress: (progress) => seen.push(progress),
          });
          return { upload, states, seen };
        },
        { api: world.api, transport },
      );
      expect(upload).toMatchObject({
        state: 'accepted',
        filename: 'squares.csv',
        transport,
        checksum: { algorithm: 'sha256' },
      });
      expect(states.at(0)).toBe('requested');
      expect(states.at(-1)).toBe('accepted');
      expect(seen.at(-1)).toEqual({ phase: 'sending', bytes: upload.size, totalBytes: upload.size });
    },
  );

  test('resolves with the reason when the bytes are not what they are called', async () => {
    await using world = await setup();
    const upload = await world.page.evaluate(async (api) => {
      const file = new File(['<!doctype html><script>alert(1)</script>'], 'cat.png', { type: 'image/png' });
      return sluice.createUploader(api).upload(file);
    }, world.api);
    expect(upload).toMatchObject({ state: 'rejected', reason: 'active_content' });
  });

  test('gives the upload up when it is aborted in the middle of the file', async () => {
    await using world = await setup();
    // On loopback the whole file may be there, and accepted, before the page hears of any progress.
    const network = await world.page.context().newCDPSession(world.page);
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 4 * 1024 * 1024,
    });
    const { reason, state } = await world.page.evaluate(async (api) => {
      const file = new File([new Uint8Array(64 * 1024 * 1024).fill(97)], 'long.txt', { type: 'text/plain' });
      const stop = new AbortController();
      let id = '';
      const upload = sluice.createUploader(api).upload(file, {
        signal: stop.signal,
        onState: (upload) => {
          id = upload.id;
        },
        onProgress: () => stop.abort(new Error('changed my mind')),
      });
      const reason = await upload.then(String, String);
      return { reason, state: (await sluice.createClient(api).status(id)).state };
    }, world.api);
    expect(reason).toBe('Error: changed my mind');
    expect(state).toBe('aborted');
  });

  test('sends the file anew when the network goes away in the middle of it', async () => {
    await using world = await setup();
    let cuts = 0;
    await world.page.route(
      (url) => url.href.startsWith(inject('stack').endpoint) && !url.pathname.includes('execute-api'),
      (route) =>
        route.request().method() === 'PUT' && cuts++ === 0
          ? route.abort('connectionreset')
          : route.continue(),
    );
    const upload = await world.page.evaluate(
      (api) => sluice.createUploader(api).upload(new File(['hello'], 'hello.txt', { type: 'text/plain' })),
      world.api,
    );
    expect(upload.state).toBe('accepted');
    expect(cuts).toBe(2);
  });

  test('rejects with the problem when the policy does not take the type', async () => {
    await using world = await setup();
    const problem = await world.page.evaluate(async (api) => {
      const file = new File(['MZ'], 'setup.exe', { type: 'application/x-msdownload' });
      return sluice
        .createUploader(api)
        .upload(file)
        .then(String, (error) => ({ name: error.name, ...error.problem }));
    }, world.api);
    expect(problem).toMatchObject({ name: 'ProblemError', code: 'type_not_allowed', field: 'contentType' });
  });
});
