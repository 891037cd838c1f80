// What an operator does by command line, against the deployed stack.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, inject, test } from 'vitest';
import { rootOf } from '../contract/root.ts';
import { apiOf, type Intent, put } from './api.ts';
import { createAdmin } from './command-line.ts';
import { serviceToken } from './service.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');
const INTENT = { contentType: 'text/csv', filename: 'sizes.csv' } as const satisfies Intent;

async function setup() {
  const stack = inject('stack');
  const root = rootOf(stack);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-admin-'));
  const admin = createAdmin(stack, folder);
  // Somebody of their own for each test.
  const subject = `erin-${randomUUID()}`;
  const owner = { tenant: 'admins', subject };
  const service = apiOf({ idToken: await serviceToken('uploads.read', 'uploads.write', 'tenants') });
  const upload = async (intent: Intent = INTENT, bytes = CSV) => {
    const requested = await service.request({ ...intent, owner }, bytes.length);
    await put(requested, bytes);
    return service.settled(requested.id);
  };
  return {
    stack,
    folder,
    admin,
    owner,
    service,
    upload,
    s3: new S3Client(root),
    sqs: new SQSClient(root),
    dynamo: new DynamoDBClient(root),
    keyOf: async (id: string) => {
      const { Item } = await new DynamoDBClient(root).send(
        new GetItemCommand({ TableName: stack.table, Key: { id: { S: id } } }),
      );
      return Item?.key?.S ?? '';
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

describe('sluice admin', () => {
  test('shows an upload by its id and by its key, with its objects, its log lines and what to do', async () => {
    await using world = await setup();
    const { id } = await world.upload();
    const { code, lines, err } = await world.admin('show', id);
    expect([code, err]).toEqual([0, '']);
    const [shown] = lines;
    expect(shown).toMatchObject({
      id,
      state: 'accepted',
      objects: [{ place: 'store', size: CSV.length, metadata: { 'upload-id': id } }],
      advice: [{ text: expect.stringContaining('All is well') }],
    });
    const messages = shown.log.map(({ message }: { readonly message: string }) => message);
    expect(messages).toEqual(expect.arrayContaining(['upload requested', 'upload accepted']));
    const byKey = await world.admin('show', shown.key, '--no-logs');
    expect(byKey.lines[0]).toMatchObject({ id, state: 'accepted' });
  });

  test('finds an upload by the request id of its caller', async () => {
    await using world = await setup();
    const { id } = await world.upload();
    const [shown] = (await world.admin('show', id, '--no-logs')).lines;
    const found = await world.admin('show', shown.row.correlationId, '--since', '10m');
    expect(found.lines[0]).toMatchObject({ id });
  });

  test('has a file judged again that a mistake in a policy rejected', async () => {
    await using world = await setup();
    const requested = await world.service.request({ ...INTENT, owner: world.owner }, CSV.length);
    const setPolicy = (policy: string) =>
      world.dynamo.send(
        new UpdateItemCommand({
          TableName: world.stack.table,
          Key: { id: { S: requested.id } },
          UpdateExpression: 'SET policy = :policy',
          ExpressionAttributeValues: { ':policy': { S: policy } },
        }),
      );
    const { policy } = requested as unknown as { readonly policy: string };
    await setPolicy('not-deployed');
    await put(requested, CSV);
    expect(await world.service.settled(requested.id)).toMatchObject({
      state: 'rejected',
      reason: 'policy_gone',
    });
    await setPolicy(policy);

    const where = ['rejudge', '--policy', policy, '--since', '1h', '--reason', 'policy_gone'];
    expect((await world.admin(...where, '--dry-run')).counts).toEqual({ 'judged again': 1 });
    expect((await world.service.read(requested.id)).state).toBe('rejected');
    expect((await world.admin(...where)).counts).toEqual({ 'judged again': 1 });
    const upload = await world.service.settled(requested.id);
    expect(upload).toMatchObject({ state: 'accepted' });
    expect(upload).not.toHaveProperty('reason');
  });

  test('erases somebody with uploads in several states, and exports them before', async () => {
    await using world = await setup();
    const accepted = await world.upload();
    const rejected = await world.upload(INTENT, Buffer.from('<html><script>1</script>'));
    expect(rejected.state).toBe('rejected');
    const waiting = await world.service.request({ ...INTENT, owner: world.owner }, CSV.length);
    const keys = await Promise.all([accepted, rejected, waiting].map(({ id }) => world.keyOf(id)));
    const whose = ['--tenant', world.owner.tenant, '--owner', world.owner.subject];

    expect((await world.admin('export', ...whose, '--to', 'out')).counts).toEqual({ files: 1, rows: 2 });
    expect(await readFile(join(world.folder, 'out', accepted.id, 'sizes.csv'))).toEqual(CSV);

    const dry = await world.admin('erase', ...whose, '--dry-run');
    expect(dry.counts).toEqual({ uploads: 3, objects: 2 });
    const { code, counts } = await world.admin('erase', ...whose, '--yes', '--certificate', 'gone.json');
    expect([code, counts]).toEqual([0, { objects: 2, later: 3 }]);
    for (const bucket of Object.values(world.stack.buckets)) {
      for (const Prefix of keys) {
        const { Versions = [], DeleteMarkers = [] } = await world.s3.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix }),
        );
        expect([...Versions, ...DeleteMarkers]).toEqual([]);
      }
    }
    expect((await world.service.read(accepted.id)).state).toBe('deleted');
    expect((await world.service.read(waiting.id)).state).toBe('aborted');
    expect((await world.service.read(accepted.id)).filename).toBe('erased');
    expect(JSON.parse(await readFile(join(world.folder, 'gone.json'), 'utf8'))).toMatchObject({
      ...world.owner,
      isComplete: false,
      stillHeld: expect.arrayContaining([expect.stringContaining('Point-in-time recovery')]),
    });
    // A late sender finds the row, and their bytes are removed.
    await put(waiting, CSV);
    await expect
      .poll(
        () =>
          world.s3
            .send(new HeadObjectCommand({ Bucket: world.stack.buckets.incoming, Key: keys[2] ?? '' }))
            .then(() => 'there')
            .catch(() => 'gone'),
        { timeout: 30_000 },
      )
      .toBe('gone');
  });

  test('finds a file that no row knows and a row without its file, and ends the row if it is told so', async () => {
    await using world = await setup();
    const lost = await world.upload();
    const orphan = `admins/${randomUUID()}`;
    await world.s3.send(
      new PutObjectCommand({ Bucket: world.stack.buckets.store, Key: orphan, Body: 'x', IfNoneMatch: '*' }),
    );
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    await world.s3.send(
      new DeleteObjectCommand({ Bucket: world.stack.buckets.store, Key: await world.keyOf(lost.id) }),
    );
    const found = await world.admin('reconcile');
    expect(found.code).toBe(0);
    expect(found.lines).toContainEqual(expect.objectContaining({ id: lost.id, outcome: 'file missing' }));
    // It may be on its way: younger than an hour.
    expect(found.counts.recent).toBeGreaterThanOrEqual(1);
    await world.admin('reconcile', '--missing', 'end');
    expect((await world.service.read(lost.id)).state).toBe('deleted');
    await world.s3.send(new DeleteObjectCommand({ Bucket: world.stack.buckets.store, Key: orphan }));
  });

  test('brings back a row that was lost, from a table that a backup was restored into', async () => {
    await using world = await setup();
    const { id } = await world.upload();
    const { Item } = await world.dynamo.send(
      new GetItemCommand({ TableName: world.stack.table, Key: { id: { S: id } } }),
    );
    const TableName = `${world.stack.stackName}-restored-${randomUUID().slice(0, 8)}`;
    await world.dynamo.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    await world.dynamo.send(new PutItemCommand({ TableName, Item }));
    await world.dynamo.send(new DeleteItemCommand({ TableName: world.stack.table, Key: { id: { S: id } } }));
    expect((await world.admin('restore', '--table', TableName)).counts).toEqual({ restored: 1 });
    expect(await world.service.read(id)).toMatchObject({ id, state: 'accepted' });
    expect((await world.admin('restore', '--table', TableName)).counts).toEqual({ there: 1 });
    await world.dynamo.send(new DeleteTableCommand({ TableName }));
  });

  test('sets a dead letter aside that nobody can work on', async () => {
    await using world = await setup();
    const { QueueUrl } = await world.sqs.send(
      new GetQueueUrlCommand({ QueueName: `${world.stack.stackName}-event-dead-letters` }),
    );
    await world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'not a change' }));
    const { counts, lines } = await world.admin('redrive', 'events', '--cause', 'malformed');
    expect(counts).toMatchObject({ 'set aside': 1 });
    expect(lines).toContainEqual(expect.objectContaining({ outcome: 'set aside', detail: 'malformed' }));
    const { QueueUrls = [] } = await world.sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls.some((url) => url.includes('SetAside'))).toBe(true);
  });

  test('announces what waits in incoming, and says of an id that nothing is there', async () => {
    await using world = await setup();
    const { id } = await world.upload();
    expect((await world.admin('announce', id)).counts).toEqual({ 'not there': 1 });
    const stuck = await world.admin('announce', '--stuck', '--older-than', '0s');
    expect(stuck.code).toBe(0);
  });
});
