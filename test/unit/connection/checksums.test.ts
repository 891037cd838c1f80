import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createAnyHasher } from '@sluice/connection/transfers/any-hasher';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
} from '@sluice/connection/transfers/checksum-algorithms';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { setup as setupClient } from './servers/client.ts';
import { serve } from './servers/server.ts';

const content = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));
const sizes = [400, 400, 200];

async function digest(algorithm: ChecksumAlgorithm, ...chunks: Uint8Array[]) {
  const hasher = createAnyHasher(algorithm);
  for (const chunk of chunks) hasher.update(chunk);
  return Buffer.from(await hasher.digest());
}
async function ofWhole(algorithm: ChecksumAlgorithm) {
  return (await digest(algorithm, content)).toString('base64');
}
async function ofParts(algorithm: ChecksumAlgorithm) {
  const slices = [content.subarray(0, 400), content.subarray(400, 800), content.subarray(800)];
  const digests = await Promise.all(slices.map((slice) => digest(algorithm, slice)));
  return (await digest(algorithm, ...digests)).toString('base64');
}

/** A store whose every answer about the object has these headers, and that gives `serving` for it. */
async function setup(headers: Record<string, string>, serving = content, mode?: 'WHEN_REQUIRED') {
  const folder = mkdtempSync(join(tmpdir(), 'checksums-'));
  const asked: unknown[] = [];
  const server = await serve((request: IncomingMessage, response: ServerResponse) => {
    const parts = sizes.map((size) => `<Part><Size>${size}</Size></Part>`).join('');
    if (request.url?.includes('attributes'))
      return response.end(`<R><ObjectParts>${parts}</ObjectParts></R>`);
    asked.push(request.headers['x-amz-checksum-mode']);
    const known = { etag: '"0123-3"', 'content-length': serving.length, ...headers };
    return request.method === 'HEAD'
      ? response.writeHead(200, known).end()
      : response.writeHead(200, known).end(serving);
  });
  const { client } = setupClient(server.url, mode && { responseChecksumValidation: mode });
  const object = { client, bucket: 'b', key: 'k' };
  const path = join(folder, 'out');
  return {
    path,
    asked,
    download: () => downloadFile({ ...object, path }),
    stream: async () => buffer((await downloadStream(object)).body),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
      await server[Symbol.asyncDispose]();
    },
  };
}

function headerOf(algorithm: string) {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}
const composite = { 'x-amz-checksum-type': 'COMPOSITE' };
const ways: readonly (readonly [
  string,
  (algorithm: ChecksumAlgorithm) => Promise<Record<string, string>>,
])[] = [
  [
    'of its bytes',
    async (one) => ({ [headerOf(one)]: await ofWhole(one), 'x-amz-checksum-type': 'FULL_OBJECT' }),
  ],
  ['of its bytes, without a type', async (one) => ({ [headerOf(one)]: await ofWhole(one) })],
  ['of its parts', async (one) => ({ [headerOf(one)]: `${await ofParts(one)}-3`, ...composite })],
  ['of its parts, without a type', async (one) => ({ [headerOf(one)]: `${await ofParts(one)}-3` })],
  [
    'of its parts, without their number',
    async (one) => ({ [headerOf(one)]: await ofParts(one), ...composite }),
  ],
];
const all = CHECKSUM_ALGORITHMS.flatMap((algorithm) =>
  ways.map(([way, make]) => [algorithm, way, make] as const),
);

describe('an object whose checksum is', () => {
  test.each(all)('%s %s arrives, and is told as verified by it', async (algorithm, _way, make) => {
    await using store = await setup(await make(algorithm));
    expect((await store.download()).verifiedBy).toBe(algorithm);
    expect(readFileSync(store.path)).toEqual(content);
    expect(await store.stream()).toEqual(content);
  });

  test.each(all)('%s %s is refused when its bytes are others', async (algorithm, _way, make) => {
    await using store = await setup(await make(algorithm), Buffer.from(content).fill(7, 999));
    await expect(store.download()).rejects.toMatchObject({ name: 'ChecksumMismatchError' });
    await expect(store.stream()).rejects.toMatchObject({ name: 'ChecksumMismatchError' });
  });

  test.each(CHECKSUM_ALGORITHMS)(
    '%s of its parts arrives, where neither their number nor a type is told',
    async (algorithm) => {
      await using store = await setup({ [headerOf(algorithm)]: await ofParts(algorithm) });
      expect((await store.download()).verifiedBy).toBe(algorithm);
    },
  );
});

