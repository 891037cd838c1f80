import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { UploadFailedError } from '../../../src/lib/connection/errors/upload-failed-error.ts';
import { copyObject } from '../../../src/lib/connection/transfers/copy.ts';
import { downloadFile, downloadStream } from '../../../src/lib/connection/transfers/download.ts';
import type { Progress } from '../../../src/lib/connection/transfers/options.ts';
import { uploadBytes, uploadFile, uploadStream } from '../../../src/lib/connection/transfers/upload.ts';
import { noise, openAccount } from './account.ts';

const MIB = 2 ** 20;

async function setup() {
  const account = await openAccount();
  const { client, bucket } = account;
  return {
    ...account,
    place: (key: string) => ({ client, bucket, key }),
    put: (key: string, Body: Buffer, more: Partial<PutObjectCommandInput> = {}) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ...more })),
    get: async (key: string) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    head: (key: string) =>
      client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })),
    uploadsLeft: async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0,
  };
}

const sizes = [
  ['nothing', 0, 1],
  ['one byte', 1, 1],
  ['one byte less than the threshold', 8 * MIB - 1, 1],
  ['the threshold', 8 * MIB, 1],
  ['one byte more than a part', 8 * MIB + 1, 2],
  ['two and a half parts', 20 * MIB, 3],
] as const;

