// The snippets of docs/webhooks.md, run as they stand, with messages as Sluice sends them. That of Python is
// run by test/e2e/webhooks-python.test.ts.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createWebhookKeySigner,
  createWebhookSigner,
  signWebhook,
  toEd25519Key,
  toWebhookPublicKey,
  toWebhookSecret,
} from '@sluice/contract/webhook-signature';
import { afterAll, describe, expect, test } from 'vitest';
import { SCHEDULE_SECONDS } from '../../../src/lib/webhook/schedule.ts';

const PAGE = readFileSync('docs/webhooks.md', 'utf8');
const secret = toWebhookSecret(randomBytes(32));
const key = toEd25519Key(randomBytes(32));
process.env.SLUICE_WEBHOOK_SECRET = secret;

// Below node_modules, so that the snippets find their packages.
mkdirSync('node_modules/.cache', { recursive: true });
const folder = mkdtempSync(join(process.cwd(), 'node_modules', '.cache', 'webhooks-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a snippet into a folder of its own, beside a `handle.js` that notes what it gets. */
async function load(name: string) {
  const [, code] = new RegExp(`\`\`\`js\\n// ${name}\\n([^]*?)\n\`\`\``).exec(PAGE) ?? [];
  if (code === undefined) throw new Error(`docs/webhooks.md has no snippet ${name}`);
  const path = join(folder, name, name.split('/').at(-1) ?? '');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(join(dirname(path), 'package.json'), '{"type":"module"}');
  writeFileSync(path, code);
  const handlePath = join(dirname(path), 'handle.js');
  writeFileSync(
    handlePath,
    'export const seen = [];\nexport async function handle(...got) { seen.push(got); }\n',
  );
  const { seen } = await import(/* @vite-ignore */ pathToFileURL(handlePath).href);
  return { module: await import(/* @vite-ignore */ pathToFileURL(path).href), seen: seen as unknown[] };
}

function message(seconds = Math.floor(Date.now() / 1_000)) {
  const body =
    '{"type":"upload.accepted","timestamp":"2026-11-20T09:15:02.417Z","data":{"filename":"Ä.jpg"}}';
  const headers = signWebhook({ id: 'a0.accepted', timestamp: seconds, body }, [
    createWebhookSigner(secret),
    createWebhookKeySigner(key),
  ]);
  return { body, headers: { ...headers, 'content-type': 'application/json' } };
}

type Send = (sent: { body: string; headers: Record<string, string> }) => Promise<number>;

async function post(listener: RequestListener, send: (origin: string) => Promise<Response>): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { status } = await send(`http://127.0.0.1:${port}/hooks/sluice`);
  server.closeAllConnections();
  server.close();
  return status;
}

const SERVERS: Readonly<Record<string, (module: never) => Send>> = {
  'express.js':
    ({ app }: { app: RequestListener }) =>
    (sent) =>
      post(app, (url) => fetch(url, { method: 'POST', ...sent })),
  'fastify.js':
    ({ app }: { app: { inject: (call: object) => Promise<{ statusCode: number }> } }) =>
    async ({ body, headers }) =>
      (await app.inject({ method: 'POST', url: '/hooks/sluice', headers, payload: body })).statusCode,
  'app/hooks/sluice/route.js':
    ({ POST }: { POST: (request: Request) => Promise<Response> }) =>
    async (sent) =>
      (await POST(new Request('https://app.example.com/hooks/sluice', { method: 'POST', ...sent }))).status,
};

describe.each(Object.entries(SERVERS))('the snippet %s', (name, toSend) => {
  test('takes what Sluice sends, and refuses what nobody signed, what was changed, and what is old', async () => {
    const { module, seen } = await load(name);
    const send = toSend(module as never);
    expect(await send(message())).toBe(204);
    const good = message();
    expect(seen).toEqual([['a0.accepted', JSON.parse(good.body)]]);
    expect(await send({ ...good, body: good.body.replace('Ä', 'Ö') })).toBe(400);
    expect(await send({ ...good, headers: { 'content-type': 'application/json' } })).toBe(400);
    expect(await send(message(Math.floor(Date.now() / 1_000) - 600))).toBe(400);
    expect(seen).toHaveLength(1);
  });
});

test('the snippet ed25519.js verifies by any of the published keys, and by no other', async () => {
  const { module } = await load('ed25519.js');
  const { isFromSluice } = module as {
    isFromSluice: (keys: readonly string[], headers: object, body: string) => boolean;
  };
  const { headers, body } = message();
  const [ours, other] = [toWebhookPublicKey(key), toWebhookPublicKey(toEd25519Key(randomBytes(32)))];
  expect(isFromSluice([other, ours], headers, body)).toBe(true);
  expect(isFromSluice([other], headers, body)).toBe(false);
  expect(isFromSluice([ours], headers, `${body} `)).toBe(false);
  expect(isFromSluice([ours], { ...headers, 'webhook-id': 'another' }, body)).toBe(false);
  expect(isFromSluice([ours], {}, body)).toBe(false);
  const old = message(Math.floor(Date.now() / 1_000) - 600);
  expect(isFromSluice([ours], old.headers, old.body)).toBe(false);
});

test('the page tells the schedule that is kept', () => {
  expect(SCHEDULE_SECONDS).toEqual([
    0,
    5,
    300,
    1_800,
    ...[2, 5, 10, 14, 20, 24].map((hours) => hours * 3_600),
  ]);
  expect(PAGE).toContain(
    'at once, then after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours',
  );
});
