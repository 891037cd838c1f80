// What an account may ask of a stack (docs/accounts-and-keys.md), as far as the local AWS goes. Its
// CloudFormation keeps the key of queues, secrets and logs. It leaves out that of buckets, tables, functions
// and the bus, and networks and boundaries; the tests of the template hold those. For buckets this does what
// CloudFormation would have done. Nothing is encrypted here, and no key's policy is looked at.
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  GetTemplateCommand,
  type StackResource,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  S3Client,
  type ServerSideEncryptionByDefault,
} from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createClient } from '@sluice/client/client';
import { createUploader } from '@sluice/client/uploader';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localCredentials, region } from '../../local/environment.ts';
import { rootOf } from '../contract/root.ts';
import { HONEST } from '../corpus/honest.ts';
import { startOwn, type TestStack } from '../setup/local-stack.ts';

const BOUNDARY = 'arn:aws:iam::000000000000:policy/boundary';
const SUBNETS = ['subnet-0aaa0000000000000', 'subnet-0bbb0000000000000'];
const GROUP = 'sg-0ccc0000000000000';

type BucketProperties = {
  readonly BucketEncryption: {
    readonly ServerSideEncryptionConfiguration: readonly {
      readonly ServerSideEncryptionByDefault: ServerSideEncryptionByDefault;
      readonly BucketKeyEnabled: boolean;
    }[];
  };
};

let stack: TestStack;
let stop: (() => Promise<void>) | undefined;
let key: string;
let resources: readonly StackResource[];

/** Makes a key. The project has no client of KMS; the local AWS looks at the service's name alone. */
async function createKey(endpoint: string): Promise<string> {
  const scope = `${localCredentials.accessKeyId}/20261127/${region}/kms/aws4_request`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.CreateKey',
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: '{}',
  });
  return (await response.json()).KeyMetadata.Arn;
}

beforeAll(async () => {
  ({ stack, stop } = await startOwn(`test-account-${process.pid}`, async (endpoint) => {
    key = await createKey(endpoint);
    return {
      parameters: {
        kmsKey: key,
        permissionsBoundary: BOUNDARY,
        rolePath: '/teams/files/',
        vpcSubnets: SUBNETS.join(','),
        vpcSecurityGroups: GROUP,
      },
    };
  }));
  using cloudFormation = disposable(new CloudFormationClient(rootOf(stack)));
  const { StackResources } = await cloudFormation.send(
    new DescribeStackResourcesCommand({ StackName: stack.stackName }),
  );
  resources = StackResources ?? [];
  const { TemplateBody = '' } = await cloudFormation.send(
    new GetTemplateCommand({ StackName: stack.stackName }),
  );
  await encryptBuckets(JSON.parse(TemplateBody));
});
afterAll(() => stop?.());

function disposable<T extends { destroy: () => void }>(client: T): T & Disposable {
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

/** What the template says of each bucket, by a call of S3. */
async function encryptBuckets({
  Resources,
}: {
  Resources: Record<string, { Properties: BucketProperties }>;
}) {
  using s3 = disposable(new S3Client(rootOf(stack)));
  for (const { ResourceType, LogicalResourceId = '', PhysicalResourceId } of resources) {
    const properties = ResourceType === 'AWS::S3::Bucket' && Resources[LogicalResourceId]?.Properties;
    if (!properties) continue;
    const [rule] = properties.BucketEncryption.ServerSideEncryptionConfiguration;
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: PhysicalResourceId,
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: rule?.ServerSideEncryptionByDefault,
              BucketKeyEnabled: rule?.BucketKeyEnabled,
            },
          ],
        },
      }),
    );
  }
}

/** The names of all resources of a type, of which there are some. */
function namesOf(type: string): readonly string[] {
  const found = resources.filter(({ ResourceType }) => ResourceType === type);
  expect(found.length, type).toBeGreaterThan(0);
  return found.map(({ PhysicalResourceId }) => PhysicalResourceId ?? '');
}

test('a file is accepted, listed and read byte for byte', async () => {
  const connection = { endpoint: stack.apiUrl, token: stack.alice.idToken };
  const { bytes, type } = HONEST.find(({ name }) => name === 'picture.jpg') ?? expect.fail('no picture');
  const client = createClient(connection);
  const upload = await createUploader(connection).upload(
    new File([new Uint8Array(bytes)], 'picture.jpg', { type }),
  );
  expect(upload.state).toBe('accepted');
  const { uploads } = await client.list();
  expect(uploads.map(({ id }) => id)).toContain(upload.id);
  const { url } = await client.download(upload.id);
  expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(Buffer.from(bytes));

  using s3 = disposable(new S3Client(rootOf(stack)));
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: stack.buckets.store }));
  const stored = await s3.send(
    new HeadObjectCommand({ Bucket: stack.buckets.store, Key: Contents?.[0]?.Key ?? '' }),
  );
  expect({ by: stored.ServerSideEncryption, key: stored.SSEKMSKeyId }).toEqual({ by: 'aws:kms', key });
});

test('every queue is encrypted by the key', async () => {
  using sqs = disposable(new SQSClient(rootOf(stack)));
  for (const QueueUrl of namesOf('AWS::SQS::Queue')) {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes?.KmsMasterKeyId, QueueUrl).toBe(key);
  }
});

test('every secret and every log is encrypted by the key', async () => {
  using secrets = disposable(new SecretsManagerClient(rootOf(stack)));
  for (const SecretId of namesOf('AWS::SecretsManager::Secret')) {
    const { KmsKeyId } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    expect(KmsKeyId, SecretId).toBe(key);
  }
  using logs = disposable(new CloudWatchLogsClient(rootOf(stack)));
  for (const logGroupNamePrefix of namesOf('AWS::Logs::LogGroup')) {
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
    expect(
      logGroups?.map(({ kmsKeyId }) => kmsKeyId),
      logGroupNamePrefix,
    ).toContain(key);
  }
});
