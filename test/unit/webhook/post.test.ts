import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { type Address, createPost } from '../../../src/lib/webhook/post.ts';

const CERTIFICATES = 'test/unit/connection/certificates';
function pem(name: string): string {
  return readFileSync(`${CERTIFICATES}/${name}`, 'utf8');
}

const stops: (() => void)[] = [];
afterAll(() => {
  for (const stop of stops) stop();
});

type Options = { readonly host?: string; readonly port?: number; readonly tls?: 'server' | 'stranger' };

/** A server that counts what reaches it. */
async function serve(answer: RequestListener, { host = '127.0.0.1', port = 0, tls }: Options = {}) {
  const seen: { readonly request: IncomingMessage; readonly body: string }[] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ request, body });
      answer(request, response);
    });
  };
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ key: pem(`${tls}.key`), cert: pem(`${tls}.pem`) }, listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(port, host);
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen, connections: () => connections };
}

const LOOPBACK: Address = { address: '127.0.0.1', family: 4 };

function setup(addresses: readonly (readonly Address[])[] = [[LOOPBACK]], timeoutMs = 2_000) {
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    const found = addresses[Math.min(asked.length, addresses.length) - 1];
    if (found === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return found;
  };
  const deps = { resolve, now: () => Date.now(), timeoutMs, ca: pem('authority.pem') };
  const message = (url: string) => ({ url, headers: { 'webhook-id': 'a0.accepted' }, body: '{"ü":1}' });
  return {
    asked,
    anywhere: (url: string) => createPost({ ...deps, reach: 'anywhere' })(message(url)),
    outside: (url: string) => createPost({ ...deps, reach: 'public' })(message(url)),
  };
}

describe('a message', () => {
  test('is posted as it is, to the name that the URL has', async () => {
    const { seen, port } = await serve((_request, response) => response.writeHead(204).end());
    const { anywhere } = setup();
    expect(await anywhere(`http://hooks.example.com:${port}/hook?a=1`)).toEqual({ status: 204 });
    const [{ request, body } = { request: undefined, body: '' }] = seen;
    expect(body).toBe('{"ü":1}');
    expect([request?.method, request?.url, request?.headers.host]).toEqual([
      'POST',
      '/hook?a=1',
      `hooks.example.com:${port}`,
    ]);
    expect(request?.headers['webhook-id']).toBe('a0.accepted');
    expect(request?.headers['content-length']).toBe('8');
  });

  test('goes by TLS to whom the certificate names', async () => {
    const { port, seen } = await serve((_request, response) => response.end(), { tls: 'server' });
    expect(await setup().anywhere(`https://localhost:${port}/`)).toEqual({ status: 200 });
    expect(await setup().anywhere(`https://hooks.example.com:${port}/`)).toEqual({ error: 'tls_failed' });
    expect(seen).toHaveLength(1);
  });

  test('goes to nobody whose certificate names somebody else', async () => {
    const { port, seen } = await serve((_request, response) => response.end(), { tls: 'stranger' });
    expect(await setup().anywhere(`https://localhost:${port}/`)).toEqual({ error: 'tls_failed' });
    expect(seen).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308])('is not sent on after %i', async (status) => {
    const inner = await serve((_request, response) => response.end());
    const location = `http://127.0.0.1:${inner.port}/latest/meta-data`;
    const { port } = await serve((_request, response) => response.writeHead(status, { location }).end());
    expect(await setup().anywhere(`http://hooks.example.com:${port}/`)).toEqual({
      status,
      error: 'redirect_refused',
    });
    expect(inner.connections()).toBe(0);
  });

  test('takes from an answer its status and Retry-After, and nothing else', async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(503, { 'retry-after': '17', 'x-secret': 's' }).end('Bearer s3cr3t'),
    );
    expect(await setup().anywhere(`http://hooks.example.com:${port}/`)).toEqual({
      status: 503,
      error: 'status',
      retryAfterSeconds: 17,
    });
  });

  test('does not wait for the end of an answer', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200).write('and so on');
    });
    expect(await setup().anywhere(`http://hooks.example.com:${port}/`)).toEqual({ status: 200 });
  });

  test.each([
    ['to another protocol', { connection: 'upgrade', upgrade: 'websocket' }],
    ['without saying to what', {}],
  ])('is over at once where the endpoint switches %s', async (_what, headers) => {
    const { port } = await serve((_request, response) => response.writeHead(101, headers).flushHeaders());
    const { anywhere } = setup();
    const isOver = anywhere(`http://hooks.example.com:${port}/`);
    expect(await Promise.race([isOver, delay(1_000, 'never')])).toEqual({ status: 101, error: 'status' });
  });

  test('is given up where no answer comes in time', async () => {
    const { port } = await serve(() => {});
    const { anywhere } = setup([[LOOPBACK]], 200);
    expect(await anywhere(`http://hooks.example.com:${port}/`)).toEqual({ error: 'timed_out' });
  });

  test('is given up where the name is not resolved in time', async () => {
    const post = createPost({
      reach: 'public',
      resolve: () => new Promise(() => {}),
      now: () => Date.now(),
      timeoutMs: 100,
    });
    expect(await post({ url: 'https://hooks.example.com/', headers: {}, body: '' })).toEqual({
      error: 'timed_out',
    });
  });

  test('says what went wrong, and shows nothing of it', async () => {
    const { port } = await serve((request) => request.socket.destroy());
    expect(await setup().anywhere(`http://hooks.example.com:${port}/`)).toEqual({
      error: 'connection_failed',
    });
    expect(await setup([]).anywhere('http://hooks.example.com/')).toEqual({ error: 'name_not_found' });
    expect(await setup([[]]).anywhere('http://hooks.example.com/')).toEqual({ error: 'name_not_found' });
  });
});

