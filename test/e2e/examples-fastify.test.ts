// The backend of examples/ that has users and an issuer of its own, with a stack that takes its tokens and
// its policies.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '../../local/folders.ts';
import { requireIssuer } from '../../local/issuer.ts';
import { findFreePort } from '../../local/port.ts';
import { readStack } from '../../local/stack.ts';
import { launchBrowser } from '../setup/browser.ts';
import { startStack } from '../setup/local-stack.ts';
import {
  disguised,
  type Example,
  findFaults,
  type Guest,
  pictureOf,
  startExample,
  tableOf,
  visitExample,
} from './example.ts';

const AUDIENCE = 'example-fastify';

const browser = await launchBrowser();
afterAll(() => browser.close());

let example: Example;
let stop: () => Promise<void>;
beforeAll(async () => {
  // The backend first: AWS deploys with an issuer only once it answers, and npm start waits for one on this
  // machine.
  const port = await findFreePort();
  const issuer = { url: `http://127.0.0.1:${port}`, audience: AUDIENCE };
  example = await startExample('fastify', undefined, { port });
  expect(await requireIssuer(issuer, () => undefined)).toBe(1);
  const started = await startStack(
    `test-fastify-${process.pid}`,
    async () => ({ issuer, policies: join(projectRoot, 'examples', 'fastify', 'policies.ts') }),
    readStack,
  );
  stop = started.stop;
  await example.describe({ ...started.stack, issuer });
});
afterAll(async () => {
  await example?.[Symbol.asyncDispose]();
  await stop?.();
});

async function signIn({ page }: Guest, name: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Your picture' }).waitFor();
}

function outcome({ page }: Guest) {
  return page.getByRole('status');
}

/** What the API answers somebody who comes with this token. */
async function policiesFor(token: string): Promise<Response> {
  return fetch(`${(await example.stack()).apiUrl}/policies`, {
    headers: { authorization: `Bearer ${token}` },
  });
}

test('the picture of one person is shown to the other, once it has been accepted', async () => {
  await using ada = await visitExample(browser, example.url);
  await signIn(ada, 'ada');
  await ada.pick(await pictureOf(ada.page, 'ada.png'));
  await outcome(ada).getByText('ada.png was accepted.').waitFor();
  await ada.page.getByAltText('Picture of Ada').waitFor();
  await ada.shoot('fastify-light');
  expect(await findFaults(ada.page)).toEqual([]);
  expect(ada.complaints).toEqual([]);

  await using ben = await visitExample(browser, example.url, { colorScheme: 'dark' });
  await signIn(ben, 'ben');
  const picture = ben.page.getByAltText('Picture of Ada');
  await picture.waitFor();
  // It is the one that Ada sent, whole: the browser knows its width.
  await expect.poll(() => picture.evaluate((image) => Object(image).naturalWidth)).toBe(1280);
  await ben.shoot('fastify-dark');
  expect(await findFaults(ben.page)).toEqual([]);
});

test('what is no picture is rejected with its reason, and what the policies do not take is refused', async () => {
  await using guest = await visitExample(browser, example.url);
  await signIn(guest, 'ben');
  await guest.pick(disguised('invoice.png'));
  await outcome(guest).getByText('a browser could run it').waitFor();
  await guest.shoot('fastify-rejected');

  await guest.pick(tableOf('readings.csv', 100));
  const refused = guest.page.getByRole('alert');
  await refused.getByText('text/csv').waitFor();
  expect(await guest.page.getByAltText('Picture of Ben').count()).toBe(0);
});

test('a page that names the upload of somebody else gets no picture by it', async () => {
  await using ada = await visitExample(browser, example.url);
  await signIn(ada, 'ada');
  const named = ada.page.waitForRequest((request) => request.url().endsWith('/me/avatar'));
  await ada.pick(await pictureOf(ada.page, 'ada.png'));
  const body: unknown = (await named).postDataJSON();
  await outcome(ada).getByText('ada.png was accepted.').waitFor();

  await using ben = await visitExample(browser, example.url);
  await signIn(ben, 'ben');
  const claim = (uploadId: unknown) =>
    ben.page.evaluate(async (id) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch('/me/avatar', {
        method: 'PUT',
        headers,
        body: JSON.stringify({ uploadId: id }),
      });
      return response.status;
    }, uploadId);
  expect(await claim(Object(body).uploadId)).toBe(404);
  expect(await claim('../policies')).toBe(400);
  await ben.page.reload();
  await ben.page.getByAltText('Picture of Ada').waitFor();
  expect(await ben.page.getByAltText('Picture of Ben').count()).toBe(0);
});

test('a token of the backend opens the API with the policies of the file, and nothing else does', async () => {
  await using guest = await visitExample(browser, example.url);
  const without = await guest.page.evaluate(
    async () => (await fetch('/upload-token', { method: 'POST' })).status,
  );
  expect(without).toBe(401);
  const seen = await guest.page.evaluate(async () => (await fetch('/people')).json());
  expect(seen).toEqual({ people: [] });
  await signIn(guest, 'ada');
  const token = await guest.page.evaluate(async () => {
    const response = await fetch('/upload-token', { method: 'POST' });
    return String(Object(await response.json()).token);
  });
  const answer: unknown = await (await policiesFor(token)).json();
  expect(Object(answer).policies).toMatchObject([{ name: 'avatars' }]);

  const [head = '', claims = '', signature = ''] = token.split('.');
  const others = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'ben' };
  const forged = [head, Buffer.from(JSON.stringify(others)).toString('base64url'), signature].join('.');
  expect((await policiesFor(forged)).status).toBe(401);
});

test('the page says how to start Sluice when that runs with another issuer', async () => {
  const { issuer: _, ...otherStack } = await example.stack();
  await using other = await startExample('fastify', otherStack);
  await using guest = await visitExample(browser, other.url);
  await signIn(guest, 'ada');
  await guest.pick(await pictureOf(guest.page, 'ada.png'));
  await guest.page.getByRole('alert').getByText('takes no tokens of this backend').waitFor();
  await guest.page.getByRole('alert').getByText(`--issuer ${other.url}`).waitFor();
});
