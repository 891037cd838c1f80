import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { bareETag } from '@sluice/connection/transfers/etag';
import type { Buckets, Listed, Unfinished } from '../admin/ports.ts';
import { ObjectChanged } from '../upload/faults.ts';
import { copyObject } from './copy.ts';
import { statusOf } from './failures.ts';
import type { Buckets as BucketNames } from './objects.ts';

/** Listings of the three buckets. */
export function createBucketWalk(s3: S3Client, buckets: BucketNames): Buckets {
  const bring: Buckets['bringIn'] = async ({ key, contentType }, source, signal) => {
    const copy = {
      source,
      target: { Bucket: buckets.incoming ?? '', Key: key, ContentType: contentType },
      isConditional: true, // incoming takes nothing else, and what is there is judged in any case
    };
    try {
      return (await copyObject(s3, copy, signal)) === 'taken' ? 'taken' : 'copied';
    } catch (error) {
      if (statusOf(error) === 404) throw new ObjectChanged('being brought to incoming');
      // Two conditions fail in the same way: something is in incoming, or the source has changed.
      if (statusOf(error) !== 412) throw error;
      const there = await s3
        .send(new HeadObjectCommand({ Bucket: buckets.incoming, Key: key }))
        .catch(() => undefined);
      if (there === undefined) throw new ObjectChanged('being brought to incoming');
      return 'taken';
    }
  };

  return {
    async list(place, after, limit) {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({
          Bucket: buckets[place],
          MaxKeys: limit,
          // A place among the names, and no token of S3's: what is removed meanwhile changes nothing.
          ...(after !== undefined && { StartAfter: after }),
        }),
      );
      return Contents.map((entry) => toListed({ ...entry, IsLatest: true }));
    },

    async versions(place, key) {
      const found: Listed[] = [];
      let marker: { readonly KeyMarker?: string | undefined; readonly VersionIdMarker?: string | undefined } =
        {};
      for (;;) {
        const page = await s3.send(
          new ListObjectVersionsCommand({ Bucket: buckets[place], Prefix: key, ...marker }),
        );
        found.push(
          ...(page.Versions ?? []).filter(({ Key }) => Key === key).map(toListed),
          ...(page.DeleteMarkers ?? [])
            .filter(({ Key }) => Key === key)
            .map((entry) => ({ ...toListed(entry), isMarker: true })),
        );
        // Keys come in order: what begins with this one and is longer comes after all of its versions.
        if (page.IsTruncated !== true || page.NextKeyMarker !== key) return newestFirst(found);
        marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      }
    },

    async unfinished(prefix) {
      const found: Unfinished[] = [];
      let marker: { readonly KeyMarker?: string | undefined; readonly UploadIdMarker?: string | undefined } =
        {};
      for (;;) {
        const page = await s3.send(
          new ListMultipartUploadsCommand({ Bucket: buckets.incoming, Prefix: prefix, ...marker }),
        );
        found.push(
          ...(page.Uploads ?? []).map(({ Key = '', UploadId = '', Initiated }) => ({
            key: Key,
            uploadId: UploadId,
            ...(Initiated && { startedAt: Initiated.getTime() }),
          })),
        );
        if (page.IsTruncated !== true) return found;
        marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      }
    },

    bringBack: (upload, facts, signal) =>
      bring(upload, { bucket: buckets.quarantine ?? '', key: upload.key, facts }, signal),

    bringIn: bring,

    async removeVersion(place, { key, versionId }) {
      await s3.send(
        new DeleteObjectCommand({
          Bucket: buckets[place],
          Key: key,
          // An object without a version stands in a bucket that never kept any, or did not at the time.
          ...(versionId !== undefined && { VersionId: versionId }),
        }),
      );
    },
  };
}

type Entry = {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly IsLatest?: boolean | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
};

function toListed({ Key = '', VersionId, IsLatest = true, Size = 0, ETag, LastModified }: Entry): Listed {
  return {
    key: Key,
    // `null` is S3's word for the version of an object from before its bucket kept any.
    ...(VersionId !== undefined && { versionId: VersionId }),
    isLatest: IsLatest,
    size: Size,
    ...(ETag && { etag: bareETag(ETag) }),
    ...(LastModified && { modifiedAt: LastModified.getTime() }),
  };
}

function newestFirst(listed: readonly Listed[]): Listed[] {
  return listed.toSorted(
    (a, b) => Number(b.isLatest) - Number(a.isLatest) || (b.modifiedAt ?? 0) - (a.modifiedAt ?? 0),
  );
}
