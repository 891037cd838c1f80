// What boto3 calls ExtraArgs: whether each call of a transfer carries what a store demands of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import type { CallRecord } from '@sluice/connection/clients/call-log';
import { UploadFailedError } from '@sluice/connection/errors/operation';
import { CHECKSUM_ALGORITHMS } from '@sluice/connection/transfers/checksum-algorithms';
import { copyObject } from '@sluice/connection/transfers/copy';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import type { ObjectParams } from '@sluice/connection/transfers/params';
import { uploadBytes, uploadFile } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { setup as setupClient } from './servers/client.ts';
import { type Demands, serveStrictStore } from './servers/strict-store.ts';

const MIB = 2 ** 20;
const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const SOURCE_KEY = Buffer.alloc(32, 7);
const CONTENT = Buffer.alloc(11 * MIB, 'content ');

async function setup(demands: Demands) {
  const store = await serveStrictStore(demands);
  const logged: CallRecord[] = [];
  const logger = { debug: (_message: string, record: CallRecord) => void logged.push(record) };
  const { client } = setupClient(store.url, {}, { logger });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-params-'));
  writeFileSync(join(folder, 'in'), CONTENT);
  return {
    ...store,
    logged,
    object: { client, bucket: 'bucket', key: 'k', partBytes: 5 * MIB, concurrency: 1 },
    path: (name: string) => join(folder, name),
    operations: () => store.calls.map(({ operation }) => operation),
    async [Symbol.asyncDispose]() {
      client.destroy();
      rmSync(folder, { recursive: true });
      await store[Symbol.asyncDispose]();
    },
  };
}

const OWNER = '123456789012';
const ACCESS = { RequestPayer: 'requester', ExpectedBucketOwner: OWNER } as const;
const ACCESS_FIELDS = { 'x-amz-request-payer': 'requester', 'x-amz-expected-bucket-owner': OWNER };

