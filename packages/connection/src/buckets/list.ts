import { ListBucketsCommand, type ListBucketsCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { readPages } from '../pages.ts';

/** One of the account's buckets. */
export type ListedBucket = {
  readonly bucket: string;
  readonly createdAt: Date | undefined;
  /** Undefined where the store does not tell. */
  readonly region: string | undefined;
};

/**
 * Lists the buckets of the account page by page, by name, for as long as it is read. Throws the errors of
 * `classify`.
 */
export async function* listBuckets(client: S3Client, signal?: AbortSignal): AsyncGenerator<ListedBucket> {
  try {
    const call = signal ? { abortSignal: signal } : {};
    // Without a page size S3 answers in one page, and leaves out the regions.
    const pages = readPages<ListBucketsCommandOutput>(
      (marker) =>
        client.send(
          new ListBucketsCommand({ MaxBuckets: 1_000, ...(marker && { ContinuationToken: marker }) }),
          call,
        ),
      // This list alone says nothing but the token.
      ({ ContinuationToken }) => ContinuationToken || undefined,
      signal,
    );
    for await (const page of pages) {
      for (const { Name, CreationDate, BucketRegion } of page.Buckets ?? []) {
        if (Name) yield { bucket: Name, createdAt: CreationDate, region: BucketRegion };
      }
    }
  } catch (error) {
    throw classify(error);
  }
}
