import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { classify } from '@sluice/connection/classify';
import type { CallRecord } from '@sluice/connection/clients/call-log';
import { readSockets } from '@sluice/connection/clients/wire';
import type { CodeSettings } from '@sluice/connection/settings/resolve';
import { crc32Base64 } from '@sluice/connection/transfers/checksum';
import { type Destination, toMemory } from '@sluice/connection/transfers/destination';
import { readRange } from '@sluice/connection/transfers/range';
import { toRemote } from '@sluice/connection/transfers/s3-object';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serveBlackHole } from './servers/black-hole.ts';
import { setup as setupClient } from './servers/client.ts';
import { serveProxy } from './servers/proxy.ts';
import { listen, pemPath, serve } from './servers/server.ts';

const content = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 31) % 251));

/**
 * A client of a server, and a way to read ranges of its object; one attempt of each kind unless told
 * otherwise.
 */
function setup(endpoint: string, code: CodeSettings = {}) {
  const calls: CallRecord[] = [];
  const logger = { debug: (_message: string, fields: CallRecord) => calls.push(fields) };
  const { client } = setupClient(endpoint, code, { logger });
  const source = {
    name: { bucket: 'b', key: 'folder/a b+c é', versionId: 'v/1' },
    bytes: content.length,
    etag: '"e"',
    checksum: undefined,
    partBytes: [],
    params: {},
    head: { $metadata: {} },
  };
  const read = async (first: number, last: number, options: ReadOptions = {}) => {
    const { signal = new AbortController().signal, attempts = 1, ownSockets = true } = options;
    const memory = toMemory(last - first + 1);
    const into = options.into?.(memory) ?? memory;
    const object = toRemote(client, source, { ownSockets });
    await readRange({ object, attempts, bandwidth: undefined, signal }, { index: 0, first, last }, into);
    return memory.content;
  };
  const failed = (reading: Promise<unknown>) => reading.then(() => undefined, classify);
  return { client, calls, read, failed };
}

type ReadOptions = {
  readonly signal?: AbortSignal;
  readonly attempts?: number;
  readonly ownSockets?: boolean;
  readonly into?: (memory: Destination) => Destination;
};

function askedFor({ headers: { range = '' } }: IncomingMessage): [number, number] {
  const [first = 0, last = 0] = range.slice(6).split('-').map(Number);
  return [first, last];
}

/** What S3 answers. */
function answer(request: IncomingMessage, response: ServerResponse) {
  const [first, last] = askedFor(request);
  response.writeHead(206, {
    'content-range': `bytes ${first}-${last}/${content.length}`,
    'content-length': last - first + 1,
  });
  response.end(content.subarray(first, last + 1));
}

function headOf(first: number, last: number) {
  return `HTTP/1.1 206 Partial Content\r\ncontent-range: bytes ${first}-${last}/${content.length}\r\ncontent-length: ${last - first + 1}\r\n\r\n`;
}

/** A server that sends bytes of a test's choice to each request. */
async function serveBytes(send: (socket: Socket, request: string, count: number) => void) {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('data', (request) => {
      count += 1;
      send(socket, request.toString('latin1'), count);
    });
  });
  return { ...(await listen(server, 'http')), requests: () => count };
}

