// A stage is removed, and what is left of it is what is meant to stay. Then it is deployed once more, and
// removed with all that it has. The archive of events is not listed: local/archive.ts makes it beside the
// stack, so the local CloudFormation knows nothing of it.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployTo, STAGE } from '../../local/deploy.ts';
import { childEnvironment, localCredentials, region } from '../../local/environment.ts';
import { projectRoot } from '../../local/folders.ts';
import { type PoolStack, readPoolStack } from '../../local/stack.ts';
import { createUser, logIn } from '../../local/users.ts';
import { rootOf } from '../contract/root.ts';
import { type OwnStack, startOwn, type TestStack } from '../setup/local-stack.ts';
import { apiOf, put } from './api.ts';

let own: OwnStack<TestStack>;
let s3: S3Client;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  own = await startOwn(`removal-${process.pid}`);
  s3 = new S3Client(rootOf(own.stack));
  dynamo = new DynamoDBClient(rootOf(own.stack));
}, 300_000);

afterAll(() => own?.stop());

const CSV = Buffer.from('a,b\n1,2\n');

type Ask = {
  readonly target?: string;
  readonly service: string;
  readonly path?: string;
  readonly body?: string;
};

/** Everything that costs or could be in the way, by what lists it: names are the texts that these give. */
const LISTS: Readonly<Record<string, Ask & { readonly names: RegExp }>> = {
  buckets: { service: 's3', names: /<Name>([^<]+)</g },
  tables: {
    service: 'dynamodb',
    target: 'DynamoDB_20120810.ListTables',
    names: /"([^"]*sluice-local[^"]*)"/g,
  },
  queues: { service: 'sqs', target: 'AmazonSQS.ListQueues', names: /\/([^/"]*sluice-local[^"]*)"/g },
  functions: { service: 'lambda', path: '/2015-03-31/functions', names: /"FunctionName": ?"([^"]+)"/g },
  mappings: { service: 'lambda', path: '/2015-03-31/event-source-mappings/', names: /"UUID": ?"([^"]+)"/g },
  logGroups: {
    service: 'logs',
    target: 'Logs_20140328.DescribeLogGroups',
    names: /"logGroupName": ?"([^"]+)"/g,
  },
  roles: { service: 'iam', body: 'Action=ListRoles&Version=2010-05-08', names: /<RoleName>([^<]+)</g },
  rules: { service: 'events', target: 'AWSEvents.ListRules', names: /"Name": ?"([^"]+)"/g },
  buses: { service: 'events', target: 'AWSEvents.ListEventBuses', names: /"Name": ?"(sluice[^"]+)"/g },
  secrets: { service: 'secretsmanager', target: 'secretsmanager.ListSecrets', names: /"Name": ?"([^"]+)"/g },
  alarms: {
    service: 'monitoring',
    body: 'Action=DescribeAlarms&Version=2010-08-01',
    names: /<AlarmName>([^<]+)</g,
  },
  dashboards: {
    service: 'monitoring',
    body: 'Action=ListDashboards&Version=2010-08-01',
    names: /<DashboardName>([^<]+)</g,
  },
  apis: { service: 'apigateway', path: '/v2/apis', names: /"apiId": ?"([^"]+)"/g },
  pools: {
    service: 'cognito-idp',
    target: 'AWSCognitoIdentityProviderService.ListUserPools',
    body: '{"MaxResults":60}',
    names: /"Id": ?"([^"]+)"/g,
  },
};

async function listAll(): Promise<Record<string, string[]>> {
  const aws = new AwsClient({ ...localCredentials, region });
  const lists = await Promise.all(
    Object.entries(LISTS).map(async ([what, { service, target, path = '/', body, names }]) => {
      const isQuery = target === undefined && body !== undefined;
      const answer = await aws.fetch(`${own.stack.endpoint}${path}`, {
        aws: { service, region },
        ...((target !== undefined || isQuery) && {
          method: 'POST',
          body: body ?? '{}',
          headers: {
            'content-type': isQuery ? 'application/x-www-form-urlencoded' : 'application/x-amz-json-1.1',
            ...(target !== undefined && { 'x-amz-target': target }),
          },
        }),
      });
      const said = await answer.text();
      expect(answer.status, `${what}: ${said}`).toBe(200);
      return [what, [...said.matchAll(names)].map(([, name = '']) => name).toSorted()] as const;
    }),
  );
  return Object.fromEntries(lists);
}

/** The versions in a bucket, and uploads in parts that are under way. */
async function listIn(Bucket: string): Promise<{ readonly keys: string[]; readonly parts: string[] }> {
  const [{ Versions = [], DeleteMarkers = [] }, { Uploads = [] }] = await Promise.all([
    s3.send(new ListObjectVersionsCommand({ Bucket })),
    s3.send(new ListMultipartUploadsCommand({ Bucket })),
  ]);
  return {
    keys: [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `${Key} ${VersionId}`).toSorted(),
    parts: Uploads.map(({ UploadId = '' }) => UploadId),
  };
}

