import { createHash, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, inject, test } from 'vitest';
import { createMultipart } from '../../src/lib/aws/multipart.ts';
import { createObjects } from '../../src/lib/aws/objects.ts';
import { copyByParts } from '../../src/lib/aws/part-copy.ts';
import { CopyUnfinished } from '../../src/lib/upload/faults.ts';
import type { ObjectFacts } from '../../src/lib/upload/ports.ts';
import { isFalse, isOf, toCopyMetadata } from '../../src/lib/upload/standing.ts';
import { aRequest } from './ledger.contract.ts';
import { rootOf } from './root.ts';

const BYTES = 'name,size\nphoto,3\n';
const HEADERS = {
  contentType: 'text/csv; charset=utf-8',
  contentDisposition: 'attachment; filename="a.csv"',
  metadata: { 'upload-id': 'u-1' },
};
const MiB = 1024 ** 2;

async function setup() {
  const { buckets, ...stack } = inject('aws');
  const s3 = new S3Client(rootOf(stack));
  const key = `contract/${randomUUID()}`;
  const put = (body: string, headers: { ContentType?: string; Metadata?: Record<string, string> } = {}) =>
    s3.send(new PutObjectCommand({ Bucket: buckets.quarantine, Key: key, Body: body, ...headers }));
  // The quarantine bucket plays the incoming one: it notifies nobody, so no worker takes the objects away.
  const objects = createObjects(s3, { ...buckets, incoming: buckets.quarantine });
  const facts = async () => {
    const found = await objects.facts('incoming', key);
    if (!found) throw new Error('the object is there');
    return found;
  };
  return { s3, buckets, key, put, objects, facts, signal: new AbortController().signal };
}

