// The backend of examples/ that keeps a row for each accepted file, with a stack whose webhook it is.
import { randomUUID } from 'node:crypto';
import { createClient } from '@sluice/client/client';
import { createUploader } from '@sluice/client/uploader';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '../../local/port.ts';
import { readPoolStack } from '../../local/stack.ts';
import { createUser, logIn, readService } from '../../local/users.ts';
import { readWebhookSecret } from '../../local/webhook.ts';
import { launchBrowser } from '../setup/browser.ts';
import { startStack } from '../setup/local-stack.ts';
import { type Example, findFaults, startExample, visitExample } from './example.ts';

const HOSTILE = '<img src=x onerror="document.title=1">&amp;.csv';

const browser = await launchBrowser();
afterAll(() => browser.close());

type Row = { readonly id: string; readonly name: string; readonly owner: string };

let example: Example;
let secret: string;
let caller: { readonly endpoint: string; readonly token: string };
let stop: () => Promise<void>;
beforeAll(async () => {
  const port = await findFreePort();
  const url = `http://localhost:${port}/hook`;
  const started = await startStack(
    `test-backend-${process.pid}`,
    async () => ({ webhook: url }),
    readPoolStack,
  );
  const { stack } = started;
  stop = started.stop;
  secret = (await readWebhookSecret(stack, await readService(stack))) ?? expect.fail('it was rotated');
  const user = { email: 'ada@example.com', password: randomUUID() };
  await createUser(stack, user);
  caller = { endpoint: stack.apiUrl, token: (await logIn(stack, user)).idToken };
  // As npm start writes it.
  example = await startExample('backend', { ...stack, webhook: { url, secret } }, { port });
});
afterAll(async () => {
  await example?.[Symbol.asyncDispose]();
  await stop?.();
});

async function rows(): Promise<readonly Row[]> {
  return (await (await fetch(`${example.url}/files`)).json()) as readonly Row[];
}

async function rowsOf(id: string): Promise<readonly Row[]> {
  return (await rows()).filter((row) => row.id === id);
}

async function send(filename: string): Promise<string> {
  const file = new Blob(['name,size\nphoto,3\n'], { type: 'text/csv' });
  const { id } = await createUploader(caller).send(file, { filename, contentType: 'text/csv' });
  expect(await createClient(caller).wait(id)).toMatchObject({ state: 'accepted' });
  return id;
}

/** A notice as Sluice would send it, signed by somebody who has this secret. */
function notice(id: string, signedBy: string) {
  const data = { id, filename: 'a.csv', contentType: 'text/csv', size: 3, subject: 'ada' };
  const now = new Date();
  const body = JSON.stringify({ type: 'upload.accepted', timestamp: now.toISOString(), data });
  const messageId = `${id}.accepted`;
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': messageId,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Webhook(signedBy).sign(messageId, now, body),
    },
  };
}

function bring({ headers, body }: ReturnType<typeof notice>): Promise<Response> {
  return fetch(`${example.url}/hook`, { method: 'POST', headers, body });
}

test('an accepted file is a row, once, and a deleted one is none', async () => {
  const [kept, deleted] = [await send('kept.csv'), await send('deleted.csv')];
  await expect.poll(() => rowsOf(kept), { timeout: 30_000 }).toHaveLength(1);
  await expect.poll(() => rowsOf(deleted), { timeout: 30_000 }).toHaveLength(1);
  expect(await rowsOf(kept)).toMatchObject([{ name: 'kept.csv' }]);
  await createClient(caller).delete(deleted);
  await expect.poll(() => rowsOf(deleted), { timeout: 30_000 }).toEqual([]);
  expect(await rowsOf(kept)).toHaveLength(1);
});

test('a notice that comes twice makes one row, and one with a wrong signature makes none', async () => {
  const twice = notice(randomUUID(), secret);
  expect([(await bring(twice)).status, (await bring(twice)).status]).toEqual([204, 204]);
  const known = await rows();
  const stranger = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const forged = notice(randomUUID(), stranger);
  const good = notice(randomUUID(), secret);
  const { 'webhook-signature': _signature, ...unsigned } = good.headers;
  const answers = await Promise.all([
    bring(forged),
    bring({ ...good, body: good.body.replace('"size":3', '"size":4') }),
    bring({ ...good, headers: { ...good.headers, 'webhook-signature': 'v1,AAAA' } }),
    bring({ ...good, headers: { ...good.headers, 'webhook-timestamp': '1' } }),
    bring({ ...good, headers: unsigned as typeof good.headers }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  expect(await rows()).toEqual(known);
});

test('the page shows names as text and keeps up with the table, in light and dark and on a phone', async () => {
  await send(HOSTILE);
  await using light = await visitExample(browser, example.url);
  const cell = light.page.getByRole('cell').filter({ hasText: 'onerror' });
  await cell.waitFor();
  expect(await cell.textContent()).toContain('<img src=x onerror=');
  expect(await light.page.locator('td img').count()).toBe(0);
  expect(await light.page.title()).toBe('Accepted files');
  expect(await findFaults(light.page)).toEqual([]);
  await light.shoot('backend-light');

  await using dark = await visitExample(browser, example.url, {
    colorScheme: 'dark',
    viewport: { width: 360, height: 740 },
  });
  await dark.page.getByRole('cell', { name: 'kept.csv' }).waitFor();
  expect(await dark.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await findFaults(dark.page)).toEqual([]);
  await dark.shoot('backend-dark-phone');

  await send('later.csv');
  await dark.page.getByRole('cell', { name: 'later.csv' }).waitFor();
  expect([...light.complaints, ...dark.complaints]).toEqual([]);
});

test('the backend does not start without the secret, and says what to start', async () => {
  const stack = await example.stack();
  const { webhook: _webhook, ...without } = stack;
  await expect(startExample('backend', without)).rejects.toThrow(/npm start -- --webhook http:\/\/localhost/);
});