describe('a range', () => {
  test('arrives the same however the network cuts the answer, on a connection that serves one after the other', async () => {
    let cuts: number[] = [];
    await using server = await serveBytes(async (socket) => {
      const bytes = Buffer.concat([Buffer.from(headOf(10, 3_009)), content.subarray(10, 3_010)]);
      socket.setNoDelay(true);
      for (const [from, to] of [0, ...cuts].map((from, index) => [from, cuts[index] ?? bytes.length])) {
        socket.write(bytes.subarray(from, to));
        await delay(1);
      }
    });
    const { read, client } = setup(server.url);
    const boundaries = fc.uniqueArray(fc.nat(3_100), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(boundaries, async (chosen) => {
        cuts = chosen.toSorted((one, other) => one - other);
        expect((await read(10, 3_009)).equals(content.subarray(10, 3_010))).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(server.accepted()).toBe(1);
    expect(readSockets(client)).toMatchObject({ opened: 1, busy: 0, idle: 1 });
  });

  test('is asked for by a request that S3 takes: every name encoded, nothing sent twice', async () => {
    const seen: string[] = [];
    await using server = await serveBytes((socket, request) => {
      seen.push(request);
      socket.write(headOf(0, 9));
      socket.write(content.subarray(0, 10));
    });
    await setup(server.url).read(0, 9);
    const [line = '', ...fields] = seen.join().split('\r\n');
    expect(line).toMatch(
      /^GET \/b\/folder\/a%20b%2Bc%20%C3%A9\?(x-id=GetObject&)?versionId=v%2F1(&x-id=GetObject)? HTTP\/1\.1$/,
    );
    const names = fields.slice(0, -2).map((field) => field.slice(0, field.indexOf(':')));
    expect(names).toEqual(expect.arrayContaining(['host', 'range', 'if-match', 'authorization']));
    expect(new Set(names).size).toBe(names.length);
    expect(fields.slice(-2)).toEqual(['', '']);
  });

  test('comes over TLS too, paused again and again', async () => {
    await using server = await serve(answer, 'server');
    const { read } = setup(server.url, { caBundle: pemPath('authority.pem') });
    const pausing = (memory: Destination): Destination => ({
      ...memory,
      commit(bytes) {
        void memory.commit(bytes);
        return delay(1);
      },
    });
    for (const [first, last] of [[0, 299_998] as const, [7, 40_000] as const]) {
      const bytes = await read(first, last, { into: pausing });
      expect(bytes.equals(content.subarray(first, last + 1))).toBe(true);
    }
    expect(server.accepted()).toBe(1);
  });

  test('may come with a checksum, as S3 sends it with the bytes of a whole part', async () => {
    await using server = await serve((request, response) => {
      answer(request, response.setHeader('x-amz-checksum-crc32', crc32Base64(content.subarray(0, 10))));
    });
    expect((await setup(server.url).read(0, 9)).equals(content.subarray(0, 10))).toBe(true);
  });

  test('does not come from a server whose certificate is not trusted', async () => {
    await using server = await serve(answer, 'server');
    const { read, failed } = setup(server.url);
    expect(await failed(read(0, 9))).toMatchObject({ code: 'tls', retryable: false });
  });

  test('goes through the proxy when there is one', async () => {
    await using server = await serve(answer);
    await using proxy = await serveProxy();
    const { read } = setup(server.url, { httpProxy: proxy.url });
    expect((await read(5, 90)).equals(content.subarray(5, 91))).toBe(true);
    expect(proxy.seen).toHaveLength(1);
  });
});

describe('an answer that is not plain is read by Node, without asking again', () => {
  test.each([
    [
      'in chunks',
      (socket: Socket) => {
        socket.write(
          'HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-9/1000000\r\ntransfer-encoding: chunked\r\n\r\n',
        );
        socket.write(
          Buffer.concat([Buffer.from('a\r\n'), content.subarray(0, 10), Buffer.from('\r\n0\r\n\r\n')]),
        );
      },
    ],
    [
      'after an informational one',
      (socket: Socket) =>
        socket.write(
          Buffer.concat([
            Buffer.from(`HTTP/1.1 103 Early Hints\r\n\r\n${headOf(0, 9)}`),
            content.subarray(0, 10),
          ]),
        ),
    ],
    [
      'up to the end of the connection',
      (socket: Socket) => {
        socket.write('HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-9/1000000\r\n\r\n');
        socket.end(content.subarray(0, 10));
      },
    ],
  ])('%s', async (_what, send) => {
    await using server = await serveBytes(send);
    const { read } = setup(server.url);
    expect((await read(0, 9)).equals(content.subarray(0, 10))).toBe(true);
    expect(server.requests()).toBe(1);
  });

  test('to its last byte, however slowly it is taken, when the server closes after it', async () => {
    // What had come and was not yet read was once thrown away with the connection.
    await using server = await serveBytes((socket) => {
      socket.write(headOf(0, 999_998).replace(/\r\n$/, 'vary: a\r\nvary: b\r\n\r\n'));
      socket.end(content.subarray(0, 999_999));
    });
    const { read } = setup(server.url);
    const slow = (memory: Destination): Destination => ({
      ...memory,
      async commit(bytes) {
        void memory.commit(bytes);
        await delay(10);
      },
    });
    expect((await read(0, 999_998, { into: slow })).equals(content.subarray(0, 999_999))).toBe(true);
    expect(server.requests()).toBe(1);
  });

  test('and so are the errors of S3', async () => {
    const body = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    await using server = await serveBytes((socket) => {
      const length = body.length.toString(16);
      socket.write(
        `HTTP/1.1 403 Forbidden\r\nx-amz-request-id: R\r\ntransfer-encoding: chunked\r\n\r\n${length}\r\n${body}\r\n0\r\n\r\n`,
      );
    });
    const { read, failed } = setup(server.url);
    expect(await failed(read(0, 9))).toMatchObject({
      code: 'access-denied',
      serviceCode: 'AccessDenied',
      requestId: 'R',
    });
    expect(server.requests()).toBe(1);
  });

  test('and one with other bytes is refused, and its socket given up', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': content.length }).end(content);
    });
    const { read, failed, client } = setup(server.url);
    expect(await failed(read(0, 9))).toMatchObject({ cause: { code: 'response-streaming' } });
    await expect.poll(() => readSockets(client)).toMatchObject({ busy: 0, idle: 0 });
  });

  test('and one with more bytes than it announces is refused, whoever reads it', async () => {
    await using server = await serveBytes((socket) => {
      socket.write('HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-9/1000000\r\n\r\n');
      socket.end(content.subarray(0, 11));
    });
    const { read, failed } = setup(server.url);
    expect(await failed(read(0, 9))).toMatchObject({ cause: { code: 'response-streaming' } });
  });

  test('and a head without end is refused', async () => {
    await using server = await serveBytes((socket) =>
      socket.write(`HTTP/1.1 206 OK\r\nx: ${'x'.repeat(40_000)}`),
    );
    const { read, failed } = setup(server.url);
    expect(await failed(read(0, 9))).toBeInstanceOf(Error);
  });

  test('and a refusal that asks for patience is tried again, also when there is one socket only', async () => {
    // The socket was once kept for as long as an idle one may be: nobody saw that the answer had been read.
    await using server = await serve((request, response) => {
      if (server.accepted() === 1) response.writeHead(503).end('busy');
      else answer(request, response);
    });
    const { read } = setup(server.url, { maxAttempts: 2, maxSockets: 1 });
    expect((await read(0, 9)).equals(content.subarray(0, 10))).toBe(true);
  });
});

