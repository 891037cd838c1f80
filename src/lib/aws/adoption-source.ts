import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { Source } from '../admin/adopt.ts';
import { statusOf } from './failures.ts';
import { toFacts } from './object-answers.ts';

/** Buckets from before Sluice: those that the function's role may read (the parameter adoptFrom). */
export function createAdoptionSource(s3: S3Client): Source {
  return {
    async list(bucket, prefix, after, limit) {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: limit,
          ...(after !== undefined && { StartAfter: after }),
        }),
      );
      return Contents.flatMap(({ Key }) => Key ?? []);
    },

    async facts(bucket, key) {
      try {
        return toFacts(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        if (statusOf(error) === 403) return 'forbidden';
        throw error;
      }
    },
  };
}
