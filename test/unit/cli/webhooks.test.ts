import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHandler } from '../../../src/handlers/webhooks.ts';
import { deliverGroup, toGroups } from '../../../src/lib/webhook/deliver.ts';
import { newDelivery } from '../../../src/lib/webhook/delivery.ts';
import { deriveSecret } from '../../../src/lib/webhook/keys.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { createWebhooksWorld, WEBHOOK } from '../events/webhooks-world.ts';
import { openShell, readLines } from './shell.ts';

afterEach(() => void vi.restoreAllMocks());

const ROUTES = [
  'GET /webhooks',
  'POST /webhooks',
  'DELETE /webhooks/{id}',
  'POST /webhooks/{id}/enable',
  'POST /webhooks/{id}/rotate',
  'POST /webhooks/{id}/test',
  'GET /webhooks/{id}/deliveries',
  'POST /webhooks/{id}/redeliver',
];
const MASTER = 'm'.repeat(64);

/** The command line before the real function of these routes, with its adapters in memory. */
async function setup() {
  captureLog();
  const shell = await openShell();
  const webhooks = createWebhooksWorld(() => Date.now(), randomUUID);
  const handler = createHandler(webhooks);
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, id] = /^\/webhooks\/([^/]+)/.exec(url.pathname) ?? [];
    const routeKey = `${request.method} ${id === undefined ? url.pathname : url.pathname.replace(id, '{id}')}`;
    expect(ROUTES).toContain(routeKey);
    const lambda = {
      kind: 'service',
      client: 'c',
      scopes: 'webhooks tenants',
      expiresAt: Date.now() + 60_000,
    };
    const event = {
      routeKey,
      headers: request.headers,
      body: await text(request),
      isBase64Encoded: false,
      pathParameters: { id },
      queryStringParameters: Object.fromEntries(url.searchParams),
      requestContext: { requestId: 'r', authorizer: { lambda } },
    };
    const answer = await handler(event as never, { functionName: 'webhooks' } as Context);
    response.writeHead(answer.statusCode ?? 200, answer.headers as Record<string, string>).end(answer.body);
    // What was announced is made a moment later.
    for (const group of toGroups(webhooks.messages.splice(0).map(({ key }) => key))) {
      await deliverGroup(
        webhooks,
        group,
        () => true,
        () => {},
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = { SLUICE_ENDPOINT: `http://127.0.0.1:${Object(server.address()).port}`, SLUICE_TOKEN: 'token' };
  return {
    webhooks,
    run: (...argv: string[]) => shell.sluice(['webhooks', ...argv], { env }),
    /** A delivery that was given up. */
    fail: async (eventId: string) => {
      const key = { scope: '*', endpointId: WEBHOOK, eventId };
      const { delivery } = await webhooks.deliveries.create(
        newDelivery(key, { type: 'upload.accepted', body: '{}' }, Date.now()),
      );
      const attempts = [{ at: Date.now(), ms: 9, status: 500, error: 'status' as const }];
      const changes = { state: 'failed', endReason: 'attempts_exhausted', attempts } as const;
      await webhooks.deliveries.change(delivery, changes, Date.now());
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await shell[Symbol.asyncDispose]();
    },
  };
}

describe('sluice webhooks', () => {
  test('adds an address, and shows its secret once', async () => {
    await using world = await setup();
    const { code, out, err } = await world.run(
      'add',
      'https://app.example.com/a',
      '--type',
      'upload.accepted',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^id +[0-9a-f-]{36}\nsecret +whsec_\S{44}\npublic key +whpk_\S{44}\n$/);
    expect(err).toContain('not shown again');
    const list = await world.run('list');
    expect(list.out).toMatch(/enabled +upload\.accepted +https:\/\/app\.example\.com\/a$/m);
    expect(list.out).not.toContain('whsec_');
  });

  test('says why an address is refused', async () => {
    await using world = await setup();
    const { code, err } = await world.run('add', 'https://169.254.169.254/');
    expect(code).toBe(3);
    expect(err).toContain('an address that is not on the internet');
  });

  test('rotates the secret that the list shows, and says how long the old one is good', async () => {
    await using world = await setup();
    const { out, err } = await world.run('rotate', WEBHOOK);
    expect(out).toContain(deriveSecret(MASTER, { id: WEBHOOK, version: 2 }));
    expect(err).toMatch(/signed with the old one as well until \d{4}-/);
  });

  test('sends a message, and tells what was answered', async () => {
    await using world = await setup();
    const { code, out } = await world.run('test', WEBHOOK);
    expect(out).toMatch(/^[0-9a-f-]{36}\.test {2}delivered: 204, \d+ ms\n$/);
    expect(code).toBe(0);
  });

  test('tells what was given up, and sends all of it again', async () => {
    await using world = await setup();
    for (const id of ['a0.accepted', 'b1.accepted']) await world.fail(id);
    const failed = await world.run('attempts', WEBHOOK, '--failed');
    expect(failed.out).toMatch(/^a0\.accepted .*failed \(attempts_exhausted\): 500, 9 ms$/m);
    expect((await world.run('redeliver', WEBHOOK, '--failed')).out).toBe(
      'a0.accepted  on its way\nb1.accepted  on its way\n',
    );
    await expect.poll(() => world.webhooks.sent).toEqual(['a0.accepted', 'b1.accepted']);
    expect((await world.run('attempts', WEBHOOK, '--failed')).err).toContain('There are none.');
    const [all] = readLines((await world.run('attempts', WEBHOOK, '--json')).out);
    expect(all).toMatchObject({ deliveries: [{ state: 'delivered' }, { state: 'delivered' }] });
  });

  test('sends one event again', async () => {
    await using world = await setup();
    await world.fail('a0.accepted');
    expect(await world.run('redeliver', WEBHOOK, 'a0.accepted')).toMatchObject({ code: 0 });
    await expect.poll(() => world.webhooks.sent).toEqual(['a0.accepted']);
  });

  test('enables and removes', async () => {
    await using world = await setup();
    expect(await world.run('enable', WEBHOOK)).toMatchObject({ code: 0, out: `${WEBHOOK}  enabled\n` });
    expect(await world.run('remove', WEBHOOK)).toMatchObject({ code: 0, out: `${WEBHOOK}  removed\n` });
    expect((await world.run('list')).err).toBe('There are none.\n');
    const again = await world.run('rotate', WEBHOOK);
    expect(again).toMatchObject({ code: 3, err: expect.stringContaining('There is no such webhook.') });
  });

  test.each([
    [[], 'What about webhooks?'],
    [['ad'], 'There is no `webhooks ad`.'],
    [['toString'], 'There is no `webhooks toString`.'],
    [['add'], 'Which address?'],
    [['remove'], 'Which one?'],
    [['remove', '../uploads'], 'not the id of a webhook'],
    [['redeliver', WEBHOOK], 'Which one of which?'],
  ])('with %j says what is missing', async (argv, hint) => {
    await using world = await setup();
    const { code, err } = await world.run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(hint);
  });
});
