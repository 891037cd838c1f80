// Webhooks as a receiver sees them: what arrives, how it is verified, and what becomes of what it refuses.
import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { createService, readService, type Service } from '../../local/users.ts';
import { apiOf, put, type Resource } from './api.ts';
import { type Received, type Receiver, startReceiver } from './receiver.ts';

type Endpoint = {
  readonly id: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly isGone?: boolean;
  readonly secret: string;
  readonly publicKey: string;
};
type Delivery = {
  readonly event: string;
  readonly state: string;
  readonly attempts: readonly { readonly status?: number; readonly error?: string }[];
};

const CSV = Buffer.from('name,size\nphoto,3\n');
const INTENT = { contentType: 'text/csv', filename: 'sizes.csv', metadata: { album: 'spring' } };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function tokenOf({ tokenUrl, clientId, clientSecret }: Service): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function setup() {
  const stack = inject('stack');
  const service = apiOf({ idToken: await tokenOf(await readService(stack)) });
  const alice = apiOf(stack.alice);
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await service.call(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
  const listen = async (answer: Parameters<typeof startReceiver>[0], wish: object = {}) => {
    const receiver = await startReceiver(answer);
    const endpoint = await ask<Endpoint>('POST', '/webhooks', { url: receiver.url, ...wish });
    stops.push(async () => {
      await ask('DELETE', `/webhooks/${endpoint.id}`);
      receiver.stop();
    });
    return { receiver, endpoint };
  };
  const upload = async (): Promise<Resource> => {
    const requested = await alice.request(INTENT, CSV.length);
    expect((await put(requested, CSV)).status).toBe(200);
    return requested;
  };
  const deliveries = async (id: string) =>
    (await ask<{ deliveries: Delivery[] }>('GET', `/webhooks/${id}/deliveries`)).deliveries;
  return { stack, service, alice, ask, listen, upload, deliveries };
}

/** What the package says of a message; undefined for one that it does not verify. */
function verified(secret: string, { body, headers }: Received) {
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>) as {
      readonly type: string;
      readonly timestamp: string;
      readonly data: Readonly<Record<string, unknown>>;
    };
  } catch {
    return undefined;
  }
}

function isSignedBy(publicKey: string, { id, headers, body }: Received): boolean {
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey.slice(5), 'base64').toString('base64url') },
    format: 'jwk',
  });
  const signed = Buffer.from(`${id}.${headers['webhook-timestamp']}.${body}`);
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((one) => one.startsWith('v1a,'))
    .some((one) => verify(null, signed, key, Buffer.from(one.slice(4), 'base64')));
}

function got(receiver: Receiver, id: string) {
  return receiver.until((all) => all.some((one) => one.id === id));
}

