import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { bareETag } from '@sluice/connection/transfers/etag';
import type { Buckets, Listed, Unfinished } from '../admin/ports.ts';
import type { Buckets as BucketNames } from './objects.ts';

/** Listings of the three buckets. */
export function createBucketWalk(s3: S3Client, buckets: BucketNames): Buckets {
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
    // S3's word for an object from before its bucket kept versions.
    ...(VersionId !== undefined && VersionId !== 'null' && { versionId: VersionId }),
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