test('is asked for again, from where it was, when the SDK refuses a head whose bytes have begun to come', async () => {
  // They once went on coming, in between those of the next answer.
  await using server = await serveBytes(async (socket, request, count) => {
    const [first = 0, last = 0] = /bytes=(\d+)-(\d+)/.exec(request)?.slice(1).map(Number) ?? [];
    const oddDate = count === 1 ? 'last-modified: yesterday\r\n' : '';
    socket.write(headOf(first, last).replace(/\r\n$/, `${oddDate}\r\n`));
    for (let at = first; at <= last && !socket.destroyed; at += 20_000) {
      socket.write(content.subarray(at, Math.min(last + 1, at + 20_000)));
      await delay(2);
    }
  });
  const { read } = setup(server.url);
  const bytes = await read(0, 299_998, { attempts: 5 });
  expect(bytes.equals(content.subarray(0, 299_999))).toBe(true);
  expect(server.requests()).toBe(2);
});

describe('a connection that', () => {
  test('says nothing ends the call after the read time-out', async () => {
    await using server = await serveBytes(() => {});
    const { read, failed } = setup(server.url, { readTimeoutMs: 100 });
    expect(await failed(read(0, 9))).toMatchObject({ cause: { name: 'ReadTimeoutError' } });
  });

  test('falls silent in mid-body ends the call after the idle time-out', async () => {
    await using server = await serveBytes((socket) => socket.write(`${headOf(0, 9)}half`));
    const { read, failed } = setup(server.url, { idleTimeoutMs: 100 });
    expect(await failed(read(0, 9))).toMatchObject({ cause: { name: 'ReadTimeoutError' } });
  });

  test('is paused for longer than the idle time-out is not given up for it', async () => {
    await using server = await serve(answer);
    const { read } = setup(server.url, { idleTimeoutMs: 100 });
    let pauses = 0;
    const slow = (memory: Destination): Destination => ({
      ...memory,
      commit(bytes) {
        void memory.commit(bytes);
        pauses += 1;
        return pauses === 1 ? delay(300) : undefined;
      },
    });
    expect((await read(0, 299_998, { into: slow })).equals(content.subarray(0, 299_999))).toBe(true);
  });

  test('sends more than was asked for is not used again', async () => {
    await using server = await serveBytes((socket) => {
      socket.write(
        Buffer.concat([Buffer.from(headOf(0, 9)), content.subarray(0, 10), Buffer.from('surplus')]),
      );
    });
    const { read, client } = setup(server.url);
    expect((await read(0, 9)).equals(content.subarray(0, 10))).toBe(true);
    await expect.poll(() => readSockets(client)).toMatchObject({ idle: 0, busy: 0 });
    expect((await read(0, 9)).equals(content.subarray(0, 10))).toBe(true);
    expect(server.accepted()).toBe(2);
  });

  test('the server closes after its answer is not used again', async () => {
    await using server = await serve((request, response) =>
      answer(request, response.setHeader('connection', 'close')),
    );
    const { read } = setup(server.url);
    await read(0, 9);
    await read(0, 9);
    expect(server.accepted()).toBe(2);
  });

  test('breaks in the head is a closed connection', async () => {
    await using server = await serveBytes((socket) => socket.end('HTTP/1.1 206 Part'));
    const { read, failed } = setup(server.url);
    expect(await failed(read(0, 9))).toMatchObject({ cause: { code: 'connection-closed' } });
  });

  test('is never accepted ends the call after the connect time-out', async () => {
    await using hole = await serveBlackHole();
    const { read, failed } = setup(hole.url, { connectTimeoutMs: 100 });
    expect(await failed(read(0, 9))).toMatchObject({ cause: { name: 'ConnectTimeoutError' } });
  });

  test('is refused says so', async () => {
    const server = await serve(answer);
    await server[Symbol.asyncDispose]();
    const { read, failed } = setup(server.url);
    expect(await failed(read(0, 9))).toMatchObject({ cause: { code: 'endpoint-unreachable' } });
  });
});

