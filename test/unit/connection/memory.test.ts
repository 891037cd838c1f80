import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { serve } from './servers/server.ts';

const MIB = 2 ** 20;
const OBJECT_BYTES = 600 * MIB;
// Node itself, the layer and its types stripped: some 130. Ten parts of 8 MiB: 80. A stream's buffers are
// given away, and wait for the garbage collector after that.
const MAX_RSS_MIB = 256;
const MAX_RSS_OF_STREAM_MIB = 352;

const zeros = Buffer.alloc(MIB);

/** An S3 with one object of zeros, which takes any upload and forgets it. */
async function answer(request: IncomingMessage, response: ServerResponse) {
  const { method, url = '', headers } = request;
  if (method === 'HEAD')
    return response.writeHead(200, { etag: '"e"', 'content-length': OBJECT_BYTES }).end();
  if (method === 'GET') {
    const [first = 0, last = 0] = (headers.range ?? '').slice(6).split('-').map(Number);
    const range = `bytes ${first}-${last}/${OBJECT_BYTES}`;
    response.writeHead(206, { 'content-range': range, 'content-length': last - first + 1 });
    for (let at = first; at <= last; at += MIB)
      response.write(zeros.subarray(0, Math.min(MIB, last - at + 1)));
    return response.end();
  }
  const body = url.includes('uploads=')
    ? '<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>'
    : '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>';
  for await (const _bytes of request);
  return response.setHeader('etag', '"e"').end(method === 'PUT' ? '' : body);
}

async function setup() {
  const server = await serve(answer);
  const folder = mkdtempSync(join(tmpdir(), 'memory-'));
  const program = new URL('servers/mover.ts', import.meta.url).pathname;
  return {
    path: join(folder, 'file'),
    /** Moves the object in a process of its own, and gives the most memory that it had, in MiB. */
    move: async (way: string) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        program,
        way,
        server.url,
        join(folder, 'file'),
      ]);
      return Number(stdout);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

describe('600 MiB never take as much memory', () => {
  test.each(['upload-file', 'upload-stream'])(
    'as an %s',
    async (way) => {
      await using s3 = await setup();
      // Sparse: nothing is on the disk.
      writeFileSync(s3.path, '');
      truncateSync(s3.path, OBJECT_BYTES);
      expect(await s3.move(way)).toBeLessThan(MAX_RSS_MIB);
    },
    60_000,
  );

  test('as a download into a file', async () => {
    await using s3 = await setup();
    expect(await s3.move('download-file')).toBeLessThan(MAX_RSS_MIB);
    expect(statSync(s3.path).size).toBe(OBJECT_BYTES);
  }, 60_000);

  test('as a download stream that is read more slowly than it comes', async () => {
    await using s3 = await setup();
    expect(await s3.move('download-stream')).toBeLessThan(MAX_RSS_OF_STREAM_MIB);
  }, 60_000);
});