describe('a receiver', () => {
  test('that fails a third of the time gets every event, each verified by the package', async () => {
    const world = await setup();
    const failed = new Set<string>();
    const { receiver, endpoint } = await world.listen(({ id }, response) => {
      const isFailing = receiver.received.length % 3 === 0 && !failed.has(id);
      if (isFailing) failed.add(id);
      response.writeHead(isFailing ? 500 : 204).end();
    });
    const uploads = await Promise.all(Array.from({ length: 6 }, world.upload));
    const ids = uploads.map(({ id }) => `${id}.accepted`);
    await receiver.until((all) =>
      ids.every((id) => all.filter((one) => one.id === id).length > (failed.has(id) ? 1 : 0)),
    );
    expect(failed.size).toBeGreaterThan(0);
    for (const one of receiver.received) {
      const event = verified(endpoint.secret, one);
      expect(event).toMatchObject({
        type: 'upload.accepted',
        data: {
          id: one.id.split('.')[0],
          state: 'accepted',
          filename: 'sizes.csv',
          metadata: { album: 'spring' },
        },
      });
      expect(isSignedBy(endpoint.publicKey, one)).toBe(true);
      expect(JSON.stringify(one.headers) + one.body).not.toMatch(/X-Amz-Signature|Bearer/i);
    }
    const keys = await (await fetch(`${world.stack.apiUrl}/.well-known/sluice/webhook-keys`)).json();
    expect(keys).toMatchObject({
      keys: expect.arrayContaining([{ webhook: endpoint.id, publicKeys: [endpoint.publicKey] }]),
    });
    const known = await world.deliveries(endpoint.id);
    expect(
      known
        .filter(({ state }) => state === 'delivered')
        .map(({ event }) => event)
        .toSorted(),
    ).toEqual(ids.toSorted());
    const twice = known.find(({ event }) => failed.has(event));
    expect(twice?.attempts.map(({ status }) => status)).toEqual([500, 204]);
  });

  test('that answers 410 is told of nothing any more, until it is enabled', async () => {
    const world = await setup();
    let status = 410;
    const { receiver, endpoint } = await world.listen((_got, response) => response.writeHead(status).end());
    const first = await world.upload();
    await got(receiver, `${first.id}.accepted`);
    const read = async () => {
      const { webhooks } = await world.ask<{ webhooks: Endpoint[] }>('GET', '/webhooks');
      return webhooks.find(({ id }) => id === endpoint.id);
    };
    await expect.poll(read, { timeout: 20_000 }).toMatchObject({ enabled: false, isGone: true });
    expect(JSON.stringify(await read())).not.toContain('whsec_');
    const missed = await world.upload();
    await world.alice.settled(missed.id);
    expect((await world.service.call('POST', `/webhooks/${endpoint.id}/test`)).status).toBe(409);

    status = 204;
    await world.ask('POST', `/webhooks/${endpoint.id}/enable`);
    await world.ask('POST', `/webhooks/${endpoint.id}/redeliver`, { event: `${first.id}.accepted` });
    await receiver.until((all) => all.filter(({ id }) => id === `${first.id}.accepted`).length === 2);
    expect(receiver.received.some(({ id }) => id === `${missed.id}.accepted`)).toBe(false);
  });

  test('verifies by the old secret and by the new one while its secret is rotated', async () => {
    const world = await setup();
    const { receiver, endpoint } = await world.listen((_got, response) => response.writeHead(204).end());
    const rotate = () =>
      world.ask<Endpoint>('POST', `/webhooks/${endpoint.id}/rotate`, { version: endpoint.version });
    const rotated = await rotate();
    expect(rotated.secret).not.toBe(endpoint.secret);
    expect((await rotate()).secret).toBe(rotated.secret);
    const { event } = await world.ask<Delivery>('POST', `/webhooks/${endpoint.id}/test`);
    await got(receiver, event);
    const [message] = receiver.received;
    if (message === undefined) throw new Error('nothing received');
    for (const { secret, publicKey } of [endpoint, rotated]) {
      expect(verified(secret, message)).toMatchObject({ type: 'webhook.test' });
      expect(isSignedBy(publicKey, message)).toBe(true);
    }
    expect(verified('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', message)).toBeUndefined();
  });

  test('that does not answer holds up no other', async () => {
    const world = await setup();
    const open: (() => void)[] = [];
    const { receiver: hanging } = await world.listen((_got, response) => {
      open.push(() => response.end());
    });
    const { receiver } = await world.listen((_got, response) => response.writeHead(204).end());
    const uploads = await Promise.all(Array.from({ length: 12 }, world.upload));
    // All of these, while the other has not got one answer out.
    await receiver.until((all) => uploads.every(({ id }) => all.some((one) => one.id === `${id}.accepted`)));
    expect(hanging.received.length).toBeGreaterThan(0);
    for (const end of open) end();
  });
});

describe('endpoints', () => {
  test('are managed by services with the scope, and by nobody else', async () => {
    const { stack, alice } = await setup();
    expect((await alice.call('GET', '/webhooks')).status).toBe(403);
    const other = apiOf({ idToken: await tokenOf(await createService(stack, ['uploads.read', 'tenants'])) });
    const refused = await other.call('POST', '/webhooks', { url: 'https://app.example.com/' });
    expect(await other.problem(refused)).toMatchObject({ status: 403, code: 'scope_missing' });
  });
});
