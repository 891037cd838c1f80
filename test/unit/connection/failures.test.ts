import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { setup } from './servers/client.ts';
import { serveProxy } from './servers/proxy.ts';
import { listen, pemPath, serve } from './servers/server.ts';

const authority = { caBundle: pemPath('authority.pem') };
const object = { Bucket: 'bucket', Key: 'key' };
function ok(response: ServerResponse) {
  return response.setHeader('content-length', 0).end();
}
async function unusedPort() {
  const server = await listen(createServer(), 'http');
  await server[Symbol.asyncDispose]();
  return server;
}

describe('connecting', () => {
  test('is refused when nobody listens, and may be repeated', async () => {
    const { failed, head } = setup((await unusedPort()).url);
    expect((await failed(head())).error).toMatchObject({ name: 'EndpointConnectionError', retryable: true });
  });

  test('fails for good when the name does not exist', async () => {
    const { failed, head } = setup('http://nowhere.invalid', { addressingStyle: 'path' });
    const { error } = await failed(head());
    // A machine without any name server answers EAI_AGAIN instead, which says nothing about the name.
    expect(['EndpointUnknownError', 'EndpointConnectionError']).toContain(error?.name);
    expect(error?.retryable).toBe(error?.name === 'EndpointConnectionError');
  });
});

describe('TLS', () => {
  test('trusts a private authority that caBundle names', async () => {
    await using server = await serve((_request, response) => ok(response), 'server');
    await setup(server.url, authority).head();
    expect(server.accepted()).toBe(1);
  });

  test.each([
    ['no one vouches for it', 'server', {}],
    ["it is another host's", 'stranger', authority],
    ['it has expired', 'expired', authority],
  ])('refuses a certificate once and never retries when %s', async (_why, certificate, code) => {
    await using server = await serve((_request, response) => ok(response), certificate);
    const { failed, head } = setup(server.url, { ...code, maxAttempts: 3 });
    expect((await failed(head())).error).toMatchObject({ name: 'SSLError', retryable: false });
    expect(server.accepted()).toBe(1);
  });

  test('is an SSLError when the server does not speak TLS', async () => {
    await using server = await serve((_request, response) => ok(response));
    const { failed, head } = setup(server.url.replace('http:', 'https:'));
    expect((await failed(head())).error?.name).toBe('SSLError');
  });

  test('shows the client certificate to a server that demands one', async () => {
    const demand = {
      requestCert: true,
      rejectUnauthorized: true,
      ca: readFileSync(pemPath('authority.pem')),
    };
    await using server = await serve((_request, response) => ok(response), 'server', demand);
    const shown = { clientCertificate: pemPath('client.pem'), clientKey: pemPath('client.key') };
    await setup(server.url, { ...authority, ...shown }).head();
    const { failed, head } = setup(server.url, authority);
    expect((await failed(head())).error?.retryable).toBe(false);
  });

  test.each([
    ['caBundle', { caBundle: '/nowhere/ca.pem' }],
    ['caBundle', { caBundle: import.meta.filename }],
    ['clientKey', { clientCertificate: pemPath('client.pem') }],
    ['clientCertificate', { clientKey: pemPath('client.key') }],
  ])('names %s when it is the setting that cannot be used', (setting, code) => {
    expect(() => setup('https://127.0.0.1', code)).toThrow(setting);
  });
});

