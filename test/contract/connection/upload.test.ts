import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { UploadFailedError } from '@sluice/connection/errors/operation';
import type { Progress } from '@sluice/connection/transfers/options';
import { uploadBytes, uploadFile, uploadStream } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { noise } from './account.ts';
import { openStore as setup, sizes } from './store.ts';

const MIB = 2 ** 20;

describe('upload', () => {
  test.each(sizes)('sends %s, from bytes, a file and a stream alike', async (_what, length, parts) => {
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

  test('leaves a checksum with the object, and what was asked to be kept beside it', async () => {
    using s3 = await setup();
    const params = { ContentType: 'text/plain', Metadata: { author: 'me' }, CacheControl: 'no-store' };
    await uploadBytes({ ...s3.place('large'), bytes: noise(9 * MIB), params });
    const { ChecksumCRC32, ...head } = await s3.head('large');
    expect(ChecksumCRC32).toMatch(/-2$/);
    expect(head).toMatchObject(params);
  });

  test('sends a stream of many small chunks in whole parts', async () => {
    using s3 = await setup();
    const content = noise(11 * MIB);
    function* chunks() {
      for (let at = 0; at < content.length; at += 70_001) yield content.subarray(at, at + 70_001);
    }
    const result = await uploadStream({
      ...s3.place('k'),
      stream: Readable.from(chunks()),
      partBytes: 5 * MIB,
    });
    expect(result.parts).toBe(3);
    expect((await s3.get('k')).equals(content)).toBe(true);
  });

  test('reports progress that grows to the total', async () => {
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

  test('makes the object only if there is none, in parts too', async () => {
    using s3 = await setup();
    const once = { ...s3.place('k'), bytes: noise(9 * MIB), params: { IfNoneMatch: '*' } };
    await uploadBytes(once);
    await expect(uploadBytes(once)).rejects.toMatchObject({ cause: { code: 'precondition-failed' } });
  });

  test('leaves nothing behind when it is aborted', async () => {
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

  test('goes on with an upload that was interrupted, without sending again what arrived', async () => {
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

  test('sends a part again when the bytes have changed since the interruption', async () => {
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

  test('names bucket and key when the file does not exist', async () => {
    using s3 = await setup();
    const call = uploadFile({ ...s3.place('k'), path: s3.path('missing') });
    await expect(call).rejects.toMatchObject({ name: 'UploadFailedError', bucket: s3.bucket, key: 'k' });
  });
});