describe('an abort', () => {
  test('closes the connection in mid-body', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await serveBytes((socket) => {
      socket.once('close', () => closed.resolve());
      socket.write(`${headOf(0, 9)}half`);
    });
    const { read, failed } = setup(server.url);
    const stop = new AbortController();
    const reading = failed(read(0, 9, { signal: stop.signal, attempts: 5 }));
    await expect.poll(server.requests).toBe(1);
    stop.abort();
    expect(await reading).toMatchObject({ code: 'aborted' });
    await closed.promise;
  });

  test('ends the wait for a free socket', async () => {
    await using server = await serveBytes(() => {});
    const { read, failed, client } = setup(server.url, { maxSockets: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const holding = failed(read(0, 9, { signal: first.signal }));
    await expect.poll(server.requests).toBe(1);
    const waiting = failed(read(0, 9, { signal: second.signal }));
    await expect.poll(() => readSockets(client)).toMatchObject({ busy: 1, waiting: 1 });
    second.abort();
    expect(await waiting).toMatchObject({ code: 'aborted' });
    first.abort();
    expect(await holding).toMatchObject({ code: 'aborted' });
    expect(server.requests()).toBe(1);
  });
  test('that comes before the wait for a free socket begins is heard as well', async () => {
    await using server = await serveBytes(() => {});
    const { read, failed } = setup(server.url, { maxSockets: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const holding = failed(read(0, 9, { signal: first.signal }));
    await expect.poll(server.requests).toBe(1);
    // While it is still being signed.
    const waiting = failed(read(0, 9, { signal: second.signal }));
    second.abort();
    expect(await waiting).toMatchObject({ code: 'aborted' });
    first.abort();
    await holding;
  });
});

describe('a destination that fails', () => {
  test('ends the range with its own error', async () => {
    await using server = await serve(answer);
    const { read } = setup(server.url);
    const full = (memory: Destination): Destination => ({
      ...memory,
      commit: () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
    });
    await expect(read(0, 299_998, { into: full, attempts: 5 })).rejects.toMatchObject({
      cause: { code: 'ENOSPC' },
      retryable: false,
    });
  });
});

describe('the sockets of ranges', () => {
  test('are never more than maxSockets, are reused, counted and closed like any other', async () => {
    await using server = await serve(answer);
    const { read, client, calls } = setup(server.url, { maxSockets: 3 });
    const ranges = await Promise.all(Array.from({ length: 20 }, (_, index) => read(index, index + 99_999)));
    for (const [index, bytes] of ranges.entries()) {
      expect(bytes.equals(content.subarray(index, index + 100_000))).toBe(true);
    }
    expect(server.accepted()).toBe(3);
    expect(readSockets(client)).toEqual({ opened: 3, reused: 17, busy: 0, idle: 3, waiting: 0 });
    expect(calls.filter(({ socketReused }) => socketReused)).toHaveLength(17);
    client.destroy();
    await expect.poll(() => readSockets(client).idle).toBe(0);
  });

  test('are never more than maxSockets, idle ones to other buckets among them', async () => {
    await using one = await serve(answer);
    await using other = await serve(answer);
    const { read, client } = setup(one.url, { maxSockets: 1 });
    let url = one.url;
    client.middlewareStack.add(
      (next) => (args) => {
        // Sound: at this step it is an HTTP request.
        Object.assign(args.request as object, { port: Number(new URL(url).port) });
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await read(0, 9);
    url = other.url;
    await read(0, 9);
    expect(readSockets(client)).toMatchObject({ opened: 2, busy: 0, idle: 1 });
  });

  test('are not spent on calls that were aborted before they were sent', async () => {
    await using server = await serve(answer);
    const { read, failed, client } = setup(server.url);
    await read(0, 9);
    const stop = new AbortController();
    const call = failed(read(0, 9, { signal: stop.signal }));
    stop.abort();
    expect(await call).toMatchObject({ code: 'aborted' });
    expect(readSockets(client)).toMatchObject({ opened: 1, idle: 1 });
  });

  test('are closed by destroy with what they are at, and for good', async () => {
    await using server = await serveBytes((socket) => socket.write(`${headOf(0, 9)}half`));
    const { read, failed, client } = setup(server.url, { maxAttempts: 3 });
    const reading = failed(read(0, 9, { attempts: 5 }));
    await expect.poll(server.requests).toBe(1);
    client.destroy();
    expect(await reading).toMatchObject({ code: 'aborted' });
    await expect.poll(() => readSockets(client)).toMatchObject({ busy: 0, idle: 0 });
    expect(server.requests()).toBe(1);
  });

  test('resume the session of TLS that an earlier one had', async () => {
    const reused: boolean[] = [];
    await using server = await serve((request, response) => {
      reused.push((request.socket as TLSSocket).isSessionReused());
      answer(request, response.setHeader('connection', 'close'));
    }, 'server');
    const { read } = setup(server.url, { caBundle: pemPath('authority.pem') });
    for (let i = 0; i < 3; i += 1) {
      await read(0, 9);
      await delay(20);
    }
    expect(reused).toEqual([false, true, true]);
  });

  test('are not kept when keepAlive is off', async () => {
    await using server = await serve(answer);
    const { read, client } = setup(server.url, { keepAlive: false });
    await read(0, 9);
    await read(0, 9);
    expect(readSockets(client)).toMatchObject({ opened: 2, reused: 0, idle: 0 });
  });

  test('are forgotten when the server closes them', async () => {
    await using server = await serve(answer);
    const { read, client } = setup(server.url);
    await read(0, 9);
    server.closeConnections();
    await expect.poll(() => readSockets(client).idle).toBe(0);
    await read(0, 9);
    expect(readSockets(client)).toMatchObject({ opened: 2, idle: 1 });
  });
});

test("a range comes through Node's own client for a download that wants no sockets of its own", async () => {
  const heads: (string | undefined)[] = [];
  await using server = await serve((request, response) => {
    heads.push(request.headers.connection);
    answer(request, response);
  });
  const { read } = setup(server.url);
  for (const ownSockets of [true, false]) {
    const bytes = await read(0, 9_999, { ownSockets });
    expect(bytes.equals(content.subarray(0, 10_000))).toBe(true);
  }
  // Node names what it does with the connection; ours sends what the SDK signed, and no more.
  expect(heads).toEqual([undefined, 'keep-alive']);
});
