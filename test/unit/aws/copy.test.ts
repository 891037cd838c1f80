import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { copyObject, WHOLE_COPY_MAX_BYTES } from '../../../src/lib/aws/copy.ts';

function setup(size: number) {
  const client = new S3Client({ region: 'eu-central-1' });
  const s3 = mockClient(client);
  s3.on(HeadObjectCommand).rejects(Object.assign(new Error(), { $metadata: { httpStatusCode: 404 } }));
  s3.on(CopyObjectCommand).resolves({ CopyObjectResult: { ETag: '"whole"' } });
  s3.on(ListMultipartUploadsCommand).resolves({});
  s3.on(ListPartsCommand).resolves({});
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'U1' });
  s3.on(UploadPartCopyCommand).resolves({ CopyPartResult: { ETag: '"part"' } });
  s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"parts-1"' });
  const facts = { size, etag: 's', versionId: 'v/1', modifiedAt: 0, metadata: {}, checksums: {} };
  const copy = (signal = new AbortController().signal) =>
    copyObject(
      client,
      {
        source: { bucket: 'from', key: 'k', facts },
        target: { Bucket: 'to', Key: 'k' },
        isConditional: true,
      },
      signal,
      20,
    );
  const calls = () =>
    s3.calls().map(({ args: [command] }) => command.constructor.name.replace('Command', ''));
  return { s3, copy, calls };
}

/** A copy that S3 takes for ever to make: only an abort ends the call. */
function hang(keepAliveMs: number) {
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, keepAliveMs));
    throw Object.assign(new Error('aborted'), { name: 'AbortError' });
  };
}

test('copies in one piece, and one call, what a run can copy with ease', async () => {
  const { copy, calls, s3 } = setup(WHOLE_COPY_MAX_BYTES);
  expect(await copy()).toMatchObject({ ETag: '"whole"' });
  expect(calls()).toEqual(['CopyObject']);
  expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).toMatchObject({
    CopySource: 'from/k?versionId=v%2F1',
    IfNoneMatch: '*',
  });
});

test('copies by parts what is larger, so that a run that is cut off keeps what it copied', async () => {
  const { copy, calls } = setup(WHOLE_COPY_MAX_BYTES + 1);
  expect(await copy()).toMatchObject({ ETag: '"parts-1"' });
  expect(calls().filter((name) => name === 'UploadPartCopy')).toHaveLength(5);
  expect(calls()).not.toContain('CopyObject');
});

test('goes on by parts, in the same run, where S3 takes unusually long for one piece', async () => {
  const { copy, calls, s3 } = setup(WHOLE_COPY_MAX_BYTES);
  s3.on(CopyObjectCommand).callsFake(hang(40));
  expect(await copy()).toMatchObject({ ETag: '"parts-1"' });
  expect(calls().filter((name) => name === 'UploadPartCopy')).toHaveLength(4);
});

test('begins no parts for a copy that failed, or whose run is over', async () => {
  const { copy, calls, s3 } = setup(1_000);
  s3.on(CopyObjectCommand).rejects(new Error('503'));
  await expect(copy()).rejects.toThrow('503');
  s3.on(CopyObjectCommand).callsFake(hang(40));
  await expect(copy(AbortSignal.timeout(5))).rejects.toMatchObject({ name: 'AbortError' });
  expect(calls()).toEqual(['CopyObject', 'CopyObject']);
});
