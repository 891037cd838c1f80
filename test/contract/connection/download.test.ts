import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { copyObject } from '@sluice/connection/transfers/copy';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { noise } from './account.ts';
import { openStore as setup, sizes } from './store.ts';

const MIB = 2 ** 20;

describe('download', () => {
  test.each(sizes)('reads %s, into a file and as a stream alike', async (_what, length) => {
    using s3 = await setup();
    const content = noise(length);
    await uploadBytes({ ...s3.place('k'), bytes: content });
    const result = await downloadFile({ ...s3.place('k'), path: s3.path('out') });
    expect(result).toMatchObject({ bytes: length, verifiedBy: 'CRC32' });
    expect(readFileSync(s3.path('out')).equals(content)).toBe(true);
    expect(readdirSync(s3.path('.'))).toEqual(['out']);
    const { body } = await downloadStream(s3.place('k'));
    expect((await buffer(body)).equals(content)).toBe(true);
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
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

  test('leaves no file when the object does not exist', async () => {
    using s3 = await setup();
    const call = downloadFile({ ...s3.place('missing'), path: s3.path('out') });
    await expect(call).rejects.toMatchObject({ code: 'not-found' });
    expect(readdirSync(s3.path('.'))).toEqual([]);
  });

  test('goes on with a download that was interrupted, from the ranges that are there', async () => {
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
    expect(readdirSync(s3.path('.'))).toEqual(['out']);
  });

  test('begins anew when the object is another one since the interruption', async () => {
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
    // What was left of the first one is gone too.
    expect(readdirSync(s3.path('.'))).toEqual(['out']);
  });

  test('fails rather than mix two objects when one replaces the other meanwhile', async () => {
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

  test('ends its calls when the reader of the stream goes away', async () => {
    using s3 = await setup();
    await s3.put('k', noise(64 * MIB));
    const { body } = await downloadStream({ ...s3.place('k'), concurrency: 2 });
    for await (const _chunk of body) break;
    expect(body.destroyed).toBe(true);
  });
});

describe('copy', () => {
  test('keeps bytes and metadata, in one piece and by parts', async () => {
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

  test('names the target when the source does not exist', async () => {
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
