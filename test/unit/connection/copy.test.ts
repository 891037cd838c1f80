import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { copyObject } from '@sluice/connection/transfers/copy';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';

const GIB = 2 ** 30;

function setup(bytes: number) {
  const client = new S3Client({ region: 'eu-central-1' });
  const s3 = mockClient(client);
  s3.on(HeadObjectCommand).resolves({
    ContentLength: bytes,
    ETag: '"source"',
    ContentType: 'video/mp4',
    Metadata: { author: 'me' },
  });
  s3.on(GetObjectTaggingCommand).resolves({ TagSet: [{ Key: 'colour', Value: 'deep red' }] });
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'U1' });
  s3.on(CopyObjectCommand).resolves({ CopyObjectResult: { ETag: '"whole"' } });
  s3.on(UploadPartCopyCommand).resolves({ CopyPartResult: { ETag: '"part"' } });
  s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"parts"' });
  s3.on(AbortMultipartUploadCommand).resolves({});
  const source = { bucket: 'from', key: 'folder/a b+é.mp4', versionId: 'v/1' };
  return { s3, copy: () => copyObject({ client, source, target: { bucket: 'to', key: 'k' } }) };
}

test('copies 5 GiB in one piece, pinned to the version and ETag that were looked up', async () => {
  const { s3, copy } = setup(5 * GIB);
  expect(await copy()).toMatchObject({ etag: '"whole"', parts: 1 });
  expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: 'to',
    Key: 'k',
    CopySource: 'from/folder/a%20b%2B%C3%A9.mp4?versionId=v%2F1',
    CopySourceIfMatch: '"source"',
  });
});

test('copies one byte more in ranges that cover it exactly, with its metadata and tags', async () => {
  const { s3, copy } = setup(5 * GIB + 1);
  expect(await copy()).toMatchObject({ etag: '"parts"', bytes: 5 * GIB + 1, parts: 41 });
  expect(s3.commandCalls(CreateMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
    ContentType: 'video/mp4',
    Metadata: { author: 'me' },
    Tagging: 'colour=deep+red',
  });
  const ranges = s3.commandCalls(UploadPartCopyCommand).map(({ args: [{ input }] }) => input);
  expect(ranges.map(({ CopySourceRange }) => CopySourceRange)).toContain(`bytes=${5 * GIB}-${5 * GIB}`);
  expect(new Set(ranges.map(({ CopySourceIfMatch }) => CopySourceIfMatch))).toEqual(new Set(['"source"']));
  const complete = s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input;
  expect(complete?.MpuObjectSize).toBe(5 * GIB + 1);
  expect(complete?.MultipartUpload?.Parts?.map(({ PartNumber }) => PartNumber)).toEqual(
    Array.from({ length: 41 }, (_, index) => index + 1),
  );
});

test('begins no other part once one has failed', async () => {
  const { s3, copy } = setup(100 * GIB);
  let [failed, begunAfterwards] = [false, 0];
  s3.on(UploadPartCopyCommand).callsFake(async ({ PartNumber }) => {
    if (failed) begunAfterwards += 1;
    failed ||= PartNumber === 30;
    if (PartNumber === 30) throw new Error('no');
    await new Promise((resolve) => setTimeout(resolve, 1));
    return { CopyPartResult: { ETag: '"part"' } };
  });
  await expect(copy()).rejects.toMatchObject({ name: 'UploadFailedError' });
  expect(begunAfterwards).toBe(0);
});

test('aborts the upload when the source changes in between', async () => {
  const { s3, copy } = setup(6 * GIB);
  const changed = Object.assign(new Error('changed'), {
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  s3.on(UploadPartCopyCommand).rejects(changed);
  await expect(copy()).rejects.toMatchObject({
    name: 'UploadFailedError',
    uploadId: undefined,
    retryable: false,
    cause: { code: 'precondition-failed' },
  });
  expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
});
