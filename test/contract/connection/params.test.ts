// What goes with the calls of a transfer, as a store takes it that keeps to it.
import { readFileSync } from 'node:fs';
import {
  CreateBucketCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { UploadFailedError } from '@sluice/connection/errors/operation';
import { copyObject } from '@sluice/connection/transfers/copy';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { noise } from './account.ts';
import { openStore as setup } from './store.ts';

const MIB = 2 ** 20;

describe('an object under a key of its own', () => {
  test.each([
    ['small', 1000],
    ['in parts', 9 * MIB],
  ])('that is %s comes back with that key alone, and is copied under another', async (_size, length) => {
    using s3 = await setup();
    const [SSECustomerKey, other] = [noise(32), noise(32)];
    const content = noise(length);
    await uploadBytes({ ...s3.place('k'), bytes: content, params: { SSECustomerKey } });

    await downloadFile({ ...s3.place('k'), path: s3.path('out'), params: { SSECustomerKey } });
    expect(readFileSync(s3.path('out')).equals(content)).toBe(true);
    await expect(downloadStream(s3.place('k'))).rejects.toMatchObject({ retryable: false });
    const wrong = downloadStream({ ...s3.place('k'), params: { SSECustomerKey: other } });
    await expect(wrong).rejects.toMatchObject({ retryable: false });

    for (const thresholdBytes of [1, MIB * MIB]) {
      await copyObject({
        client: s3.client,
        source: { bucket: s3.bucket, key: 'k' },
        target: { bucket: s3.bucket, key: 'copy' },
        params: { CopySourceSSECustomerKey: SSECustomerKey, SSECustomerKey: other },
        thresholdBytes,
      });
      const copied = { ...s3.place('copy'), path: s3.path('copy'), params: { SSECustomerKey: other } };
      await downloadFile(copied);
      expect(readFileSync(s3.path('copy')).equals(content)).toBe(true);
    }
  });

  test('is gone on with under the same key when its upload was interrupted', async () => {
    using s3 = await setup();
    const params = { SSECustomerKey: noise(32) };
    const content = noise(20 * MIB);
    const stop = new AbortController();
    const request = { ...s3.place('k'), bytes: content, concurrency: 1, params, onFailure: 'keep' as const };
    const failure = await uploadBytes({
      ...request,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    }).catch((error: unknown) => error);
    if (!(failure instanceof UploadFailedError) || failure.uploadId === undefined) throw failure;
    await uploadBytes({ ...request, resume: failure.uploadId });
    await downloadFile({ ...s3.place('k'), path: s3.path('out'), params });
    expect(readFileSync(s3.path('out')).equals(content)).toBe(true);
  });
});

// Uploads in parts and copies carry the same fields (test/unit/connection/params.test.ts); MiniStack keeps
// locks of plain PUTs alone.
test('an object is locked until a date, and held, from its first moment', async () => {
  using s3 = await setup();
  const bucket = `${s3.bucket}-locked`;
  await s3.client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const ObjectLockRetainUntilDate = new Date('2040-01-01T00:00:00Z');
  const params = {
    ObjectLockMode: 'GOVERNANCE',
    ObjectLockRetainUntilDate,
    ObjectLockLegalHoldStatus: 'ON',
  } as const;
  await uploadBytes({ client: s3.client, bucket, key: 'k', bytes: noise(10), params });
  const object = { Bucket: bucket, Key: 'k' };
  const { Retention } = await s3.client.send(new GetObjectRetentionCommand(object));
  expect(Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate: ObjectLockRetainUntilDate });
  const { LegalHold } = await s3.client.send(new GetObjectLegalHoldCommand(object));
  expect(LegalHold).toEqual({ Status: 'ON' });
});
