// Somebody with uploads in every state that there is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HeadObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { State } from '@sluice/contract/state';
import type { Owner } from '@sluice/contract/upload';
import type { Scene } from './scene.ts';
import { toNotification, unnotified } from './unnotified.ts';

const MiB = 1024 ** 2;
// As long as a worker's own.
const LEASE_MS = 20_000;
const DUE_MS = 2 * 3_600_000;

/** Makes some uploads of each state for somebody, and one in parts that nobody has completed. */
export async function fillEveryState(scene: Scene, owner: Owner, each: number): Promise<readonly string[]> {
  const { send, until, service } = scene;
  const accepted = await send(owner, 3 * each);
  const rejected = await send(owner, each, { bytes: () => '<!doctype html><script>1</script>' });
  const scanning = await send(owner, 2 * each, { policy: 'asked' });
  const [verifying, expired] = await unnotified(scene, async () => [
    await send(owner, each),
    await send(owner, each),
  ]);
  const [requested, aborted] = [await request(scene, owner, each), await request(scene, owner, each)];
  await until(accepted, 'accepted');
  await until(rejected, 'rejected');
  await until(scanning, 'scanning');
  const held = scanning.splice(0, each);
  for (const id of held) await moveTo(scene, id, 'held');
  const [deleted, recalled] = [accepted.splice(0, each), accepted.splice(0, each)];
  for (const id of [...deleted, ...aborted]) await service.delete(id);
  for (const id of recalled) await findHarm(scene, id);
  await until(recalled, 'recalled');
  for (const id of expired) await moveTo(scene, id, 'expired');
  const parts = await beginInParts(scene, owner);
  // The last ones: they are verified as soon as the leases are over.
  for (const id of verifying) await claim(scene, id);
  const all: Readonly<Record<State, readonly string[]>> = {
    requested: [...requested, parts],
    verifying,
    scanning,
    held,
    accepted,
    rejected,
    expired,
    aborted,
    deleted,
    recalled,
  };
  for (const [state, ids] of Object.entries(all)) await until(ids, state as State, 0);
  return Object.values(all).flat();
}

/** Asks to upload, and sends nothing. */
async function request({ service }: Scene, owner: Owner, count: number): Promise<string[]> {
  const file = { filename: 'never.csv', contentType: 'text/csv', size: 10, policy: 'data', owner };
  const uploads = await Promise.all(Array.from({ length: count }, () => service.request(file)));
  return uploads.map(({ id }) => id);
}

/** Sends the first part of a large file, and no other. */
async function beginInParts({ service, ledger, s3, stack }: Scene, owner: Owner): Promise<string> {
  const { id } = await service.request({
    filename: 'large.csv',
    contentType: 'text/csv',
    size: 50 * MiB,
    policy: 'data',
    transport: 'multipart',
    owner,
  });
  const upload = await ledger.read(id);
  await s3.send(
    new UploadPartCommand({
      Bucket: stack.buckets.incoming,
      Key: upload?.key,
      UploadId: upload?.multipart?.uploadId,
      PartNumber: 1,
      Body: Buffer.alloc(5 * MiB, 'a'),
    }),
  );
  return id;
}

/** Says of a file in the store what a scanner says that has new signatures. */
async function findHarm({ ledger, s3, sqs, stack }: Scene, uploadId: string): Promise<void> {
  const bucket = stack.buckets.store;
  const key = (await ledger.read(uploadId))?.key ?? '';
  const { ETag: etag, VersionId: versionId } = await s3.send(
    new HeadObjectCommand({ Bucket: bucket, Key: key }),
  );
  const result = {
    schema: 1,
    scanner: 'function',
    uploadId,
    bucket,
    key,
    versionId,
    etag,
    outcome: 'infected',
  };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: stack.queues.scanResults,
      MessageBody: JSON.stringify({ ...result, threats: ['New.Worm'] }),
    }),
  );
}

/** Takes an upload as a worker does that is killed then; its message comes again. */
async function claim({ ledger, sqs, stack }: Scene, id: string): Promise<void> {
  const now = Date.now();
  const key = (await ledger.read(id))?.key ?? '';
  const lease = { key, worker: randomUUID(), now, leaseEndsAt: now + LEASE_MS, dueAt: now + DUE_MS };
  assert.equal((await ledger.claim(id, lease)).kind, 'claimed');
  const MessageBody = toNotification(stack.buckets.incoming, key);
  await sqs.send(new SendMessageCommand({ QueueUrl: stack.queues.arrivals, MessageBody }));
}

/** What else would take hours: a scanner fails five times, or nothing arrives in time. */
async function moveTo({ ledger }: Scene, id: string, state: 'held' | 'expired'): Promise<void> {
  const upload = await ledger.read(id);
  assert.ok(upload);
  const now = Date.now();
  const changes = { dueAt: now + DUE_MS, ...(state === 'expired' && { settledAt: now }) };
  assert.ok((await ledger.move(upload, state, changes)).moved);
}
