import { execFile } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { toRanges } from '@sluice/connection/transfers/byte-range';
import { crc32Base64 } from '@sluice/connection/transfers/checksum';
import { downloadStream } from '@sluice/connection/transfers/download';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setup as setupClient } from './servers/client.ts';
import { serve } from './servers/server.ts';

const content = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));

/** An S3 that serves one object; `misbehave` may spoil the n-th GET. */
async function setup(
  misbehave: (get: number, response: ServerResponse, body: Buffer) => boolean = () => false,
) {
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const headers = { etag: '"e"', 'x-amz-checksum-crc32': crc32Base64(content) };
    if (request.method === 'HEAD') {
      response.writeHead(200, { ...headers, 'content-length': content.length }).end();
      return;
    }
    const { range = `bytes=0-${content.length - 1}` } = request.headers;
    asked.push(range);
    const [first = 0, last = 0] = range.slice(6).split('-').map(Number);
    const body = content.subarray(first, last + 1);
    if (misbehave(asked.length, response, body)) return;
    const contentRange = { 'content-range': `bytes ${first}-${last}/${content.length}` };
    response.writeHead(206, { etag: '"e"', ...contentRange, 'content-length': body.length }).end(body);
  };
  const server = await serve(answer);
  const { client } = setupClient(server.url);
  const download = async (rangeAttempts = 5) => {
    const { body } = await downloadStream({
      client,
      bucket: 'b',
      key: 'k',
      thresholdBytes: 1,
      partBytes: 400,
      concurrency: 1,
      rangeAttempts,
    });
    return buffer(body);
  };
  return { asked, download, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Sends some of the body and breaks the connection. */
function cut(response: ServerResponse, body: Buffer, bytes: number) {
  response.writeHead(206, { 'content-range': 'bytes 0-399/1000', 'content-length': body.length });
  response.write(body.subarray(0, bytes));
  setTimeout(() => response.destroy(), 10);
  return true;
}

describe('a range whose body breaks off', () => {
  test('is asked for again from where it broke, so that every byte comes once', async () => {
    await using s3 = await setup((get, response, body) => get === 1 && cut(response, body, 150));
    expect((await s3.download()).equals(content)).toBe(true);
    expect(s3.asked).toEqual(['bytes=0-399', 'bytes=150-399', 'bytes=400-799', 'bytes=800-999']);
  });

  test('is given up after so many attempts, naming object and range', async () => {
    await using s3 = await setup((_get, response, body) => cut(response, body, 0));
    await expect(s3.download(2)).rejects.toMatchObject({
      name: 'RetriesExceededError',
      bucket: 'b',
      key: 'k',
      range: { first: 0, last: 399 },
      attempts: 2,
      cause: { code: 'incomplete-read' },
    });
    expect(s3.asked).toHaveLength(2);
  });
});

test('does not keep the process alive for the sockets it leaves open', async () => {
  await using s3 = await setup();
  const program = new URL('servers/one-range.ts', import.meta.url).pathname;
  // Ends by itself, or is ended with an error.
  const { stdout } = await promisify(execFile)(process.execPath, [program, s3.url], { timeout: 10_000 });
  expect(stdout).toBe('1000');
}, 15_000);

describe('a store that answers something else', () => {
  test('is not believed when it ignores the range', async () => {
    await using s3 = await setup((_get, response) => {
      response.writeHead(200, { 'content-length': content.length }).end(content);
      return true;
    });
    await expect(s3.download(1)).rejects.toMatchObject({ cause: { code: 'response-streaming' } });
  });

  test('is found out by the checksum when a byte is wrong', async () => {
    await using s3 = await setup((get, response, body) => {
      if (get !== 2) return false;
      const spoilt = Buffer.from(body);
      spoilt[7] = (spoilt[7] ?? 0) ^ 1;
      response.writeHead(206, { 'content-range': 'bytes 400-799/1000', 'content-length': 400 }).end(spoilt);
      return true;
    });
    await expect(s3.download()).rejects.toMatchObject({ code: 'checksum-mismatch', retryable: true });
  });
});

test('cuts any object into ranges that follow each other from its first byte to its last', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 3_000 }),
      (bytes, rangeBytes) => {
        const ranges = toRanges(bytes, rangeBytes);
        let next = 0;
        for (const [index, range] of ranges.entries()) {
          expect(range).toMatchObject({ index, first: next });
          expect(range.last - range.first + 1).toBeLessThanOrEqual(rangeBytes);
          next = range.last + 1;
        }
        expect(next).toBe(bytes);
      },
    ),
  );
});