test.each([
  [
    'SHA512',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  ],
  ['SHA256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['SHA1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['MD5', '900150983cd24fb0d6963f7d28e17f72'],
  ['XXHASH64', '44bc2cf5ad770999'],
  ['XXHASH3', '78af5f94892f3950'],
  ['XXHASH128', '06b05ab6733a618578af5f94892f3950'],
  ['CRC32', '352441c2'],
  ['CRC32C', '364b3fb7'],
] as const)('computes the %s of "abc" as others do', async (algorithm, expected) => {
  expect((await digest(algorithm, Buffer.from('abc'))).toString('hex')).toBe(expected);
});

test('compares nothing, and asks for no checksum, when that is only done where it is required', async () => {
  const wrong = { [headerOf('CRC32')]: await ofWhole('CRC32') };
  const other = Buffer.from(content).fill(7, 999);
  await using store = await setup(wrong, other, 'WHEN_REQUIRED');
  expect((await store.download()).verifiedBy).toBeUndefined();
  expect(readFileSync(store.path)).toEqual(other);
  expect(store.asked).toEqual([undefined, undefined]);
});

describe('an upload that chooses', () => {
  const partBytes = 5 * 2 ** 20;
  const bytes = Buffer.alloc(partBytes + 10, 'x');
  const parts = [bytes.subarray(0, partBytes), bytes.subarray(partBytes)];

  /**
   * A store that notes the checksums it is sent, and answers a completion with that of the parts, or with
   * `lie`.
   */
  const open = async (algorithm: ChecksumAlgorithm, lie?: string) => {
    const sent: Record<string, unknown>[] = [];
    const server = await serve(async (request, response) => {
      const names = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-checksum'));
      sent.push(Object.fromEntries(names.map((name) => [name, request.headers[name]])));
      await buffer(request);
      if (request.method === 'PUT') return response.writeHead(200, { etag: '"e"' }).end();
      const digests = await Promise.all(parts.map((part) => digest(algorithm, part)));
      const whole = lie ?? `${(await digest(algorithm, ...digests)).toString('base64')}-2`;
      const field = `<Checksum${algorithm}>${whole}</Checksum${algorithm}>`;
      response.end(
        request.url?.includes('uploads')
          ? '<R><UploadId>U</UploadId></R>'
          : `<R><ETag>"m"</ETag>${field}</R>`,
      );
    });
    const { client } = setupClient(server.url);
    const upload = (content: Buffer, thresholdBytes: number) =>
      uploadBytes({
        client,
        bucket: 'b',
        key: 'k',
        bytes: content,
        checksumAlgorithm: algorithm,
        thresholdBytes,
        partBytes,
        concurrency: 1,
      });
    return { sent, upload, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  };

  test.each(CHECKSUM_ALGORITHMS)('%s sends it with a PUT, and nothing else', async (algorithm) => {
    await using store = await open(algorithm);
    await store.upload(content, partBytes);
    expect(store.sent).toEqual([{ [headerOf(algorithm)]: await ofWhole(algorithm) }]);
  });

  test.each(CHECKSUM_ALGORITHMS)(
    '%s says so when it begins, and sends it with every part',
    async (algorithm) => {
      await using store = await open(algorithm);
      expect(await store.upload(bytes, 1)).toMatchObject({ parts: 2 });
      const [begun, one, two] = store.sent;
      expect(begun).toEqual({ 'x-amz-checksum-algorithm': algorithm });
      for (const [i, part] of [one, two].entries()) {
        const expected = (await digest(algorithm, parts[i] ?? Buffer.alloc(0))).toString('base64');
        expect(part).toEqual({ [headerOf(algorithm)]: expected });
      }
    },
  );

  test.each(CHECKSUM_ALGORITHMS)('%s fails when S3 made an object of other bytes', async (algorithm) => {
    await using store = await open(algorithm, 'AAAA-2');
    await expect(store.upload(bytes, 1)).rejects.toMatchObject({ cause: { name: 'ChecksumMismatchError' } });
  });
});
