import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  NoSuchUpload,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { planTransfer } from '../../../src/lib/connection/transfers/options.ts';
import { uploadBytes } from '../../../src/lib/connection/transfers/upload.ts';

const MIB = 2 ** 20;
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

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
  const upload = () => uploadBytes({ client, bucket: 'b', key: 'k', bytes, partBytes: 5 * MIB });
  return { s3, etag, upload };
}

const gone = new NoSuchUpload({ message: 'gone', $metadata: { httpStatusCode: 404 } });

describe('when the answer to the completion was lost and the upload is gone', () => {
  it('is a success if the object is the one of these parts', async () => {
    const { s3, etag, upload } = setup();
    s3.on(CompleteMultipartUploadCommand).rejects(gone);
    s3.on(HeadObjectCommand).resolves({ ETag: etag, VersionId: 'v1' });
    expect(await upload()).toEqual({ etag, versionId: 'v1', bytes: 10 * MIB, parts: 2 });
  });

  it('is a failure if the object is another one, or none', async () => {
    const { s3, upload } = setup();
    s3.on(CompleteMultipartUploadCommand).rejects(gone);
    s3.on(HeadObjectCommand).resolves({ ETag: '"other-2"' });
    await expect(upload()).rejects.toMatchObject({ name: 'UploadFailedError', cause: { code: 'not-found' } });
    s3.on(HeadObjectCommand).rejects(gone);
    await expect(upload()).rejects.toMatchObject({ cause: { code: 'not-found' } });
  });
});

it('refuses an object whose checksum is not that of the parts', async () => {
  const { s3, upload } = setup();
  s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"e"', ChecksumCRC32: 'AAAAAA==-2' });
  await expect(upload()).rejects.toMatchObject({ cause: { code: 'checksum-mismatch' } });
});

it('tells the upload id when it cannot even abort, so that what is left can be found', async () => {
  const { s3, upload } = setup();
  s3.on(UploadPartCommand).rejects(new Error('no'));
  s3.on(AbortMultipartUploadCommand).rejects(new Error('no'));
  await expect(upload()).rejects.toMatchObject({ name: 'UploadFailedError', uploadId: 'U1' });
});

describe('the part size', () => {
  it.each([
    [80_000 * MIB, 8 * MIB],
    [80_000 * MIB + 1, 16 * MIB],
    [5 * 2 ** 40, 1024 * MIB],
  ])('of %i bytes is %i, so that 10 000 parts suffice', (total, expected) => {
    expect(planTransfer({}, total).partBytes).toBe(expected);
  });

  it.each([0, -1, 1.5, Number.NaN])('is refused when it is %s', (partBytes) => {
    expect(() => planTransfer({ partBytes }, 1)).toThrow('partBytes must be a whole number');
  });
});