/** What users have stored: it stays, whatever else goes. */
async function readData({ buckets, table }: PoolStack) {
  const [{ keys }, { Items }] = await Promise.all([
    listIn(buckets.store),
    dynamo.send(new ScanCommand({ TableName: table })),
  ]);
  return { keys, rows: JSON.stringify(Items) };
}

/**
 * The uploads in parts that a removed bucket has left. MiniStack shows them in the next bucket of that name,
 * and S3 does not: there, only what was aborted before says that none is paid for.
 */
async function listLeftParts(Bucket: string): Promise<readonly string[]> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { parts } = await listIn(Bucket);
  await s3.send(new DeleteBucketCommand({ Bucket }));
  return parts;
}

/** The command as a person runs it, who types this. */
async function remove(typed: string, ...options: readonly string[]) {
  const child = spawn(process.execPath, ['infra/removal/main.ts', '--stage', STAGE, ...options], {
    cwd: projectRoot,
    env: childEnvironment(own.folders, {
      AWS_ENDPOINT_URL: own.stack.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    }),
  });
  child.stdin.end(`${typed}\n`);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, said: `${out}${err}` };
}

/** Stores a file, and begins another in parts, of which one has arrived. */
async function useStage(stack: PoolStack, { idToken }: { readonly idToken: string }) {
  const api = apiOf({ idToken }, stack);
  const accepted = await api.request({ contentType: 'text/csv', filename: 'a.csv' }, CSV.length);
  await put(accepted, CSV);
  expect(await api.settled(accepted.id)).toMatchObject({ state: 'accepted' });
  const open = await api.request(
    { contentType: 'text/csv', filename: 'b.csv', transport: 'multipart' },
    CSV.length,
  );
  const part = open.multipart?.parts[0]?.url ?? '';
  expect((await fetch(part, { method: 'PUT', body: new Uint8Array(CSV) })).status).toBe(200);
  expect((await listIn(stack.buckets.incoming)).parts).toHaveLength(1);
}

test('a stage that is not meant to be removed is as it was', async () => {
  const { stack } = own;
  await useStage(stack, stack.alice);
  const before = await listAll();
  for (const [what, names] of Object.entries(before)) expect(names, what).not.toEqual([]);
  const data = await readData(stack);

  const mistaken = await remove('prod');
  expect(mistaken).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was changed') });
  const dry = await remove(STAGE, '--dry-run');
  expect(dry).toMatchObject({ code: 0, said: expect.stringContaining('Nothing was changed') });
  const dryWithData = await remove(STAGE, '--dry-run', '--with-data');
  expect(dryWithData).toMatchObject({ code: 0, said: expect.stringContaining('These go as well') });
  for (const kept of [stack.buckets.store, stack.table, stack.webhooks.table, stack.userPoolId]) {
    expect(dry.said).toContain(kept);
  }
  expect(await listAll()).toEqual(before);
  expect(await readData(stack)).toEqual(data);
  expect((await listIn(stack.buckets.incoming)).parts).toHaveLength(1);
}, 180_000);

test('nothing of a removed stage is left but what is meant to stay, with all that is in it', async () => {
  const { stack } = own;
  const data = await readData(stack);
  expect(data.keys).toHaveLength(1);

  const removed = await remove(STAGE);
  expect(removed).toMatchObject({ code: 0, said: expect.stringContaining('Done. 4 resources stay') });
  const { buckets, tables, pools, ...rest } = await listAll();
  expect(rest).toEqual(Object.fromEntries(Object.keys(rest).map((what) => [what, []])));
  expect(buckets).toEqual([stack.buckets.store]);
  expect(tables).toEqual([stack.table, stack.webhooks.table].toSorted());
  expect(pools).toEqual([stack.userPoolId]);
  expect(await readData(stack)).toEqual(data);
  expect(await listLeftParts(stack.buckets.incoming)).toEqual([]);

  const gone = await remove(STAGE);
  expect(gone).toMatchObject({ code: 1, said: expect.stringContaining('There is no such stack') });
}, 180_000);

test('nothing at all is left of a stage that is removed with its data', async () => {
  const kept = await listAll();
  await deployTo(own.stack.endpoint, own.folders);
  const stack = await readPoolStack(own.stack.endpoint);
  expect(stack.buckets.store).not.toBe(own.stack.buckets.store);
  const carol = { email: 'carol@example.com', password: randomUUID() };
  await createUser(stack, carol);
  await useStage(stack, await logIn(stack, carol));
  await s3.send(new CreateMultipartUploadCommand({ Bucket: stack.buckets.store, Key: 'c.csv' }));

  const removed = await remove(STAGE, '--with-data');
  expect(removed).toMatchObject({ code: 0, said: expect.stringContaining('Done. 0 resources stay') });
  // MiniStack gives tables of a stage the same names each time, so these are the new stage's.
  expect([stack.table, stack.webhooks.table].toSorted()).toEqual(kept.tables);
  expect(await listAll()).toEqual({ ...kept, tables: [] });
  expect(await listLeftParts(stack.buckets.incoming)).toEqual([]);
  expect(await listLeftParts(stack.buckets.store)).toEqual([]);
}, 300_000);