describe('who pays, whose the bucket is, and a key of the own', () => {
  const params = { ...ACCESS, SSECustomerKey: KEY };
  const demands = { headers: ACCESS_FIELDS, key: KEY };

  test('go with every call of an upload and a download, whole and in parts', async () => {
    await using s3 = await setup(demands);
    await uploadBytes({ ...s3.object, bytes: Buffer.from('small'), params });
    await uploadFile({ ...s3.object, key: 'large', path: s3.path('in'), params });
    expect(s3.objects.get('large')?.equals(CONTENT)).toBe(true);
    await downloadFile({ ...s3.object, key: 'large', path: s3.path('out'), params });
    expect(readFileSync(s3.path('out')).equals(CONTENT)).toBe(true);
    const { body } = await downloadStream({ ...s3.object, params });
    expect(String(await buffer(body))).toBe('small');
    expect(new Set(s3.operations())).toEqual(new Set(['put', 'begin', 'part', 'complete', 'head', 'get']));
  });

  test('go with what is listed, given up and resumed', async () => {
    await using s3 = await setup(demands);
    const stop = new AbortController();
    const request = { ...s3.object, bytes: CONTENT, params, onFailure: 'keep' as const };
    const failure = await uploadBytes({
      ...request,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    }).catch((error: unknown) => error);
    if (!(failure instanceof UploadFailedError) || failure.uploadId === undefined) throw failure;
    s3.calls.length = 0;
    await uploadBytes({ ...request, resume: failure.uploadId });
    // The first part is known by its MD5; under SSE-C stores keep no such ETag, and it would be sent again.
    expect(s3.operations()).toEqual(['list-parts', 'part', 'part', 'complete']);
    expect(s3.objects.get('k')?.equals(CONTENT)).toBe(true);

    const given = new AbortController();
    const { signal } = given;
    const aborted = uploadBytes({
      ...request,
      onFailure: 'abort',
      signal,
      onProgress: () => given.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ uploadId: undefined });
    expect(s3.operations().at(-1)).toBe('abort');
  });

  test('of a download that is resumed are asked for again, and no key is in the journal', async () => {
    await using s3 = await setup(demands);
    s3.objects.set('k', CONTENT);
    const stop = new AbortController();
    const request = { ...s3.object, path: s3.path('out'), params, resume: true };
    const first = downloadFile({ ...request, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(first).rejects.toMatchObject({ code: 'aborted' });
    await downloadFile(request);
    expect(readFileSync(s3.path('out')).equals(CONTENT)).toBe(true);
  });

  test('may be given as bytes, as base64 and as text of 32 bytes', async () => {
    await using s3 = await setup({ key: KEY });
    for (const SSECustomerKey of [KEY, new Uint8Array(KEY), KEY.toString('base64'), KEY.toString('latin1')])
      await uploadBytes({ ...s3.object, bytes: Buffer.from('x'), params: { SSECustomerKey } });
    expect(s3.operations()).toEqual(['put', 'put', 'put', 'put']);
  });

  test.each([
    ['too short', KEY.subarray(1)],
    ['too long', Buffer.concat([KEY, KEY])],
    ['empty', ''],
    ['base64 of something else', Buffer.from('short').toString('base64')],
  ])('that is %s is refused before anything is sent, and not shown', async (_what, SSECustomerKey) => {
    await using s3 = await setup({});
    const upload = uploadBytes({ ...s3.object, bytes: Buffer.from('x'), params: { SSECustomerKey } });
    await expect(upload).rejects.toMatchObject({
      cause: { code: 'invalid-parameter', message: 'SSECustomerKey must be 32 bytes, or their base64' },
    });
    const download = downloadStream({ ...s3.object, params: { SSECustomerKey } });
    await expect(download).rejects.toMatchObject({ code: 'invalid-parameter' });
    expect(s3.calls).toEqual([]);
  });

  test('that is wrong fails the call, and is in no log and no error', async () => {
    await using s3 = await setup({ key: SOURCE_KEY });
    const upload = uploadBytes({ ...s3.object, bytes: Buffer.from('x'), params: { SSECustomerKey: KEY } });
    const failure = await upload.catch((error: unknown) => error);
    if (!(failure instanceof UploadFailedError)) throw failure;
    const said = inspect([failure, s3.logged], { depth: 20 });
    expect(failure.message).toContain('put lacks x-amz-server-side-encryption-customer-key');
    expect(s3.logged).toHaveLength(1);
    for (const secret of [KEY.toString('base64'), KEY.toString('latin1')]) expect(said).not.toContain(secret);
  });
});

describe('what is kept with an object', () => {
  const lock: ObjectParams = {
    ObjectLockMode: 'COMPLIANCE',
    ObjectLockRetainUntilDate: new Date('2030-01-31T12:00:00Z'),
    ObjectLockLegalHoldStatus: 'ON',
    ACL: 'bucket-owner-full-control',
    WebsiteRedirectLocation: '/elsewhere',
    BucketKeyEnabled: true,
  };
  const fields = {
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': '2030-01-31T12:00:00Z',
    'x-amz-object-lock-legal-hold': 'ON',
    'x-amz-acl': 'bucket-owner-full-control',
    'x-amz-website-redirect-location': '/elsewhere',
    'x-amz-server-side-encryption-bucket-key-enabled': 'true',
  };

  test.each([
    ['a small upload', 'put', 1],
    ['a large one', 'begin', 9 * MIB],
  ])('goes with %s, where it is made', async (_what, operation, bytes) => {
    await using s3 = await setup({});
    await uploadBytes({ ...s3.object, bytes: Buffer.alloc(bytes), params: lock });
    const made = s3.calls.find((call) => call.operation === operation);
    expect(made?.headers).toMatchObject(fields);
    for (const { operation: other, headers } of s3.calls)
      if (other !== operation) expect(headers).not.toHaveProperty('x-amz-object-lock-mode');
  });

  test('is locked only with a checksum, which S3 demands then', async () => {
    await using s3 = await setup({});
    const { client } = setupClient(s3.url, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    await uploadBytes({ ...s3.object, client, bytes: Buffer.from('x'), params: lock });
    await uploadBytes({ ...s3.object, client, bytes: Buffer.from('x') });
    const checksums = s3.calls.map(({ headers }) => headers['x-amz-checksum-crc32']);
    expect(checksums).toEqual([expect.any(String), undefined]);
  });

  test.each(CHECKSUM_ALGORITHMS)(
    'is locked with its algorithm named for every byte that is sent: %s',
    async (one) => {
      await using s3 = await setup({});
      const request = { ...s3.object, params: lock, checksumAlgorithm: one };
      await uploadBytes({ ...request, bytes: Buffer.from('x') });
      await uploadBytes({ ...request, bytes: Buffer.alloc(9 * MIB) });
      const sent = s3.calls.filter(({ operation }) => operation === 'put' || operation === 'part');
      expect(sent).toHaveLength(3);
      for (const { headers } of sent) {
        expect(headers['x-amz-sdk-checksum-algorithm']).toBe(one);
        expect(Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum-'))).toEqual([
          `x-amz-checksum-${one.toLowerCase()}`,
        ]);
      }
    },
  );
});

describe('a copy', () => {
  const params = {
    ...ACCESS,
    ExpectedSourceBucketOwner: OWNER,
    SSECustomerKey: KEY,
    CopySourceSSECustomerKey: SOURCE_KEY,
  };
  const demands = { headers: ACCESS_FIELDS, sourceKey: SOURCE_KEY };

  test.each([
    ['in one piece', {}, ['head', 'copy']],
    [
      'in parts',
      { thresholdBytes: 1 },
      ['head', 'tags', 'begin', 'copy-part', 'copy-part', 'copy-part', 'complete'],
    ],
  ])('carries the keys of source and target %s', async (_how, options, operations) => {
    // The HEAD is of the source, whose key is asked for as that of an object.
    await using s3 = await setup({ ...demands, headers: { 'x-amz-request-payer': 'requester' } });
    s3.objects.set('from', CONTENT);
    const source = { bucket: 'bucket', key: 'from' };
    const { client, partBytes } = s3.object;
    const target = { bucket: 'bucket', key: 'to' };
    await copyObject({ client, partBytes, concurrency: 1, source, target, params, ...options });
    expect(s3.objects.get('to')?.equals(CONTENT)).toBe(true);
    expect(s3.operations()).toEqual(operations);
    const fieldOf = (name: string) => s3.calls.map(({ headers }) => headers[name]);
    const head = s3.calls[0]?.headers ?? {};
    expect(head['x-amz-server-side-encryption-customer-key']).toBe(SOURCE_KEY.toString('base64'));
    expect(head['x-amz-expected-bucket-owner']).toBe(OWNER);
    const copying = s3.calls.filter(({ operation }) => operation.startsWith('copy'));
    for (const { headers } of copying) {
      expect(headers['x-amz-server-side-encryption-customer-key']).toBe(KEY.toString('base64'));
      expect(headers['x-amz-source-expected-bucket-owner']).toBe(OWNER);
    }
    expect(fieldOf('x-amz-expected-bucket-owner')).toEqual(operations.map(() => OWNER));
  });

  test('looks its source up with the client of the other account, and copies with the one of the target', async () => {
    await using theirs = await setup({});
    await using ours = await setup({});
    theirs.objects.set('from', CONTENT);
    const request = {
      client: ours.object.client,
      sourceClient: theirs.object.client,
      source: { bucket: 'bucket', key: 'from' },
      target: { bucket: 'bucket', key: 'to' },
    };
    await copyObject(request);
    await copyObject({ ...request, thresholdBytes: 1 });
    expect(theirs.operations()).toEqual(['head', 'head', 'tags']);
    expect(ours.operations()).toEqual(['copy', 'begin', 'copy-part', 'complete']);
  });

  test('in parts has what a plain copy takes along by itself', async () => {
    await using s3 = await setup({});
    s3.objects.set('from', CONTENT);
    const place = { client: s3.object.client, source: { bucket: 'bucket', key: 'from' }, thresholdBytes: 1 };
    await copyObject({ ...place, target: { bucket: 'bucket', key: 'to' } });
    const begun = s3.calls.find(({ operation }) => operation === 'begin');
    expect(begun?.headers).toMatchObject({
      'content-type': 'text/plain',
      expires: 'Thu, 31 Jan 2030 12:00:00 GMT',
      'x-amz-tagging': 'colour=red',
    });
  });

  test('replaces metadata and tags when it is told to, in parts too', async () => {
    await using s3 = await setup({});
    s3.objects.set('from', CONTENT);
    const request = {
      client: s3.object.client,
      source: { bucket: 'bucket', key: 'from' },
      target: { bucket: 'bucket', key: 'to' },
      params: {
        MetadataDirective: 'REPLACE',
        TaggingDirective: 'REPLACE',
        ContentType: 'image/png',
        Metadata: { author: 'me' },
        Tagging: 'a=b',
      },
    } as const;
    await copyObject(request);
    await copyObject({ ...request, thresholdBytes: 1 });
    expect(s3.operations()).toEqual(['head', 'copy', 'head', 'begin', 'copy-part', 'complete']);
    for (const { operation, headers } of s3.calls) {
      if (operation !== 'copy' && operation !== 'begin') continue;
      expect(headers).toMatchObject({
        'content-type': 'image/png',
        'x-amz-meta-author': 'me',
        'x-amz-tagging': 'a=b',
      });
    }
    expect(s3.calls[1]?.headers).toMatchObject({
      'x-amz-metadata-directive': 'REPLACE',
      'x-amz-tagging-directive': 'REPLACE',
    });
  });

  test.each([
    [{ ContentType: 'image/png' }, "ContentType is only taken with MetadataDirective: 'REPLACE'"],
    [{ Metadata: {} }, "Metadata is only taken with MetadataDirective: 'REPLACE'"],
    [{ Tagging: 'a=b' }, "Tagging is only taken with TaggingDirective: 'REPLACE'"],
  ])('refuses %j, which S3 would ignore without a word', async (given, message) => {
    await using s3 = await setup({});
    const { client } = s3.object;
    const place = { bucket: 'bucket', key: 'k' };
    const copy = copyObject({ client, source: place, target: place, params: given });
    await expect(copy).rejects.toMatchObject({ cause: { code: 'invalid-parameter', message } });
    expect(s3.calls).toEqual([]);
  });
});