describe('where webhooks go to the internet alone', () => {
  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.0.1',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fd00:ec2::254',
    'fe80::1',
  ])('a name that resolves to %s makes no connection', async (address) => {
    const { port, connections } = await serve((_request, response) => response.end(), { tls: 'server' });
    const { outside } = setup([[{ address, family: address.includes(':') ? 6 : 4 }]]);
    expect(await outside(`https://hooks.example.com:${port}/`)).toEqual({ error: 'address_refused' });
    expect(connections()).toBe(0);
  });

  test('a name with an inner address among others makes no connection', async () => {
    const { port, connections } = await serve((_request, response) => response.end(), { tls: 'server' });
    const { outside } = setup([[{ address: '93.184.216.34', family: 4 }, LOOPBACK]]);
    expect(await outside(`https://hooks.example.com:${port}/`)).toEqual({ error: 'address_refused' });
    expect(connections()).toBe(0);
  });

  test.each(['http://hooks.example.com', 'https://127.0.0.1', 'https://[::1]', 'https://2130706433'])(
    '%s is refused though it was added, without a look at its name',
    async (origin) => {
      const { port, connections } = await serve((_request, response) => response.end());
      const { outside, asked } = setup();
      expect(await outside(`${origin}:${port}/`)).toEqual({ error: 'address_refused' });
      expect(asked).toEqual([]);
      expect(connections()).toBe(0);
    },
  );
});

test('the connection goes to the very address that was checked, whatever the name says next', async () => {
  const first = await serve((_request, response) => response.end());
  const second = await serve((_request, response) => response.end(), {
    host: '127.0.0.2',
    port: first.port,
  });
  const { anywhere, asked } = setup([[LOOPBACK], [{ address: '127.0.0.2', family: 4 }]]);
  expect(await anywhere(`http://hooks.example.com:${first.port}/`)).toEqual({ status: 200 });
  expect([asked.length, first.connections(), second.connections()]).toEqual([1, 1, 0]);
  // Looked at again with the next attempt, on another connection.
  expect(await anywhere(`http://hooks.example.com:${first.port}/`)).toEqual({ status: 200 });
  expect([asked.length, first.connections(), second.connections()]).toEqual([2, 1, 1]);
});

test('where one address of a name is not reached, the next is', async () => {
  const { port } = await serve((_request, response) => response.end());
  const { anywhere } = setup([[{ address: '::1', family: 6 }, LOOPBACK]]);
  expect(await anywhere(`http://hooks.example.com:${port}/`)).toEqual({ status: 200 });
});

test('a proxy of the environment is not asked: it would connect to what nobody checked', async () => {
  const proxy = await serve((_request, response) => response.end());
  const { port, connections } = await serve((_request, response) => response.end());
  process.env.HTTP_PROXY = `http://127.0.0.1:${proxy.port}`;
  try {
    expect(await setup().anywhere(`http://hooks.example.com:${port}/`)).toEqual({ status: 200 });
  } finally {
    delete process.env.HTTP_PROXY;
  }
  expect([proxy.connections(), connections()]).toEqual([0, 1]);
});