describe('upload', () => {
  it.each(sizes)('sends %s, from bytes, a file and a stream alike', async (_what, length, parts) => {
    using s3 = await setup();
    const content = noise(length);
    writeFileSync(s3.path('in'), content);
    const results = [
      await uploadBytes({ ...s3.place('bytes'), bytes: content }),
      await uploadFile({ ...s3.place('file'), path: s3.path('in') }),
      await uploadStream({ ...s3.place('stream'), stream: Readable.from([content]) }),
    ];
    for (const result of results) expect(result).toMatchObject({ bytes: length, parts });
    for (const key of ['bytes', 'file', 'stream']) expect((await s3.get(key)).equals(content)).toBe(true);
  });

  it('leaves a checksum with the object, and what was asked to be kept beside it', async () => {
    using s3 = await setup();
    const params = { ContentType: 'text/plain', Metadata: { author: 'me' }, CacheControl: 'no-store' };
    await uploadBytes({ ...s3.place('large'), bytes: noise(9 * MIB), params });
    const { ChecksumCRC32, ...head } = await s3.head('large');
    expect(ChecksumCRC32).toMatch(/-2$/);
    expect(head).toMatchObject(params);
  });

  it('sends a stream of many small chunks in whole parts', async () => {
    using s3 = await setup();
    const content = noise(11 * MIB);
    const chunks = function* () {
      for (let at = 0; at < content.length; at += 70_001) yield content.subarray(at, at + 70_001);
    };
    const result = await uploadStream({
      ...s3.place('k'),
      stream: Readable.from(chunks()),
      partBytes: 5 * MIB,
    });
    expect(result.parts).toBe(3);
    expect((await s3.get('k')).equals(content)).toBe(true);
  });

  it('reports progress that grows to the total', async () => {
    using s3 = await setup();
    const seen: Progress[] = [];
    await uploadBytes({
      ...s3.place('k'),
      bytes: noise(20 * MIB),
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.map(({ transferredBytes }) => transferredBytes)).toEqual(
      seen.map(({ transferredBytes }) => transferredBytes).toSorted((a, b) => a - b),
    );
    expect(seen.at(-1)).toEqual({ transferredBytes: 20 * MIB, totalBytes: 20 * MIB });
  });

  it('makes the object only if there is none, in parts too', async () => {
    using s3 = await setup();
    const once = { ...s3.place('k'), bytes: noise(9 * MIB), params: { IfNoneMatch: '*' } };
    await uploadBytes(once);
    await expect(uploadBytes(once)).rejects.toMatchObject({ cause: { code: 'precondition-failed' } });
  });

  it('leaves nothing behind when it is aborted', async () => {
    using s3 = await setup();
    const stop = new AbortController();
    const call = uploadBytes({
      ...s3.place('k'),
      bytes: noise(40 * MIB),
      concurrency: 2,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(call).rejects.toMatchObject({
      name: 'UploadFailedError',
      retryable: false,
      cause: { code: 'aborted' },
    });
    expect(await s3.uploadsLeft()).toBe(0);
    await expect(s3.head('k')).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('goes on with an upload that was interrupted, without sending again what arrived', async () => {
    using s3 = await setup();
    const content = noise(40 * MIB);
    const stop = new AbortController();
    const request = { ...s3.place('k'), bytes: content, concurrency: 2 };
    const failure = await uploadBytes({
      ...request,
      onFailure: 'keep',
      signal: stop.signal,
      onProgress: ({ transferredBytes }) => transferredBytes >= 16 * MIB && stop.abort(),
    }).catch((error: unknown) => error);
    if (!(failure instanceof UploadFailedError) || failure.uploadId === undefined) throw failure;

    const sent: unknown[] = [];
    s3.client.middlewareStack.add((next, { commandName }) => (args) => {
      if (commandName === 'UploadPartCommand') sent.push(commandName);
      return next(args);
    });
    const result = await uploadBytes({ ...request, resume: failure.uploadId });
    expect(result).toMatchObject({ bytes: 40 * MIB, parts: 5 });
    expect(sent.length).toBeLessThanOrEqual(3);
    expect((await s3.get('k')).equals(content)).toBe(true);
  });

  it('sends a part again when the bytes have changed since the interruption', async () => {
    using s3 = await setup();
    const stop = new AbortController();
    const failure = await uploadBytes({
      ...s3.place('k'),
      bytes: noise(16 * MIB),
      concurrency: 1,
      onFailure: 'keep',
      signal: stop.signal,
      onProgress: () => stop.abort(),
    }).catch((error: unknown) => error);
    if (!(failure instanceof UploadFailedError) || failure.uploadId === undefined) throw failure;
    const changed = noise(16 * MIB);
    await uploadBytes({ ...s3.place('k'), bytes: changed, resume: failure.uploadId });
    expect((await s3.get('k')).equals(changed)).toBe(true);
  });

  it('names bucket and key when the file does not exist', async () => {
    using s3 = await setup();
    const call = uploadFile({ ...s3.place('k'), path: s3.path('missing') });
    await expect(call).rejects.toMatchObject({ name: 'UploadFailedError', bucket: s3.bucket, key: 'k' });
  });
});

describe('download', () => {
  it.each(sizes)('reads %s, into a file and as a stream alike', async (_what, length) => {
    using s3 = await setup();
    const content = noise(length);
    await uploadBytes({ ...s3.place('k'), bytes: content });
    const result = await downloadFile({ ...s3.place('k'), path: s3.path('out') });
    expect(result).toMatchObject({ bytes: length, verifiedBy: 'CRC32' });
    expect(readFileSync(s3.path('out')).equals(content)).toBe(true);
    expect(existsSync(s3.path('out.part'))).toBe(false);
    const { body } = await downloadStream(s3.place('k'));
    expect((await buffer(body)).equals(content)).toBe(true);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'compares the %s that S3 keeps',
    async (algorithm) => {
      using s3 = await setup();
      const content = noise(9 * MIB);
      await s3.put('k', content, { ChecksumAlgorithm: algorithm });
      const result = await downloadFile({ ...s3.place('k'), path: s3.path('out') });
      expect(result.verifiedBy).toBe(algorithm);
      expect(readFileSync(s3.path('out')).equals(content)).toBe(true);
    },
  );

  it('leaves no file when the object does not exist', async () => {
    using s3 = await setup();
    const call = downloadFile({ ...s3.place('missing'), path: s3.path('out') });
    await expect(call).rejects.toMatchObject({ code: 'not-found' });
    expect(existsSync(s3.path('out'))).toBe(false);
    expect(existsSync(s3.path('out.part'))).toBe(false);
  });

  it('goes on with a download that was interrupted, from the ranges that are there', async () => {
    using s3 = await setup();
    const content = noise(40 * MIB);
    await s3.put('k', content);
    const stop = new AbortController();
    const request = { ...s3.place('k'), path: s3.path('out'), concurrency: 1, resume: true };
    const cut = downloadFile({
      ...request,
      signal: stop.signal,
      onProgress: ({ transferredBytes }) => transferredBytes > 20 * MIB && stop.abort(),
    });
    await expect(cut).rejects.toMatchObject({ code: 'aborted' });
    expect(existsSync(s3.path('out'))).toBe(false);

    const seen: number[] = [];
    await downloadFile({ ...request, onProgress: ({ transferredBytes }) => seen.push(transferredBytes) });
    // Two ranges were complete: they are counted at once, not fetched.
    expect(seen.slice(0, 2)).toEqual([8 * MIB, 16 * MIB]);
    expect(readFileSync(s3.path('out')).equals(content)).toBe(true);
    expect(existsSync(s3.path('out.part.journal'))).toBe(false);
  });

  it('begins anew when the object is another one since the interruption', async () => {
    using s3 = await setup();
    await s3.put('k', noise(24 * MIB));
    const stop = new AbortController();
    const request = { ...s3.place('k'), path: s3.path('out'), concurrency: 1, resume: true };
    const signal = stop.signal;
    await expect(
      downloadFile({ ...request, signal, onProgress: (p) => p.transferredBytes > 9 * MIB && stop.abort() }),
    ).rejects.toMatchObject({ code: 'aborted' });
    const other = noise(24 * MIB);
    await s3.put('k', other);
    await downloadFile(request);
    expect(readFileSync(s3.path('out')).equals(other)).toBe(true);
  });

  it('fails rather than mix two objects when one replaces the other meanwhile', async () => {
    using s3 = await setup();
    await s3.put('k', noise(24 * MIB));
    let reads = 0;
    s3.client.middlewareStack.add((next, { commandName }) => async (args) => {
      if (commandName === 'GetObjectCommand') {
        reads += 1;
        if (reads === 2) await s3.put('k', noise(24 * MIB));
      }
      return next(args);
    });
    const call = downloadFile({ ...s3.place('k'), path: s3.path('out'), concurrency: 1 });
    await expect(call).rejects.toMatchObject({ code: 'precondition-failed', retryable: false });
    expect(existsSync(s3.path('out'))).toBe(false);
  });

  it('ends its calls when the reader of the stream goes away', async () => {
    using s3 = await setup();
    await s3.put('k', noise(64 * MIB));
    const { body } = await downloadStream({ ...s3.place('k'), concurrency: 2 });
    for await (const _chunk of body) break;
    expect(body.destroyed).toBe(true);
  });
});

describe('copy', () => {
  it('keeps bytes and metadata, in one piece and by parts', async () => {
    using s3 = await setup();
    const content = noise(12 * MIB);
    const key = 'folder/a b+c é.bin';
    await s3.put(key, content, {
      ContentType: 'image/png',
      Metadata: { author: 'me' },
      Tagging: 'colour=deep+red',
    });
    const source = { bucket: s3.bucket, key };
    const whole = await copyObject({
      client: s3.client,
      source,
      target: { bucket: s3.bucket, key: 'whole' },
    });
    const parts = await copyObject({
      client: s3.client,
      source,
      target: { bucket: s3.bucket, key: 'parts' },
      thresholdBytes: 1,
      partBytes: 5 * MIB,
    });
    expect([whole.parts, parts.parts]).toEqual([1, 3]);
    for (const target of ['whole', 'parts']) {
      expect((await s3.get(target)).equals(content)).toBe(true);
      expect(await s3.head(target)).toMatchObject({ ContentType: 'image/png', Metadata: { author: 'me' } });
    }
  });

  it('names the target when the source does not exist', async () => {
    using s3 = await setup();
    const source = { bucket: s3.bucket, key: 'missing' };
    const call = copyObject({ client: s3.client, source, target: { bucket: s3.bucket, key: 'k' } });
    await expect(call).rejects.toMatchObject({
      name: 'UploadFailedError',
      key: 'k',
      cause: { code: 'not-found' },
    });
  });
});
