// A stack whose buckets are on another S3: versitygw, which tells of arrivals by pushing them to POST
// /arrivals.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { createBucket } from '@sluice/connection/buckets/create';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSecretsManagerClient } from '@sluice/connection/clients/secrets-manager';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { TestProject } from 'vitest/node';
import { localCredentials, region } from '../../local/environment.ts';
import { Obstacle } from '../../local/obstacle.ts';
import { findFreePort } from '../../local/port.ts';
import { KEYS, startEngine } from '../engines/engine.ts';
import { versitygw } from '../engines/versitygw.ts';
import { startOwn } from './local-stack.ts';

/** The S3 that the buckets are on: as the functions reach it, and as clients do. */
export type OtherS3 = {
  readonly endpoint: string;
  readonly publicEndpoint: string;
  /** what is demanded of pushed notifications */
  readonly pushSecret: string;
};

declare module 'vitest' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: Vitest merges its own with it.
  interface ProvidedContext {
    otherS3: OtherS3;
  }
}

// The local AWS and the engine are given the same. A copy: the SDK writes into what it is given.
const keys = { ...KEYS };
const BUCKETS = { incoming: 'sluice-incoming', store: 'sluice-store', quarantine: 'sluice-quarantine' };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!(await versitygw.isInstalled())) throw new Obstacle('versitygw is not installed: npm run engines');
  const port = await findFreePort();
  // Two names of one address: what is signed for clients by the second would not open the first.
  const [endpoint, publicEndpoint] = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  const { stack, stop: stopStack } = await startOwn(`test-other-s3-${process.pid}`, async (aws) => ({
    parameters: {
      s3Endpoint: endpoint,
      s3PublicEndpoint: publicEndpoint,
      s3KeysSecret: await keepKeys(aws),
      s3IncomingBucket: BUCKETS.incoming,
      s3StoreBucket: BUCKETS.store,
      s3QuarantineBucket: BUCKETS.quarantine,
      arrivalsPush: 'true',
    },
  }));
  try {
    const pushSecret = await readPushSecret(stack.endpoint, stack.stackName);
    const url = new URL(`${stack.apiUrl}/arrivals`);
    // A name and a password in the URL are all that versitygw can be told.
    Object.assign(url, { username: 'versitygw', password: encodeURIComponent(pushSecret) });
    const engine = await startEngine(versitygw, { port, options: ['--event-webhook-url', url.href] });
    await makeBuckets(endpoint, new URL(stack.apiUrl).origin);
    project.provide('endpoint', endpoint);
    project.provide('stack', stack);
    project.provide('otherS3', { endpoint, publicEndpoint, pushSecret });
    return async () => {
      await engine.stop();
      await stopStack();
    };
  } catch (error) {
    await stopStack();
    throw error;
  }
}

function secretsOf(endpoint: string) {
  return createSecretsManagerClient(resolveSettings({ code: { endpoint, region, ...keys } }));
}

/** Puts the other S3's keys into a secret, as docs/other-s3.md says, and gives its ARN. */
async function keepKeys(endpoint: string): Promise<string> {
  const SecretString = JSON.stringify(KEYS);
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

/** As docs/other-s3.md says; without what versitygw has no word for. */
async function makeBuckets(endpoint: string, pages: string): Promise<void> {
  const client = createS3Client(resolveSettings({ code: { endpoint, region, ...keys } }));
  const without = ['public-access', 'encryption'] as const;
  const cors = [
    {
      AllowedOrigins: [pages],
      AllowedMethods: ['PUT', 'POST'],
      AllowedHeaders: ['*'],
      ExposeHeaders: ['ETag'],
    },
  ];
  await createBucket({ client, bucket: BUCKETS.incoming, versioning: true, cors, without });
  const reading = [{ AllowedOrigins: [pages], AllowedMethods: ['GET', 'HEAD'], AllowedHeaders: ['*'] }];
  await createBucket({ client, bucket: BUCKETS.store, cors: reading, without });
  await createBucket({ client, bucket: BUCKETS.quarantine, without });
}