describe('objects on S3', () => {
  test('have the size, ETag and checksums that S3 recorded, and are undefined where there is none', async () => {
    const { put, objects, facts, key } = await setup();
    expect(await objects.facts('incoming', key)).toBeUndefined();
    await put(BYTES);
    const { size, checksums } = await facts();
    const digest = Buffer.alloc(4);
    digest.writeUInt32BE(crc32(BYTES));
    expect(size).toBe(BYTES.length);
    expect(checksums).toMatchObject({ crc32: digest.toString('base64') });
  });

  test('are read no further than asked, and hashed in full', async () => {
    const { put, objects, facts, key, signal } = await setup();
    await put(BYTES);
    const seen = await facts();
    expect(Buffer.from(await objects.readRange(key, seen, { start: 0, length: 4 }, signal)).toString()).toBe(
      'name',
    );
    expect(
      Buffer.from(await objects.readRange(key, seen, { start: 0, length: 8192 }, signal)).toString(),
    ).toBe(BYTES);
    expect(Buffer.from(await objects.readRange(key, seen, { start: 5, length: 4 }, signal)).toString()).toBe(
      'size',
    );
    expect(
      Buffer.from(await objects.readRange(key, seen, { start: 14, length: 99 }, signal)).toString(),
    ).toBe('o,3\n');
    const { value } = await objects.hash(key, seen, 'sha256', signal);
    expect(value).toBe(createHash('sha256').update(BYTES).digest('base64'));
  });

  test('go from the store to quarantine when they are recalled, and leave the store', async () => {
    const { put, objects, facts, key, signal } = await setup();
    await put(BYTES);
    await objects.copy({ key, facts: await facts() }, { place: 'store', key, headers: HEADERS }, signal);
    const stored = await objects.facts('store', key);
    if (stored === undefined) throw new Error('the copy is there');
    const headers = { ...HEADERS, metadata: { ...stored.metadata, reason: 'infected' } };
    await objects.copy({ place: 'store', key, facts: stored }, { place: 'quarantine', key, headers }, signal);
    expect(await objects.facts('quarantine', key)).toMatchObject({
      size: BYTES.length,
      metadata: { reason: 'infected' },
    });
    await objects.remove('store', key, stored);
    expect(await objects.facts('store', key)).toBeUndefined();
  });

  test('keep none of the headers that a stranger sent when they are copied', async () => {
    const { put, objects, facts, key, s3, buckets, signal } = await setup();
    await put(BYTES, { ContentType: 'text/html', Metadata: { evil: 'yes' } });
    await objects.copy({ key, facts: await facts() }, { place: 'store', key, headers: HEADERS }, signal);
    const copy = await s3.send(new HeadObjectCommand({ Bucket: buckets.store, Key: key }));
    expect(copy).toMatchObject({
      ContentType: HEADERS.contentType,
      ContentDisposition: HEADERS.contentDisposition,
      Metadata: { 'upload-id': 'u-1' },
    });
    expect(copy.Metadata).not.toHaveProperty('evil');
  });

  test('that were overwritten or removed since they were seen are neither read, hashed nor copied', async () => {
    const { put, objects, facts, key, signal } = await setup();
    await put(BYTES);
    const seen = await facts();
    await put('other,bytes\n');
    const attempts: (() => Promise<unknown>)[] = [
      () => objects.readRange(key, seen, { start: 0, length: 10 }, signal),
      () => objects.hash(key, seen, 'sha256', signal),
      () => objects.copy({ key, facts: seen }, { place: 'store', key, headers: HEADERS }, signal),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ name: 'ObjectChanged' });
    await objects.remove('incoming', key, await facts());
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ name: 'ObjectChanged' });
    expect(await objects.facts('store', key)).toBeUndefined();
  });

  test('are known by the digests in their copies, and a copy of other bytes is known as such where a store made one', async () => {
    const { put, objects, facts, key, signal } = await setup();
    const upload = aRequest({ key });
    const copy = async (seen: ObjectFacts) => {
      const headers = { ...HEADERS, metadata: toCopyMetadata(upload, seen) };
      await objects.copy({ key, facts: seen }, { place: 'store', key, headers }, signal);
    };
    await put(BYTES);
    const seen = await facts();
    await put('other,bytes\n');
    await expect(copy(seen)).rejects.toMatchObject({ name: 'ObjectChanged' });
    const wrong = await objects.facts('store', key);
    // Most stores refuse to make it.
    expect(wrong === undefined || isFalse(wrong, upload)).toBe(true);
    if (wrong !== undefined) await objects.remove('store', key, wrong);
    await copy(await facts());
    const right = await objects.facts('store', key);
    expect(Object.keys(right?.metadata ?? {})).toContain('judged-md5');
    expect(right && isOf(right, upload)).toBe(true);
  });

  test('are copied again to the same end', async () => {
    const { put, objects, facts, key, signal } = await setup();
    await put(BYTES);
    const seen = await facts();
    for (let times = 0; times < 2; times += 1) {
      await objects.copy({ key, facts: seen }, { place: 'store', key, headers: HEADERS }, signal);
    }
    expect((await objects.facts('store', key))?.size).toBe(BYTES.length);
  });

  test('are removed once they were seen, and are removed again to the same end', async () => {
    const { put, objects, facts, key } = await setup();
    await put(BYTES);
    const seen = await facts();
    for (let times = 0; times < 2; times += 1) await objects.remove('incoming', key, seen);
    expect(await objects.facts('incoming', key)).toBeUndefined();
  });

  test('of a bucket with versions are read, hashed, copied and removed by version, whatever came later', async () => {
    const { s3, buckets, key, signal } = await setup();
    const versioned = `${buckets.store}-versioned`.slice(-63);
    await s3.send(new CreateBucketCommand({ Bucket: versioned })).catch(() => undefined);
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const objects = createObjects(s3, { ...buckets, incoming: versioned });
    const put = async (body: string) =>
      (await s3.send(new PutObjectCommand({ Bucket: versioned, Key: key, Body: body }))).VersionId;
    const first = await put(BYTES);
    const second = await put('other,bytes\n');
    const seen = await objects.facts('incoming', key, first);
    expect(seen).toMatchObject({ size: BYTES.length, versionId: first });
    expect(await objects.facts('incoming', key)).toMatchObject({ versionId: second });
    if (seen === undefined) throw new Error('the first version is there');
    expect(Buffer.from(await objects.readRange(key, seen, { start: 0, length: 4 }, signal)).toString()).toBe(
      'name',
    );
    const { value } = await objects.hash(key, seen, 'sha256', signal);
    expect(value).toBe(createHash('sha256').update(BYTES).digest('base64'));
    await objects.copy({ key, facts: seen }, { place: 'store', key, headers: HEADERS }, signal);
    expect(await objects.facts('store', key)).toMatchObject({ size: BYTES.length });
    await objects.remove('incoming', key, seen);
    expect(await objects.facts('incoming', key, first)).toBeUndefined();
    expect(await objects.facts('incoming', key)).toMatchObject({ versionId: second });
  });
});

