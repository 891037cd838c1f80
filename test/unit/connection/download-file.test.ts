import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DownloadRequest, downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { type CommonAlgorithm as ChecksumAlgorithm, createHasher } from '@sluice/connection/transfers/hasher';
import { describe, expect, test } from 'vitest';
import { setup as setupClient } from './servers/client.ts';
import { serve } from './servers/server.ts';

const content = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));
const parts = [400, 400, 200];

async function digest(algorithm: ChecksumAlgorithm, ...chunks: Buffer[]) {
  const hasher = createHasher(algorithm);
  for (const chunk of chunks) hasher.update(chunk);
  return Buffer.from(await hasher.digest());
}
async function ofParts(algorithm: ChecksumAlgorithm) {
  const slices = [content.subarray(0, 400), content.subarray(400, 800), content.subarray(800)];
  const digests = await Promise.all(slices.map((slice) => digest(algorithm, slice)));
  return `${(await digest(algorithm, ...digests)).toString('base64')}-3`;
}
async function ofWhole(algorithm: ChecksumAlgorithm) {
  return (await digest(algorithm, content)).toString('base64');
}

/**
 * A folder, and an S3 with one object; `serving` are the bytes that it really gives, `fail` the GETs that it
 * breaks.
 */
async function setup(headers: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'download-'));
  const asked: string[] = [];
  const state = { etag: '"e"', serving: content, fails: (_range: string) => false };
  const sizes = parts.map((size) => `<Part><Size>${size}</Size></Part>`).join('');
  const server = await serve((request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'HEAD')
      return response.writeHead(200, { etag: state.etag, 'content-length': 1_000, ...headers }).end();
    if (request.url?.includes('attributes'))
      return response.end(
        `<GetObjectAttributesResponse><ObjectParts>${sizes}</ObjectParts></GetObjectAttributesResponse>`,
      );
    const { range = 'bytes=0-999' } = request.headers;
    asked.push(range);
    if (state.fails(range)) return response.writeHead(403).end();
    const [first = 0, last = 0] = range.slice(6).split('-').map(Number);
    const body = state.serving.subarray(first, last + 1);
    const contentRange = `bytes ${first}-${last}/1000`;
    return response
      .writeHead(206, { 'content-range': contentRange, 'content-length': body.length })
      .end(body);
  });
  const { client } = setupClient(server.url);
  const request = { client, bucket: 'b', key: 'k', thresholdBytes: 1, partBytes: 250, concurrency: 1 };
  const path = join(folder, 'out');
  return {
    folder,
    path,
    asked,
    state,
    request,
    download: (more: Partial<DownloadRequest & { resume: boolean; path: string }> = {}) =>
      downloadFile({ ...request, path, ...more }),
    names: () => readdirSync(folder).toSorted(),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

const spoilt = Buffer.from(content);
spoilt[777] = (spoilt[777] ?? 0) ^ 1;

test('takes a path whose name is as long as the file system takes', async () => {
  await using s3 = await setup();
  const path = join(s3.folder, `${'😀'.repeat(60)}.jpg`);
  for (const resume of [false, true]) await s3.download({ path, resume });
  expect(s3.names()).toEqual([`${'😀'.repeat(60)}.jpg`]);
});

describe('a byte that is wrong', () => {
  test.each(
    (['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const).flatMap((algorithm) => [
      [algorithm, 'the whole object', ofWhole(algorithm)] as const,
      [algorithm, 'its parts', ofParts(algorithm)] as const,
    ]),
  )('is found by the %s of %s, and nothing of the file is kept', async (algorithm, _of, value) => {
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
    await using s3 = await setup({ [header]: await value });
    s3.state.serving = spoilt;
    for (const resume of [false, true]) {
      await expect(s3.download({ resume })).rejects.toMatchObject({ code: 'checksum-mismatch' });
      expect(s3.names()).toEqual([]);
    }
    s3.state.serving = content;
    expect(await s3.download()).toMatchObject({ verifiedBy: algorithm });
    expect(readFileSync(s3.path).equals(content)).toBe(true);
  });
});

describe('a download that is to be resumed', () => {
  /** Leaves the first two of four ranges. */
  const interrupt = async (s3: Awaited<ReturnType<typeof setup>>) => {
    s3.state.fails = (range) => range === 'bytes=500-749';
    await expect(s3.download({ resume: true })).rejects.toMatchObject({ code: 'access-denied' });
    s3.state.fails = () => false;
    s3.asked.length = 0;
    const [draft = '', journal = ''] = s3.names();
    return { draft: join(s3.folder, draft), journal: join(s3.folder, journal) };
  };
  const goesOn = async (s3: Awaited<ReturnType<typeof setup>>, ...asked: string[]) => {
    await s3.download({ resume: true });
    expect(readFileSync(s3.path).equals(content)).toBe(true);
    expect(s3.names()).toEqual(['out']);
    expect(s3.asked).toEqual(asked);
  };

  test('asks only for what is missing', async () => {
    await using s3 = await setup();
    await interrupt(s3);
    await goesOn(s3, 'bytes=500-749', 'bytes=750-999');
  });

  test('asks for everything when the draft is gone and its journal is not', async () => {
    await using s3 = await setup();
    rmSync((await interrupt(s3)).draft);
    await goesOn(s3, 'bytes=0-249', 'bytes=250-499', 'bytes=500-749', 'bytes=750-999');
  });

  test('asks again for what is not on disk as it was written', async () => {
    await using s3 = await setup();
    const { draft } = await interrupt(s3);
    writeFileSync(draft, Buffer.concat([content.subarray(0, 100), Buffer.alloc(900)]));
    await goesOn(s3, 'bytes=0-249', 'bytes=250-499', 'bytes=500-749', 'bytes=750-999');
  });

  test('asks again for what a draft that was cut short has lost', async () => {
    await using s3 = await setup();
    truncateSync((await interrupt(s3)).draft, 300);
    await goesOn(s3, 'bytes=250-499', 'bytes=500-749', 'bytes=750-999');
  });

  test('takes no range of another size for one of its own', async () => {
    await using s3 = await setup();
    await interrupt(s3);
    await s3.download({ resume: true, partBytes: 400 });
    expect(readFileSync(s3.path).equals(content)).toBe(true);
    expect(s3.asked).toEqual(['bytes=0-399', 'bytes=400-799', 'bytes=800-999']);
  });

  test('begins anew, and removes what was left, when the object has changed', async () => {
    await using s3 = await setup();
    await interrupt(s3);
    s3.state.etag = '"f"';
    await goesOn(s3, 'bytes=0-249', 'bytes=250-499', 'bytes=500-749', 'bytes=750-999');
  });
});

describe('the folder of the file', () => {
  test('keeps what a person has there, whatever its name, when the download fails', async () => {
    await using s3 = await setup();
    for (const name of ['out.part', 'out.part.journal', '.out.part'])
      writeFileSync(join(s3.folder, name), name);
    s3.state.fails = () => true;
    for (const resume of [false, true]) await expect(s3.download({ resume })).rejects.toThrow();
    for (const name of ['out.part', 'out.part.journal', '.out.part'])
      expect(readFileSync(join(s3.folder, name), 'utf8')).toBe(name);
  });

  test('has one of two objects in the end, whole, when both are downloaded to it at once', async () => {
    await using s3 = await setup();
    await using other = await setup();
    other.state.serving = Buffer.alloc(1_000, 7);
    for (const resume of [false, true]) {
      await Promise.allSettled([
        s3.download({ resume }),
        other.download({ resume, path: s3.path, key: 'other' }),
      ]);
      const bytes = readFileSync(s3.path);
      expect([content, other.state.serving].some((one) => one.equals(bytes))).toBe(true);
    }
    expect(s3.names()).toEqual(['out']);
  });

  test('gets a file with the permissions of any new file', async () => {
    await using s3 = await setup();
    await s3.download();
    expect(statSync(s3.path).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test('is not replaced by a file of its name', async () => {
    await using s3 = await setup();
    mkdirSync(s3.path);
    await expect(s3.download()).rejects.toMatchObject({ code: 'invalid-parameter' });
    expect(s3.asked).toEqual([]);
  });
});

test('writes what a link leads to, and leaves the link', async () => {
  await using s3 = await setup();
  writeFileSync(join(s3.folder, 'real'), 'before');
  symlinkSync('real', s3.path);
  await s3.download();
  expect(lstatSync(s3.path).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(s3.folder, 'real')).equals(content)).toBe(true);
});

test('writes through a pipe, in order, and leaves it a pipe', async () => {
  await using s3 = await setup();
  await promisify(execFile)('mkfifo', [s3.path]);
  chmodSync(s3.path, 0o600);
  const reading = promisify(execFile)('cat', [s3.path], { encoding: 'buffer' });
  await s3.download();
  expect((await reading).stdout.equals(content)).toBe(true);
  expect(statSync(s3.path).isFIFO()).toBe(true);
});

test('reads a stream in ranges of the part size, however large the parts are that the object was made of', async () => {
  await using s3 = await setup({ 'x-amz-checksum-sha256': await ofParts('SHA256') });
  const { body } = await downloadStream({ ...s3.request, partBytes: 100, concurrency: 3 });
  const hash = createHash('sha256');
  let seen = 0;
  for await (const chunk of body) {
    seen += 1;
    hash.update(chunk);
    // Three at once, the one that is being read, and one that the stream reads ahead.
    expect(s3.asked.length - seen).toBeLessThanOrEqual(4);
  }
  expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
  expect(s3.asked.toSorted()).toEqual(
    Array.from({ length: 10 }, (_, i) => `bytes=${i * 100}-${i * 100 + 99}`),
  );
});
