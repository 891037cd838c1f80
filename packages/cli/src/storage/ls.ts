import { listBuckets } from '@sluice/connection/buckets/list';
import { listObjects } from '@sluice/connection/buckets/objects';
import { createS3Client } from '@sluice/connection/clients/s3';
import type { Session } from '@sluice/connection/session';
import type { BucketParams } from '@sluice/connection/transfers/params';
import type { S3Place } from './place.ts';

/** A line of the listing. */
export type Row =
  | { readonly kind: 'bucket'; readonly bucket: string; readonly createdAt: Date | undefined }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | {
      readonly kind: 'object';
      readonly key: string;
      readonly bytes: number;
      readonly modifiedAt: Date | undefined;
    };

/** Buckets, or what is below a place in one. */
export async function* list(
  session: Session,
  place: S3Place | undefined,
  recursive: boolean,
  { signal, params }: { readonly signal: AbortSignal; readonly params: BucketParams },
): AsyncGenerator<Row> {
  const client = session.client(createS3Client);
  if (place) {
    const { bucket, key: prefix } = place;
    yield* listObjects({ client, bucket, prefix, params, signal, ...(!recursive && { delimiter: '/' }) });
    return;
  }
  for await (const { bucket, createdAt } of listBuckets(client, signal))
    yield { kind: 'bucket', bucket, createdAt };
}