describe('a copy by parts', () => {
  test('goes on where a run that was stopped left off, and ends with the same bytes and the headers that were chosen', async () => {
    const { put, facts, key, s3, buckets } = await setup();
    const bytes = Buffer.alloc(300 * MiB, 'sluice');
    await put(bytes as unknown as string);
    const copy = {
      source: { bucket: buckets.quarantine, key, facts: { ...(await facts()), modifiedAt: 0 } },
      target: {
        Bucket: buckets.store,
        Key: key,
        ContentType: HEADERS.contentType,
        Metadata: HEADERS.metadata,
      },
      isConditional: false,
    };
    // The first run is stopped while its first part is on the way back: it may or may not have been copied.
    let sent = 0;
    const stop = new AbortController();
    const stopping = new S3Client(rootOf(inject('aws')));
    stopping.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'UploadPartCopyCommand' && ++sent > 1) await new Promise(() => undefined);
        const answer = await next(args);
        if (context.commandName === 'UploadPartCopyCommand') setTimeout(() => stop.abort(), 50);
        return answer;
      },
      { step: 'initialize' },
    );
    const stopped = Promise.race([
      copyByParts(stopping, copy, stop.signal),
      new Promise((resolve) => stop.signal.addEventListener('abort', () => setTimeout(resolve, 100))),
    ]);
    await stopped.catch((error: unknown) => expect(error).toBeInstanceOf(CopyUnfinished));

    let copied = 0;
    s3.middlewareStack.add(
      (next, context) => (args) => {
        if (context.commandName === 'UploadPartCopyCommand') copied += 1;
        return next(args);
      },
      { step: 'initialize' },
    );
    await copyByParts(s3, copy, new AbortController().signal);
    expect(copied).toBe(4); // of five parts
    const { Body, ContentType, Metadata } = await s3.send(
      new GetObjectCommand({ Bucket: buckets.store, Key: key }),
    );
    expect(ContentType).toBe(HEADERS.contentType);
    expect(Metadata).toEqual(HEADERS.metadata);
    const hash = createHash('sha256');
    for await (const chunk of Body as AsyncIterable<Uint8Array>) hash.update(chunk);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});

describe('multipart uploads on S3', () => {
  test('list what arrived, are completed once though asked twice, and are unknown afterwards', async () => {
    const { key, s3, buckets, objects } = await setup();
    const multipart = createMultipart(s3, buckets.quarantine);
    const uploadId = await multipart.create({ key, contentType: 'text/csv' });
    expect(await multipart.list({ key, uploadId })).toEqual([]);
    const { UploadPartCommand } = await import('@aws-sdk/client-s3');
    await s3.send(
      new UploadPartCommand({
        Bucket: buckets.quarantine,
        Key: key,
        UploadId: uploadId,
        PartNumber: 1,
        Body: BYTES,
      }),
    );
    const parts = (await multipart.list({ key, uploadId })) ?? [];
    expect(parts).toEqual([expect.objectContaining({ partNumber: 1, size: BYTES.length })]);
    expect(await multipart.complete({ key, uploadId }, parts)).toBe('made');
    expect(await multipart.complete({ key, uploadId }, parts)).toBe('made');
    expect((await objects.facts('incoming', key))?.size).toBe(BYTES.length);
  });

  test('that are aborted are gone, and may be aborted again', async () => {
    const { key, s3, buckets } = await setup();
    const multipart = createMultipart(s3, buckets.quarantine);
    const uploadId = await multipart.create({ key, contentType: 'text/csv' });
    await multipart.abort({ key, uploadId });
    await multipart.abort({ key, uploadId });
    expect(await multipart.list({ key, uploadId })).toBeUndefined();
  });
});
