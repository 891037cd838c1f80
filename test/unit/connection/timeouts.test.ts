import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { readSockets } from '@sluice/connection/clients/wire';
import { describe, expect, test } from 'vitest';
import { serveBlackHole } from './servers/black-hole.ts';
import { setup } from './servers/client.ts';
import { listen, serve } from './servers/server.ts';

// With a length: after a HEAD answered without one Node closes the socket, as it cannot know where the answer
// ends.
function answer(response: ServerResponse) {
  return response.setHeader('content-length', 0).end();
}

// Generous upper bounds: these tests ask whether a call ends, not how punctually.
const SOON = 3_000;

describe('a call ends', () => {
  test('as a connect time-out when nobody accepts the connection', async () => {
    await using hole = await serveBlackHole();
    const { failed, head } = setup(hole.url, { connectTimeoutMs: 200 });
    const { error, ms } = await failed(head());
    expect(error).toMatchObject({ name: 'ConnectTimeoutError', retryable: true });
    expect(ms).toBeLessThan(SOON);
  });

  test('as a connect time-out when TCP is accepted and the TLS handshake never comes', async () => {
    await using server = await listen(createServer(), 'https');
    const { failed, head } = setup(server.url, { connectTimeoutMs: 200 });
    const { error, ms } = await failed(head());
    expect(error?.name).toBe('ConnectTimeoutError');
    expect(ms).toBeLessThan(SOON);
  });

  test('as a read time-out when the server takes the request and says nothing', async () => {
    await using server = await serve(() => {});
    const { failed, head } = setup(server.url, { readTimeoutMs: 200 });
    const { error, ms } = await failed(head());
    expect(error).toMatchObject({ name: 'ReadTimeoutError', retryable: true });
    expect(ms).toBeLessThan(SOON);
  });

  test('as a read time-out when the body stops in the middle', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('half');
    });
    const { client, failed } = setup(server.url, { idleTimeoutMs: 200 });
    const read = async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
      await Body?.transformToByteArray();
    };
    const { error, ms } = await failed(read());
    expect(error).toMatchObject({ name: 'ReadTimeoutError', retryable: true });
    expect(ms).toBeLessThan(SOON);
  });

  test('after maxAttempts tries, each with its own time', async () => {
    let requests = 0;
    await using server = await serve(() => {
      requests += 1;
    });
    const { failed, head } = setup(server.url, { readTimeoutMs: 100, maxAttempts: 2 });
    const { error } = await failed(head());
    expect(error?.name).toBe('ReadTimeoutError');
    expect(requests).toBe(2);
  });
});

describe('the connect time-out', () => {
  test('does not count the wait for a free socket', async () => {
    await using server = await serve((_request, response) => {
      setTimeout(() => answer(response), 300);
    });
    const { client, head } = setup(server.url, { connectTimeoutMs: 150, maxSockets: 1 });
    const calls = [head(), head()];
    await expect.poll(() => readSockets(client)).toMatchObject({ busy: 1, waiting: 1 });
    await Promise.all(calls);
    expect(readSockets(client)).toMatchObject({ opened: 1, reused: 1, waiting: 0 });
  });
});

describe('destroy', () => {
  test('closes idle sockets, and may be called twice', async () => {
    await using server = await serve((_request, response) => answer(response));
    const { client, head } = setup(server.url);
    await head();
    await head();
    expect(readSockets(client)).toMatchObject({ opened: 1, reused: 1, idle: 1 });
    client.destroy();
    client.destroy();
    await expect.poll(() => readSockets(client)).toMatchObject({ idle: 0 });
  });
});

test('leaves no unhandled error behind when the socket dies after the call has ended', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await using reset = await listen(server, 'http');
  const { failed, head } = setup(reset.url);
  const connection = once(server, 'connection');
  const { error } = await failed(head());
  await connection;
  expect(error).toMatchObject({ name: 'ConnectionClosedError', retryable: true });
});
