import type { S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '@sluice/connection/clients/s3';
import { resolveSettings } from '@sluice/connection/settings/resolve';

/** A client of the layer, for an endpoint on this machine. */
export function createBenchClient(endpoint: string): S3Client {
  return createS3Client(
    resolveSettings({
      code: { endpoint, region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  );
}
