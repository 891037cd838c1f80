import type { S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '@sluice/connection/clients/s3';
import type { Stores } from './stores.ts';

/** A client of the S3 that the buckets are on. Make it once, at module scope. */
export function createStoreClient({ settings, keys: { provider } }: Stores): S3Client {
  return createS3Client(settings, provider && { credentials: provider });
}
