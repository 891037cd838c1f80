// Each setting, seen from the other end: what it changes in the requests and in how they are made.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createS3Client } from '@sluice/connection/clients/s3';
import { readSockets } from '@sluice/connection/clients/wire';
import { type CodeSettings, resolveSettings } from '@sluice/connection/settings/resolve';
import { withClientOptions } from '@sluice/connection/transfers/client-options';
import { downloadStream } from '@sluice/connection/transfers/download';
import { planTransfer, type TransferOptions } from '@sluice/connection/transfers/options';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import type { HttpRequest } from '@smithy/types';
import { describe, expect, test, vi } from 'vitest';
import { setup } from './servers/client.ts';
import { serve } from './servers/server.ts';
import { serveStrictStore } from './servers/strict-store.ts';

/** The address that a call would go to, without going there. */
async function addressOf(code: CodeSettings): Promise<string> {
  const settings = resolveSettings({
    code: { region: 'eu-central-1', accessKeyId: 'AKIATEST', secretAccessKey: 'secret', ...code },
  });
  const client = createS3Client(settings);
  let address = '';
  client.middlewareStack.add(
    () => async (args) => {
      // Sound: at this step it is an HTTP request.
      const { hostname, path } = args.request as HttpRequest;
      address = hostname + path;
      return { response: undefined, output: { $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'high' },
  );
  await client.send(new HeadBucketCommand({ Bucket: 'bucket' }));
  return address;
}

describe('the address', () => {
  test.each([
    [{}, 'bucket.s3.eu-central-1.amazonaws.com/'],
    [{ region: 'us-west-2' }, 'bucket.s3.us-west-2.amazonaws.com/'],
    [{ useFipsEndpoint: true, region: 'us-west-2' }, 'bucket.s3-fips.us-west-2.amazonaws.com/'],
    [{ useDualstackEndpoint: true }, 'bucket.s3.dualstack.eu-central-1.amazonaws.com/'],
    [{ useAccelerateEndpoint: true }, 'bucket.s3-accelerate.amazonaws.com/'],
    [{ addressingStyle: 'path' }, 's3.eu-central-1.amazonaws.com/bucket/'],
    [{ endpoint: 'http://s3.example.com:9000' }, 's3.example.com/bucket/'],
    [{ endpoint: 'http://s3.example.com:9000', addressingStyle: 'virtual' }, 'bucket.s3.example.com/'],
    [{ endpoint: 'https://s3.eu-west-1.amazonaws.com' }, 'bucket.s3.eu-west-1.amazonaws.com/'],
    [{ endpoint: 'http://127.0.0.1:9000' }, '127.0.0.1/bucket/'],
    [{ endpoint: 'http://other.example', s3Endpoint: 'http://mine.example' }, 'mine.example/bucket/'],
  ] as const)('of %j is %s', async (code, address) => {
    expect(await addressOf(code)).toBe(address);
  });
});

/** A server that remembers the requests it answers. */
async function listenTo(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: IncomingMessage[] = [];
  const server = await serve((request, response) => {
    seen.push(request);
    request.resume().on('end', () => answer(request, response));
  });
  return Object.assign(server, { seen });
}
function ok(_request: IncomingMessage, response: ServerResponse) {
  return response.setHeader('content-length', 0).end();
}
function put(body = 'bytes') {
  return new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: body });
}
function get() {
  return new GetObjectCommand({ Bucket: 'bucket', Key: 'key' });
}

describe('the request', () => {
  test('names the suffix of the user agent', async () => {
    await using server = await listenTo(ok);
    await setup(server.url, { userAgentSuffix: 'my-app' }).head();
    expect(server.seen[0]?.headers['user-agent']).toContain('app/my-app');
  });

  test.each([
    ['WHEN_SUPPORTED', true],
    ['WHEN_REQUIRED', false],
  ] as const)('carries a checksum of what it uploads %s: %s', async (requestChecksumCalculation, has) => {
    await using server = await listenTo(ok);
    const { client } = setup(server.url, { requestChecksumCalculation });
    await client.send(put());
    const names = Object.keys(server.seen[0]?.headers ?? {});
    expect(names.some((name) => /^x-amz-(checksum-|trailer)/.test(name))).toBe(has);
  });

  test.each([
    ['WHEN_SUPPORTED', 'ENABLED'],
    ['WHEN_REQUIRED', undefined],
  ] as const)('asks for the checksum of what it reads %s: %s', async (responseChecksumValidation, mode) => {
    await using server = await listenTo(ok);
    const { client } = setup(server.url, { responseChecksumValidation });
    await client.send(get());
    expect(server.seen[0]?.headers['x-amz-checksum-mode']).toBe(mode);
  });

  test('goes to the region that a bucket is in when that is another one', async () => {
    await using server = await listenTo((request, response) => {
      const isSignedForIt = request.headers.authorization?.includes('/ap-south-1/s3/');
      if (isSignedForIt) return ok(request, response);
      return response
        .writeHead(301, { 'x-amz-bucket-region': 'ap-south-1' })
        .end('<Error><Code>PermanentRedirect</Code></Error>');
    });
    const { client } = setup(server.url, { region: 'eu-central-1' });
    await client.send(put());
    expect(server.seen).toHaveLength(2);
  });
});

