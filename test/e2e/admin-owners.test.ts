// What an operator does about one owner, and by reports, against the deployed stack.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, inject, test } from 'vitest';
import { rootOf } from '../contract/root.ts';
import { makeReport } from '../fakes/inventory-report.ts';
import { apiOf, type Intent, put } from './api.ts';
import { createAdmin } from './command-line.ts';
import { serviceToken } from './service.ts';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/sluice.ts', import.meta.url));
const CSV = Buffer.from('name,size\nphoto,3\n');
const INTENT = { contentType: 'text/csv', filename: 'sizes.csv' } as const satisfies Intent;

async function setup() {
  const stack = inject('stack');
  const root = rootOf(stack);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-owners-'));
  const s3 = new S3Client(root);
  const dynamo = new DynamoDBClient(root);
  const owner = { tenant: 'owners', subject: `nora-${randomUUID()}` };
  const service = apiOf({
    idToken: await serviceToken('uploads.read', 'uploads.write', 'grants', 'tenants'),
  });
  const upload = async () => {
    const requested = await service.request({ ...INTENT, owner }, CSV.length);
    await put(requested, CSV);
    return service.settled(requested.id);
  };
  const rowOf = async (id: string) =>
    (await dynamo.send(new GetItemCommand({ TableName: stack.table, Key: { id: { S: id } } }))).Item ?? {};
  const bucket = async () => {
    const Bucket = `reports-${randomUUID()}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  };
  /** More accepted files like this one, made past the API: there would be too many to send. */
  const multiply = async (id: string, count: number) => {
    const row = JSON.stringify(await rowOf(id));
    const ids = Array.from({ length: count }, () => randomUUID());
    const keyOf = (one: string) => `${owner.tenant}/${one}`;
    for (let n = 0; n < count; n += 25) {
      const some = ids.slice(n, n + 25);
      await Promise.all(
        some.map((one) =>
          s3.send(
            new PutObjectCommand({
              Bucket: stack.buckets.store,
              Key: keyOf(one),
              Body: CSV,
              IfNoneMatch: '*',
            }),
          ),
        ),
      );
      const requests = some.map((one) => ({
        // Its keys in the indexes, too, hold the id.
        PutRequest: { Item: JSON.parse(row.replaceAll(id, one)) },
      }));
      await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [stack.table]: requests } }));
    }
    return ids;
  };
  return {
    stack,
    folder,
    s3,
    owner,
    whose: ['--tenant', owner.tenant, '--owner', owner.subject],
    service,
    admin: createAdmin(stack, folder),
    upload,
    rowOf,
    bucket,
    multiply,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

describe('sluice admin', () => {
  test('blocks an owner at once: their service, their grants and their sessions; what was signed arrives', async () => {
    await using world = await setup();
    const { service, owner, admin, whose } = world;
    const signed = await service.request({ ...INTENT, owner }, CSV.length);
    const granted = await service.call('POST', '/grants', { owner });
    const grant = (await granted.json()) as { readonly token: string; readonly companionUrl: string };
    const by = apiOf({ idToken: grant.token });
    const ways = {
      service: (): Promise<Response> =>
        service.call('POST', '/uploads', { ...INTENT, owner, size: CSV.length }),
      grant: () => by.call('POST', '/uploads', { ...INTENT, size: CSV.length }),
      'another grant': () => service.call('POST', '/grants', { owner }),
      session: () =>
        fetch(`${grant.companionUrl}/s3/multipart`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify({ filename: 'a.csv', type: 'text/csv' }),
        }),
    };
    const answers = async () =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(ways).map(async ([way, ask]) => {
            const answer = await ask();
            const { code } = (await answer.json()) as { readonly code?: string };
            return [way, code ?? answer.status];
          }),
        ),
      );
    expect(await answers()).toEqual({ service: 201, grant: 201, 'another grant': 201, session: 200 });

    expect((await admin('block', ...whose, '--dry-run')).counts).toEqual({ blocked: 1 });
    expect(await answers()).toMatchObject({ grant: 201 });
    expect((await admin('block', ...whose)).counts).toEqual({ blocked: 1 });
    const refused = 'owner_blocked';
    expect(await answers()).toEqual({
      service: refused,
      grant: refused,
      'another grant': refused,
      session: refused,
    });
    // An address that was given out before cannot be taken back: what comes by it is judged like any other.
    expect((await put(signed, CSV)).status).toBe(200);
    expect((await service.settled(signed.id)).state).toBe('accepted');
    expect((await admin('block', ...whose)).counts).toEqual({ unchanged: 1 });

    expect((await admin('unblock', ...whose)).counts).toEqual({ unblocked: 1 });
    expect(await answers()).toEqual({ service: 201, grant: 201, 'another grant': 201, session: 200 });
  });

  test('exports more files than a page has, into a folder after it was killed, and into a bucket', async () => {
    await using world = await setup();
    const { id } = await world.upload();
    const ids = [id, ...(await world.multiply(id, 149))];
    const argv = ['admin', 'export', ...world.whose, '--to', 'out', '--stack', world.stack.stackName];
    const child = spawn(process.execPath, [ENTRY, ...argv], {
      cwd: world.folder,
      env: {
        PATH: process.env.PATH,
        HOME: world.folder,
        AWS_ENDPOINT_URL: world.stack.endpoint,
        AWS_REGION: world.stack.region,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // The first page is done.
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(await readdir(join(world.folder, 'out'))).toContain('.sluice-export.json');

    const { code, counts, err } = await world.admin('export', ...world.whose, '--to', 'out');
    expect([code, err]).toEqual([0, expect.stringContaining('Goes on where it was stopped.')]);
    expect(counts.files).toBeLessThan(150);
    const rows = (await readFile(join(world.folder, 'out', 'uploads.ndjson'), 'utf8')).trim().split('\n');
    expect(rows.map((row) => JSON.parse(row).id).toSorted()).toEqual(ids.toSorted());
    for (const one of ids) expect(await readFile(join(world.folder, 'out', one, 'sizes.csv'))).toEqual(CSV);

    const Bucket = await world.bucket();
    const copied = await world.admin('export', ...world.whose, '--to', `s3://${Bucket}/nora`);
    expect([copied.code, copied.counts]).toEqual([0, { files: 150 }]);
    const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'nora/' }));
    expect(Contents.map(({ Key }) => Key).toSorted()).toEqual(
      ids.flatMap((one) => [`nora/files/${one}/sizes.csv`, `nora/rows/${one}.json`]).toSorted(),
    );
  });

  test('compares by reports of S3 Inventory, ends what is lost, and believes no report', async () => {
    await using world = await setup();
    const kept = await world.upload();
    const lost = await world.upload();
    const { buckets } = world.stack;
    const key = (await world.rowOf(lost.id)).key?.S ?? '';
    await world.s3.send(new DeleteObjectCommand({ Bucket: buckets.store, Key: key }));
    // As S3 would have seen the store when neither was there, and something else was.
    const list = async (bucket: string) => {
      const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key = '', Size = 0 }) => ({ key: Key, size: Size }));
    };
    const keptKey = (await world.rowOf(kept.id)).key?.S;
    const there = (await list(buckets.store)).filter((one) => one.key !== keptKey);
    const gone = { key: `owners/${randomUUID()}`, size: 1 };
    const Bucket = await world.bucket();
    const publish = async (bucket: string, entries: { readonly key: string; readonly size: number }[]) => {
      const report = makeReport({ bucket, madeAt: Date.now(), entries, isOfVersions: true });
      for (const [Key, Body] of report.objects) {
        await world.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      }
      return ['--inventory', `s3://${Bucket}/${report.manifest}`];
    };
    const reports = [
      ...(await publish(buckets.store, [...there, gone])),
      ...(await publish(buckets.quarantine, await list(buckets.quarantine))),
      ...(await publish(buckets.incoming, [gone])),
    ];
    const found = await world.admin('reconcile', ...reports, '--missing', 'end', '--dry-run');
    expect([found.code, found.counts]).toEqual([
      0,
      expect.objectContaining({ 'changed since': 2, 'file missing': 1 }),
    ]);
    expect(found.lines).toContainEqual(expect.objectContaining({ id: lost.id, outcome: 'file missing' }));
    expect((await world.service.read(lost.id)).state).toBe('accepted');
    await world.admin('reconcile', ...reports, '--missing', 'end', '--repair', '--orphans', 'set-aside');
    expect((await world.service.read(lost.id)).state).toBe('deleted');
    expect((await world.service.read(kept.id)).state).toBe('accepted');
  });
});
