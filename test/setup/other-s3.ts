// A stack whose buckets are on another S3, which pushes what arrives to POST /arrivals: versitygw, or the
// MinIO that SLUICE_MINIO names.

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { PutBucketNotificationConfigurationCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { ASPECTS } from '@sluice/connection/buckets/aspect-names';
import { createBucket, type NewBucket } from '@sluice/connection/buckets/create';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSecretsManagerClient } from '@sluice/connection/clients/secrets-manager';
import { BucketSetupError } from '@sluice/connection/errors/operation';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { TestProject } from 'vitest/node';
import { localCredentials, region } from '../../local/environment.ts';
import { Obstacle } from '../../local/obstacle.ts';
import { findFreePort } from '../../local/port.ts';
import { KEYS, startEngine } from '../engines/engine.ts';
import { MINIO_KEYS, MINIO_WEBHOOK, minio } from '../engines/minio.ts';
import { versitygw } from '../engines/versitygw.ts';
import { startOwn } from './local-stack.ts';

/** The S3 that the buckets are on: as the functions reach it, and as clients do. */
export type OtherS3 = {
  readonly endpoint: string;
  readonly publicEndpoint: string;
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** what is demanded of pushed notifications */
  readonly pushSecret: string;
  /** whether its notifications of forms name the key */
  readonly namesForms: boolean;
};

declare module 'vitest' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: Vitest merges its own with it.
  interface ProvidedContext {
    otherS3: OtherS3;
  }
}

const BUCKETS = { incoming: 'sluice-incoming', store: 'sluice-store', quarantine: 'sluice-quarantine' };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const program = process.env.SLUICE_MINIO;
  if (!program && !(await versitygw.isInstalled()))
    throw new Obstacle('versitygw is not installed: npm run engines');
  const port = await findFreePort();
  // Two names of one address: what is signed for clients by the second would not open the first.
  const [endpoint, publicEndpoint] = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  const keys = program ? MINIO_KEYS : KEYS;
  const { stack, stop: stopStack } = await startOwn(`test-other-s3-${process.pid}`, async (aws) => ({
    parameters: {
      s3Endpoint: endpoint,
      s3PublicEndpoint: publicEndpoint,
      s3KeysSecret: await keepKeys(aws, keys),
      s3IncomingBucket: BUCKETS.incoming,
      s3StoreBucket: BUCKETS.store,
      s3QuarantineBucket: BUCKETS.quarantine,
      arrivalsPush: 'true',
    },
  }));
  try {
    const pushSecret = await readPushSecret(stack.endpoint, stack.stackName);
    const url = new URL(`${stack.apiUrl}/arrivals`);
    const engine = program
      ? await startEngine(minio(program, { url: url.href, secret: pushSecret }), { port })
      : await startEngine(versitygw, {
          port,
          options: ['--event-webhook-url', withPassword(url, pushSecret)],
        });
    // A copy: the SDK writes into what it is given.
    const client = createS3Client(resolveSettings({ code: { endpoint, region, ...keys } }));
    await makeBuckets(client, new URL(stack.apiUrl).origin);
    if (program) await notify(client);
    client.destroy();
    project.provide('endpoint', endpoint);
    project.provide('stack', stack);
    project.provide('otherS3', { endpoint, publicEndpoint, keys, pushSecret, namesForms: Boolean(program) });
    return async () => {
      await engine.stop();
      await stopStack();
    };
  } catch (error) {
    await stopStack();
    throw error;
  }
}

/** A name and a password in the URL are all that versitygw can be given. */
function withPassword(url: URL, password: string): string {
  return Object.assign(new URL(url), { username: 'versitygw', password: encodeURIComponent(password) }).href;
}

function secretsOf(endpoint: string) {
  // The SDK writes into `localCredentials` when it is given them.
  const { accessKeyId, secretAccessKey } = localCredentials;
  return createSecretsManagerClient(
    resolveSettings({ code: { endpoint, region, accessKeyId, secretAccessKey } }),
  );
}

/** Puts the other S3's keys into a secret, as docs/other-s3.md says, and gives its ARN. */
async function keepKeys(endpoint: string, keys: OtherS3['keys']): Promise<string> {
  const SecretString = JSON.stringify(keys);
  const { ARN = '' } = await secretsOf(endpoint).send(
    new CreateSecretCommand({ Name: 'sluice-keys-of-the-buckets', SecretString }),
  );
  return ARN;
}

async function readPushSecret(endpoint: string, StackName: string): Promise<string> {
  const cloudFormation = new CloudFormationClient({ endpoint, region, credentials: localCredentials });
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  const SecretId = Stacks?.[0]?.Outputs?.find(
    ({ OutputKey }) => OutputKey === 'ArrivalsPushSecretArn',
  )?.OutputValue;
  const { SecretString = '' } = await secretsOf(endpoint).send(new GetSecretValueCommand({ SecretId }));
  const { current }: { readonly current: string } = JSON.parse(SecretString);
  return current;
}

/** As docs/other-s3.md says. */
async function makeBuckets(client: S3Client, pages: string): Promise<void> {
  const cors = [
    {
      AllowedOrigins: [pages],
      AllowedMethods: ['PUT', 'POST'],
      AllowedHeaders: ['*'],
      ExposeHeaders: ['ETag'],
    },
  ];
  await makeBucket({ client, bucket: BUCKETS.incoming, versioning: true, cors });
  const reading = [{ AllowedOrigins: [pages], AllowedMethods: ['GET', 'HEAD'], AllowedHeaders: ['*'] }];
  await makeBucket({ client, bucket: BUCKETS.store, cors: reading });
  await makeBucket({ client, bucket: BUCKETS.quarantine });
}

/** What the store refuses is named, and left out the second time. */
async function makeBucket(wanted: NewBucket): Promise<void> {
  await createBucket(wanted).catch(async (error: unknown) => {
    if (!(error instanceof BucketSetupError)) throw error;
    const refused = error.failed.map(({ aspect }) => aspect);
    await createBucket({ ...wanted, without: ASPECTS.filter((aspect) => refused.includes(aspect)) });
  });
}

/** MinIO sends what a bucket's own configuration says. */
async function notify(client: S3Client): Promise<void> {
  const QueueConfigurations = [{ QueueArn: MINIO_WEBHOOK, Events: ['s3:ObjectCreated:*' as const] }];
  await client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: BUCKETS.incoming,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
}
