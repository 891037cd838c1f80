import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  NoSuchUpload,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { planParts, planTransfer } from '@sluice/connection/transfers/options';
import { type UploadRequest, uploadBytes } from '@sluice/connection/transfers/upload';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';

const MIB = 2 ** 20;
function md5(bytes: Buffer) {
  return createHash('md5').update(bytes).digest();
}

function setup() {
  const client = new S3Client({ region: 'eu-central-1' });
  const s3 = mockClient(client);
  const bytes = Buffer.alloc(10 * MIB, 'x');
  const digests = [md5(bytes.subarray(0, 5 * MIB)), md5(bytes.subarray(5 * MIB))];
  const etag = `"${md5(Buffer.concat(digests)).toString('hex')}-2"`;
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'U1' });
  s3.on(UploadPartCommand).callsFake(({ PartNumber }) => ({
    ETag: `"${digests[PartNumber - 1]?.toString('hex')}"`,
  }));
  s3.on(AbortMultipartUploadCommand).resolves({});
  const upload = (options: Partial<UploadRequest> = {}) =>
    uploadBytes({ client, bucket: 'b', key: 'k', bytes, partBytes: 5 * MIB, ...options });
  return { s3, etag, upload };
}

const gone = new NoSuchUpload({ message: 'gone', $metadata: { httpStatusCode: 404 } });

describe('when the answer to the completion was lost and the upload is gone', () => {
  test('is a success if the object is the one of these parts', async () => {
    const { s3, etag, upload } = setup();
    s3.on(CompleteMultipartUploadCommand).rejects(gone);
    s3.on(HeadObjectCommand).resolves({ ETag: etag, VersionId: 'v1' });
    expect(await upload()).toEqual({ etag, versionId: 'v1', bytes: 10 * MIB, parts: 2 });
  });

  test('is a failure if the object is another one, or none', async () => {
    const { s3, upload } = setup();
    s3.on(CompleteMultipartUploadCommand).rejects(gone);
    s3.on(HeadObjectCommand).resolves({ ETag: '"other-2"' });
    await expect(upload()).rejects.toMatchObject({ name: 'UploadFailedError', cause: { code: 'not-found' } });
    s3.on(HeadObjectCommand).rejects(gone);
    await expect(upload()).rejects.toMatchObject({ cause: { code: 'not-found' } });
  });
});

test('refuses an object whose checksum is not that of the parts', async () => {
  const { s3, upload } = setup();
  s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"e"', ChecksumCRC32: 'AAAAAA==-2' });
  await expect(upload()).rejects.toMatchObject({ cause: { code: 'checksum-mismatch' } });
});

test('tells the upload id when it cannot even abort, so that what is left can be found', async () => {
  const { s3, upload } = setup();
  s3.on(UploadPartCommand).rejects(new Error('no'));
  s3.on(AbortMultipartUploadCommand).rejects(new Error('no'));
  await expect(upload()).rejects.toMatchObject({ name: 'UploadFailedError', uploadId: 'U1' });
});

test('raises parts to the 5 MiB that S3 demands, instead of being refused at the end', async () => {
  const { s3, upload } = setup();
  s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"e"' });
  expect(await upload({ partBytes: MIB })).toMatchObject({ parts: 2 });
});

test('tells the upload id before the first part, and nothing when it goes on with one', async () => {
  const { s3, upload } = setup();
  s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"e"' });
  const told: unknown[] = [];
  const onBegun = async (id: string) => void told.push(id, s3.commandCalls(UploadPartCommand).length);
  await upload({ onBegun });
  expect(told).toEqual(['U1', 0]);
  s3.on(ListPartsCommand).resolves({});
  await upload({ onBegun, resume: 'U1' });
  expect(told).toHaveLength(2);
});

describe('the part size', () => {
  test.each([
    [80_000 * MIB, 8 * MIB],
    [80_000 * MIB + 1, 16 * MIB],
    [5 * 2 ** 40, 1024 * MIB],
  ])('of %i bytes is %i, so that 10 000 parts suffice', (total, expected) => {
    expect(planTransfer({}, total).partBytes).toBe(expected);
  });

  test.each([
    [1 * MIB, 17 * MIB, 5 * MIB],
    [1, undefined, 5 * MIB],
    [5 * MIB + 1, undefined, 5 * MIB + 1],
    [3 * 1024 * MIB, 10_000 * 5 * 1024 * MIB, 5 * 1024 * MIB],
  ])('of %i for %s bytes becomes %i when S3 is to put parts together', (partBytes, total, expected) => {
    expect(planParts({ partBytes }, total).partBytes).toBe(expected);
  });

  test('is refused by its name when it is larger than a part can be, though a range may have any size', () => {
    const partBytes = 6 * 1024 * MIB;
    expect(() => planParts({ partBytes }, 300 * MIB)).toThrow('partBytes must be at most 5368709120 (5 GiB)');
    expect(planTransfer({ partBytes }, 300 * MIB).partBytes).toBe(partBytes);
    expect(planTransfer({ partBytes: 1 }, 9).partBytes).toBe(1);
  });

  test('is not to blame when the object is too large for any', () => {
    expect(() => planParts({}, 10_000 * 5 * 1024 * MIB + 1)).toThrow('do not fit into 10 000 parts');
  });

  test.each([0, -1, 1.5, Number.NaN])('is refused when it is %s', (partBytes) => {
    expect(() => planTransfer({ partBytes }, 1)).toThrow('partBytes must be a whole number');
  });
});