describe('the way to the server', () => {
  test.each([
    [true, 1],
    [false, 2],
  ])('takes %s for keepAlive: two calls open %i', async (keepAlive, opened) => {
    await using server = await listenTo(ok);
    const { client, head } = setup(server.url, { keepAlive });
    await head();
    await head();
    expect(readSockets(client).opened).toBe(opened);
  });

  test.each([true, false])(
    'is asked for in silence by the kernel: %s for tcpKeepAlive',
    async (tcpKeepAlive) => {
      await using server = await listenTo(ok);
      const asked = vi.spyOn(Socket.prototype, 'setKeepAlive');
      // Warm sockets too: Node turns it on for each that it keeps.
      const { client, head } = setup(server.url, { tcpKeepAlive });
      await head();
      await head();
      const last = new Map(asked.mock.calls.map(([isOn], call) => [asked.mock.contexts[call], isOn]));
      asked.mockRestore();
      expect(readSockets(client)).toMatchObject({ opened: 1, reused: 1 });
      expect([...last.values()]).toEqual([tcpKeepAlive]);
    },
  );

  test('is tried in the mode and as often as the settings say', async () => {
    await using server = await listenTo((_request, response) => response.writeHead(503).end());
    const { client, failed, head } = setup(server.url, { retryMode: 'adaptive', maxAttempts: 2 });
    await failed(head());
    expect(server.seen).toHaveLength(2);
    // Adaptive and standard look the same to a server that is asked so little.
    expect(await client.config.retryMode).toBe('adaptive');
  });

  test.each([
    ['its own name', 's3.corp.invalid', true],
    ['a name above it', 'example.com, Corp.Invalid', true],
    ['a name above it, with a dot', '.corp.invalid', true],
    ['every host', '*', true],
    ['the end of a name only', 'orp.invalid', false],
    ['another host', 'corp.example', false],
  ])('with noProxy of %s (%s) goes past the proxy: %s', async (_what, noProxy, isDirect) => {
    // Takes requests as a proxy gets them, and answers them itself.
    await using proxy = await listenTo(ok);
    const { head, failed } = setup('http://s3.corp.invalid', {
      httpProxy: proxy.url,
      noProxy,
      addressingStyle: 'path',
    });
    // Without the proxy there is no such host.
    const { error } = await failed(head());
    expect([error === undefined, proxy.seen.length]).toEqual(isDirect ? [false, 0] : [true, 1]);
  });
});

describe('a transfer', () => {
  test('has the defaults of s3transfer', () => {
    expect(planTransfer({}, 0)).toMatchObject({
      thresholdBytes: 8 * 2 ** 20,
      partBytes: 8 * 2 ** 20,
      concurrency: 10,
      rangeAttempts: 5,
    });
  });

  test('is cut as the profile says, where neither code nor the transfer says it', async () => {
    const settings = resolveSettings({
      code: { region: 'eu-central-1', transferConcurrency: 2 },
      profile: {
        place: '[p]',
        keys: {
          's3.max_concurrent_requests': '20',
          's3.multipart_threshold': '64MB',
          's3.multipart_chunksize': '16MiB',
        },
      },
    });
    const client = createS3Client(settings);
    const plan = (own: TransferOptions) => planTransfer(withClientOptions(client, own), 0);
    expect(plan({})).toMatchObject({ concurrency: 2, thresholdBytes: 64 * 2 ** 20, partBytes: 16 * 2 ** 20 });
    expect(plan({ concurrency: 5, partBytes: 100 })).toMatchObject({ concurrency: 5, partBytes: 100 });
  });

  test('of a client whose settings cut it goes in such parts, both ways', async () => {
    await using store = await serveStrictStore();
    const { client } = setup(store.url, { transferThresholdBytes: 1, transferPartBytes: 6 * 2 ** 20 });
    const bytes = Buffer.alloc(13 * 2 ** 20, 'x');
    const place = { client, bucket: 'bucket', key: 'k' };
    await expect(uploadBytes({ ...place, bytes })).resolves.toMatchObject({ parts: 3 });
    const { body } = await downloadStream(place);
    expect((await buffer(body)).equals(bytes)).toBe(true);
    expect(store.calls.filter(({ operation }) => operation === 'get')).toHaveLength(3);
  });

  test('may take longer to send a part than the read time-out, which is for the answer', async () => {
    await using server = await serve(async (request, response) => {
      if (request.method === 'PUT') {
        request.pause();
        await delay(400);
        request.resume();
      }
      const body =
        request.method === 'PUT'
          ? ''
          : request.url?.includes('uploads')
            ? '<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>'
            : '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>';
      request.resume().on('end', () => response.setHeader('etag', '"e"').end(body));
    });
    const { client } = setup(server.url, { readTimeoutMs: 200 });
    const bytes = Buffer.alloc(8 * 2 ** 20 + 1);
    await expect(uploadBytes({ client, bucket: 'b', key: 'k', bytes })).resolves.toMatchObject({ parts: 2 });
  });
});
