import type { S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '../../src/lib/connection/clients/s3.ts';
import { resolveSettings } from '../../src/lib/connection/settings/resolve.ts';

/** A client of the layer, for an endpoint on this machine. */
export function createBenchClient(endpoint: string): S3Client {
  return createS3Client(
    resolveSettings({
      code: { endpoint, region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  );
}
