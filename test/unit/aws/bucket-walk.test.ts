import {
  CopyObjectCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { createBucketWalk } from '../../../src/lib/aws/bucket-walk.ts';
import { ObjectChanged } from '../../../src/lib/upload/faults.ts';

const s3 = mockClient(S3Client);
afterEach(() => s3.reset());

const UPLOAD = { key: 'acme/1', contentType: 'image/jpeg' };
const FACTS = { size: 3, etag: 'e', modifiedAt: 0, metadata: {}, checksums: {} };

function setup() {
  return createBucketWalk(new S3Client({ region: 'eu-central-1' }), {
    incoming: 'in',
    store: 'st',
    quarantine: 'qu',
  });
}

function failure(status: number) {
  return Object.assign(new Error(String(status)), { $metadata: { httpStatusCode: status } });
}

test('lists from a key on, which a removal in between does not disturb', async () => {
  s3.on(ListObjectsV2Command).resolves({
    Contents: [{ Key: 'b', Size: 3, ETag: '"e"', LastModified: new Date(7) }],
  });
  expect(await setup().list('store', 'a', 10)).toEqual([
    { key: 'b', isLatest: true, size: 3, etag: 'e', modifiedAt: 7 },
  ]);
  expect(s3.commandCalls(ListObjectsV2Command)[0]?.args[0].input).toEqual({
    Bucket: 'st',
    MaxKeys: 10,
    StartAfter: 'a',
  });
});

test('finds all versions and markers of exactly one key, over several pages, newest first', async () => {
  s3.on(ListObjectVersionsCommand)
    .resolvesOnce({
      Versions: [{ Key: 'k', VersionId: 'v1', IsLatest: false, Size: 1, LastModified: new Date(1) }],
      IsTruncated: true,
      NextKeyMarker: 'k',
      NextVersionIdMarker: 'v1',
    })
    .resolves({
      Versions: [{ Key: 'k2', VersionId: 'x' }],
      DeleteMarkers: [{ Key: 'k', VersionId: 'm', IsLatest: true, LastModified: new Date(2) }],
      IsTruncated: true,
      NextKeyMarker: 'k2',
    });
  expect(
    (await setup().versions('store', 'k')).map(({ versionId, isMarker }) => [versionId, isMarker]),
  ).toEqual([
    ['m', true],
    ['v1', undefined],
  ]);
  expect(s3.commandCalls(ListObjectVersionsCommand)).toHaveLength(2);
});

test('finds unfinished uploads over several pages', async () => {
  s3.on(ListMultipartUploadsCommand)
    .resolvesOnce({
      Uploads: [{ Key: 'k', UploadId: '1' }],
      IsTruncated: true,
      NextKeyMarker: 'k',
      NextUploadIdMarker: '1',
    })
    .resolves({ Uploads: [{ Key: 'k', UploadId: '2', Initiated: new Date(5) }] });
  expect(await setup().unfinished('k')).toEqual([
    { key: 'k', uploadId: '1' },
    { key: 'k', uploadId: '2', startedAt: 5 },
  ]);
});

test('brings an object back from quarantine only where nothing is in incoming, and pinned to what was seen', async () => {
  s3.on(CopyObjectCommand).resolves({ CopyObjectResult: { ETag: '"e"' } });
  const signal = new AbortController().signal;
  expect(await setup().bringBack(UPLOAD, FACTS, signal)).toBe('copied');
  expect(s3.commandCalls(CopyObjectCommand)[0]?.args[0].input).toMatchObject({
    Bucket: 'in',
    Key: 'acme/1',
    CopySource: 'qu/acme/1',
    CopySourceIfMatch: '"e"',
    IfNoneMatch: '*',
    ContentType: 'image/jpeg',
  });
});

test.each([
  [412, 'there', 'taken'],
  [412, 'not there', ObjectChanged],
  [404, 'not there', ObjectChanged],
  [403, 'not there', '403'],
] as const)(
  'answers S3’s %i, with an object that is %s in incoming, by %s',
  async (status, isThere, expected) => {
    s3.on(CopyObjectCommand).rejects(failure(status));
    if (isThere === 'there') s3.on(HeadObjectCommand).resolves({ ContentLength: 3, ETag: '"x"' });
    else s3.on(HeadObjectCommand).rejects(failure(404));
    const brought = setup().bringIn(
      UPLOAD,
      { bucket: 'old', key: 'k', facts: FACTS },
      new AbortController().signal,
    );
    if (expected === 'taken') expect(await brought).toBe('taken');
    else await expect(brought).rejects.toThrow(expected);
  },
);

test('removes one version for ever, and an object without versions', async () => {
  s3.on(DeleteObjectCommand).resolves({});
  const walk = setup();
  await walk.removeVersion('store', { key: 'k', versionId: 'v1' });
  await walk.removeVersion('quarantine', { key: 'k' });
  expect(s3.commandCalls(DeleteObjectCommand).map(({ args: [{ input }] }) => input)).toEqual([
    { Bucket: 'st', Key: 'k', VersionId: 'v1' },
    { Bucket: 'qu', Key: 'k' },
  ]);
});
