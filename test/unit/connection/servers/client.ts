import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { classify } from '../../../../src/lib/connection/classify.ts';
import type { ClientExtras } from '../../../../src/lib/connection/clients/options.ts';
import { createS3Client } from '../../../../src/lib/connection/clients/s3.ts';
import type { ConnectionError } from '../../../../src/lib/connection/errors/connection-error.ts';
import { type CodeSettings, resolveSettings } from '../../../../src/lib/connection/settings/resolve.ts';

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