describe('a proxy', () => {
  test('tunnels to an https endpoint, with the user and password of its URL', async () => {
    await using server = await serve((_request, response) => ok(response), 'server');
    await using proxy = await serveProxy({ secret: 'user:hunter2' });
    await setup(server.url, {
      ...authority,
      httpsProxy: `http://user:hunter2@127.0.0.1:${proxy.port}`,
    }).head();
    expect(proxy.seen).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  });

  test('carries requests to an http endpoint', async () => {
    await using server = await serve((_request, response) => ok(response));
    await using proxy = await serveProxy();
    await setup(server.url, { httpProxy: proxy.url }).head();
    expect(proxy.seen).toEqual([`HEAD ${server.url}/bucket/`]);
  });

  test('is left out for the hosts of noProxy', async () => {
    await using server = await serve((_request, response) => ok(response));
    await using proxy = await serveProxy();
    await setup(server.url, { httpProxy: proxy.url, noProxy: 'example.com,127.0.0.1' }).head();
    expect(proxy.seen).toEqual([]);
  });

  test.each([
    ['wants another password', { secret: 'user:other' }],
    ['forbids the host', { refuseWith: 403 }],
  ])('that %s is a ProxyRefusedError, whose message keeps the password', async (_why, behaviour) => {
    await using proxy = await serveProxy(behaviour);
    const { failed, head } = setup('https://127.0.0.1:1', {
      httpsProxy: `http://user:hunter2@127.0.0.1:${proxy.port}`,
    });
    const { error } = await failed(head());
    expect(error).toMatchObject({ name: 'ProxyRefusedError', retryable: false });
    expect(`${error?.message} ${error?.cause}`).not.toContain('hunter2');
  });

  test.each(['http://127.0.0.1:1', 'https://127.0.0.1:1'])(
    'that cannot be reached on the way to %s is a ProxyConnectionError',
    async (endpoint) => {
      const { url } = await unusedPort();
      const { failed, head } = setup(endpoint, { httpProxy: url, httpsProxy: url });
      expect((await failed(head())).error).toMatchObject({ name: 'ProxyConnectionError', retryable: true });
    },
  );

  test('that never opens the tunnel ends as a connect time-out', async () => {
    await using proxy = await serveProxy({ stall: true });
    const { failed, head } = setup('https://127.0.0.1:1', { httpsProxy: proxy.url, connectTimeoutMs: 200 });
    const { error, ms } = await failed(head());
    expect(error).toMatchObject({ name: 'ConnectTimeoutError', retryable: true });
    expect(ms).toBeLessThan(3_000);
  });
});

describe('a proxy that speaks TLS itself', () => {
  const trusted = { proxyCaBundle: pemPath('authority.pem') };
  const shown = { proxyClientCertificate: pemPath('client.pem'), proxyClientKey: pemPath('client.key') };
  const demand = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(pemPath('authority.pem')) };

  test.each([
    ['an https endpoint', 'server', 'CONNECT'],
    ['an http endpoint', undefined, 'HEAD'],
  ])('is trusted by an authority of its own on the way to %s', async (_what, certificate, method) => {
    await using server = await serve((_request, response) => ok(response), certificate);
    await using proxy = await serveProxy({ certificate: 'server' });
    const through = { ...authority, httpProxy: proxy.url, httpsProxy: proxy.url };
    await setup(server.url, { ...through, ...trusted }).head();
    expect(proxy.seen).toEqual([expect.stringMatching(`^${method} `)]);

    // What is trusted at the endpoint is not trusted of whoever stands in between.
    const { failed, head } = setup(server.url, { ...through, maxAttempts: 3 });
    expect((await failed(head())).error).toMatchObject({ name: 'SSLError', retryable: false });
    expect(proxy.seen).toHaveLength(1);
  });

  test('is shown a client certificate if it demands one, with the key in a file of its own or in the same', async () => {
    await using server = await serve((_request, response) => ok(response));
    await using proxy = await serveProxy({ certificate: 'server', tls: demand });
    const through = { ...trusted, httpProxy: proxy.url };
    await setup(server.url, { ...through, ...shown }).head();
    const both = join(mkdtempSync(join(tmpdir(), 'sluice-pem-')), 'both.pem');
    writeFileSync(
      both,
      [pemPath('client.pem'), pemPath('client.key')].map((path) => readFileSync(path)).join('\n'),
    );
    await setup(server.url, { ...through, proxyClientCertificate: both }).head();
    rmSync(dirname(both), { recursive: true });
    expect(proxy.seen).toHaveLength(2);
    const { failed, head } = setup(server.url, through);
    expect((await failed(head())).error).toBeDefined();
    expect(proxy.seen).toHaveLength(2);
  });

  test.each([
    ['proxyCaBundle', { proxyCaBundle: '/nowhere/ca.pem' }],
    ['proxyClientKey', { proxyClientCertificate: pemPath('client.pem') }],
    ['proxyClientCertificate', { proxyClientKey: pemPath('client.key') }],
  ])('makes %s an error when it is the setting that cannot be used', (setting, code) => {
    expect(() => setup('https://127.0.0.1', code)).toThrow(`${setting}: `);
  });
});

