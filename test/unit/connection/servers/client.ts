import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { classify } from '@sluice/connection/classify';
import type { ClientExtras } from '@sluice/connection/clients/options';
import { createS3Client } from '@sluice/connection/clients/s3';
import type { ConnectionError } from '@sluice/connection/errors/connection-error';
import { type CodeSettings, resolveSettings } from '@sluice/connection/settings/resolve';

/** A client of a test's server, tried once unless told otherwise, and what its failures are classified as. */
export type TestClient = {
  readonly client: S3Client;
  readonly head: () => Promise<unknown>;
  readonly failed: (call: Promise<unknown>) => Promise<{ error: ConnectionError | undefined; ms: number }>;
};

/** Makes it. */
export function setup(endpoint: string, code: CodeSettings = {}, extras: ClientExtras = {}): TestClient {
  const client = createS3Client(
    resolveSettings({
      code: {
        region: 'eu-central-1',
        accessKeyId: 'AKIATEST',
        secretAccessKey: 'secret',
        endpoint,
        maxAttempts: 1,
        ...code,
      },
    }),
    extras,
  );
  const failed = async (call: Promise<unknown>) => {
    const started = Date.now();
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => classify(thrown),
    );
    return { error, ms: Date.now() - started };
  };
  const head = () => client.send(new HeadBucketCommand({ Bucket: 'bucket' }));
  return { client, failed, head };
}