describe('an answer', () => {
  const errorBody = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>later</Message></Error>';
  const copy = new CopyObjectCommand({ ...object, CopySource: 'bucket/other' });
  const complete = new CompleteMultipartUploadCommand({
    ...object,
    UploadId: 'u',
    MultipartUpload: { Parts: [] },
  });

  test.each([
    ['CopyObject', copy],
    ['CompleteMultipartUpload', complete],
  ])(
    'of %s with status 200 and an error in its body is tried again, and no success',
    async (_name, command) => {
      let requests = 0;
      await using server = await serve((_request, response) => {
        requests += 1;
        response.end(errorBody);
      });
      const { client, failed } = setup(server.url, { maxAttempts: 2 });
      const call = command instanceof CopyObjectCommand ? client.send(command) : client.send(command);
      const { error } = await failed(call);
      expect(error).toMatchObject({
        name: 'ServiceUnavailableError',
        retryable: true,
        serviceCode: 'InternalError',
      });
      expect(requests).toBe(2);
    },
  );

  test.each([
    [400, 'ServiceError', false],
    [403, 'AccessDeniedError', false],
    [404, 'NotFoundError', false],
    [412, 'PreconditionFailedError', false],
    [429, 'ThrottledError', true],
    [503, 'ServiceUnavailableError', true],
  ])('to a HEAD with status %i and no body is a %s', async (status, name, retryable) => {
    await using server = await serve((_request, response) => {
      response.writeHead(status, { 'x-amz-request-id': 'REQ9', 'content-length': 0 }).end();
    });
    const { client, failed } = setup(server.url);
    const { error } = await failed(client.send(new HeadObjectCommand(object)));
    expect(error).toMatchObject({ name, retryable, httpStatus: status, requestId: 'REQ9' });
  });

  test('to a HEAD that says 301 without a region is a WrongRegionError', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(301, { 'content-length': 0 }).end();
    });
    const { client, failed } = setup(server.url);
    expect((await failed(client.send(new HeadObjectCommand(object)))).error?.name).toBe('WrongRegionError');
  });

  test('of 503 SlowDown is tried again, and the call succeeds when the service does', async () => {
    let requests = 0;
    await using server = await serve((_request, response) => {
      requests += 1;
      if (requests < 3) response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
      else ok(response);
    });
    const { client } = setup(server.url, { maxAttempts: 3 });
    await client.send(new GetObjectCommand(object));
    expect(requests).toBe(3);
  });

  test('of 503 SlowDown for good is a ThrottledError', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
    });
    const { client, failed } = setup(server.url);
    const { error } = await failed(client.send(new GetObjectCommand(object)));
    expect(error).toMatchObject({ name: 'ThrottledError', retryable: true, serviceCode: 'SlowDown' });
  });

  test('whose body is cut is an IncompleteReadError', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const { client, failed } = setup(server.url);
    const read = async () => (await client.send(new GetObjectCommand(object))).Body?.transformToByteArray();
    expect((await failed(read())).error).toMatchObject({ name: 'IncompleteReadError', retryable: true });
  });

  test('whose bytes are not those of its checksum is a ChecksumMismatchError', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 4, 'x-amz-checksum-crc32': 'AAAAAA==' }).end('data');
    });
    const { client, failed } = setup(server.url);
    const read = async () => (await client.send(new GetObjectCommand(object))).Body?.transformToByteArray();
    expect((await failed(read())).error).toMatchObject({ name: 'ChecksumMismatchError', retryable: true });
  });

  test('that the caller no longer waits for is an AbortedError', async () => {
    await using server = await serve(() => {});
    const { client, failed } = setup(server.url);
    const abortSignal = AbortSignal.timeout(50);
    const { error } = await failed(client.send(new GetObjectCommand(object), { abortSignal }));
    expect(error).toMatchObject({ name: 'AbortedError', retryable: false });
  });
});
