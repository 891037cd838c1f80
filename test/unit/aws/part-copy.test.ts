import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { copyByParts } from '../../../src/lib/aws/part-copy.ts';
import { CopyUnfinished } from '../../../src/lib/upload/faults.ts';

const MiB = 1024 ** 2;
const PART = 64 * MiB;

/** A copy of `parts` parts, of which a run before has copied `done`. */
function setup({
  parts,
  done = [],
}: {
  parts: number;
  done?: readonly { PartNumber: number; Size: number }[];
}) {
  const client = new S3Client({ region: 'eu-central-1' });
  const s3 = mockClient(client);
  const uploads = done.length > 0 ? [{ Key: 'k', UploadId: 'U1', Initiated: new Date(5_000) }] : [];
  s3.on(ListMultipartUploadsCommand).resolves({ Uploads: uploads });
  s3.on(HeadObjectCommand).rejects(Object.assign(new Error(), { $metadata: { httpStatusCode: 404 } }));
  s3.on(HeadObjectCommand, { Bucket: 'from' }).resolves({ ETag: '"s"' });
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'U1' });
  // As AWS answers: a marker, though nothing follows.
  s3.on(ListPartsCommand).resolves({
    Parts: done.map((part) => ({ ...part, ETag: `"e${part.PartNumber}"` })),
    NextPartNumberMarker: String(done.at(-1)?.PartNumber ?? 0),
    IsTruncated: false,
  });
  s3.on(CompleteMultipartUploadCommand).resolves({ ETag: '"whole-1"' });
  s3.on(AbortMultipartUploadCommand).resolves({});
  const onPart = (answer: (input: UploadPartCopyCommandInput) => Promise<unknown> | unknown) =>
    s3.on(UploadPartCopyCommand).callsFake(answer);
  onPart(({ PartNumber }) => ({ CopyPartResult: { ETag: `"e${PartNumber}"` } }));
  const copy = (signal = new AbortController().signal) =>
    copyByParts(
      client,
      {
        source: {
          bucket: 'from',
          key: 'k',
          facts: { size: parts * PART, etag: 's', modifiedAt: 0, metadata: {}, checksums: {} },
        },
        target: { Bucket: 'to', Key: 'k' },
        isConditional: true,
      },
      signal,
    );
  const copied = () =>
    s3.commandCalls(UploadPartCopyCommand).map(({ args: [{ input }] }) => input.PartNumber);
  return { s3, copy, copied, onPart };
}

test('lists the parts of a copy once where the list ends with a marker, as that of AWS does', async () => {
  const { s3, copy, copied } = setup({ parts: 3, done: [{ PartNumber: 2, Size: PART }] });
  await copy();
  expect(s3.commandCalls(ListPartsCommand)).toHaveLength(1);
  expect(copied()).toEqual([1, 3]);
});

test('begins no other part once one has failed', async () => {
  const { copy, copied, onPart } = setup({ parts: 400 });
  let failed = false;
  let begunAfterwards = 0;
  onPart(async ({ PartNumber }) => {
    if (failed) begunAfterwards += 1;
    if (PartNumber === 20) {
      failed = true;
      throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    }
    await new Promise((resolve) => setTimeout(resolve, PartNumber === 21 ? 30 : 1));
    return { CopyPartResult: { ETag: '"e"' } };
  });
  await expect(copy()).rejects.toMatchObject({ name: 'AccessDenied' });
  // All are at rest when the failure is told: nothing goes on behind the next run's back.
  expect(begunAfterwards).toBe(0);
  const before = copied().length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(copied()).toHaveLength(before);
  expect(before).toBeLessThan(60);
});

test('aborts the calls under way when one has failed', async () => {
  const { s3, copy, onPart } = setup({ parts: 16 });
  onPart(async ({ PartNumber }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (PartNumber === 1) throw new Error('no');
    return { CopyPartResult: { ETag: '"e"' } };
  });
  await expect(copy()).rejects.toThrow('no');
  const signals = s3.commandCalls(UploadPartCopyCommand).map(({ args }) => {
    const [, options]: readonly unknown[] = args;
    return Object(options).abortSignal?.aborted;
  });
  expect(signals).toEqual(Array.from({ length: 16 }, () => true));
});

test('copies a part again whose length is not the one it is to have', async () => {
  const done = [
    { PartNumber: 1, Size: PART },
    { PartNumber: 2, Size: PART / 2 },
    { PartNumber: 9, Size: PART },
  ];
  const { s3, copy, copied } = setup({ parts: 3, done });
  await copy();
  expect(copied()).toEqual([2, 3]);
  const { MultipartUpload, MpuObjectSize } =
    s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input ?? {};
  expect(MultipartUpload?.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1, 2, 3]);
  expect(MpuObjectSize).toBe(3 * PART);
});

test('fails when S3 does not say what it made of a part', async () => {
  const { s3, copy, onPart } = setup({ parts: 2 });
  onPart(() => ({}));
  await expect(copy()).rejects.toThrow('has no ETag');
  expect(s3.commandCalls(CompleteMultipartUploadCommand)).toEqual([]);
});

test('is unfinished when its time is over after a part, and a failure when it is over before one', async () => {
  const { copy, onPart, copied } = setup({ parts: 40 });
  const stop = new AbortController();
  onPart(({ PartNumber }) => {
    if (PartNumber === 3) stop.abort();
    return { CopyPartResult: { ETag: '"e"' } };
  });
  await expect(copy(stop.signal)).rejects.toBeInstanceOf(CopyUnfinished);
  expect(copied().length).toBeLessThanOrEqual(16);
  await expect(copy(AbortSignal.abort())).rejects.not.toBeInstanceOf(CopyUnfinished);
});

test('leaves the completion to the next run when its time is over with the last part', async () => {
  const { s3, copy, onPart } = setup({ parts: 3 });
  const stop = new AbortController();
  onPart(({ PartNumber }) => {
    if (PartNumber === 3) stop.abort();
    return { CopyPartResult: { ETag: '"e"' } };
  });
  await expect(copy(stop.signal)).rejects.toThrow('3 of 3 parts are copied');
  expect(s3.commandCalls(CompleteMultipartUploadCommand)).toEqual([]);
});

test('copies nothing where a run that died has completed the copy already', async () => {
  const { s3, copy, copied } = setup({ parts: 400 });
  s3.on(HeadObjectCommand).resolves({ ContentLength: 1 });
  expect(await copy()).toBe('taken');
  expect([copied(), s3.commandCalls(CreateMultipartUploadCommand)]).toEqual([[], []]);
});

test.each([
  [1, 1],
  [10, 10],
  [10_000, 10_000],
])('a copy of %i times 64 MiB has %i parts', async (parts, expected) => {
  const { copy, copied } = setup({ parts });
  await copy();
  expect(copied()).toHaveLength(expected);
});

// Some stores know no condition on the source of a copy: the parts are of whatever was there.
test('assembles no parts of two objects where the source was overwritten or removed and the store did not say so', async () => {
  const overwritten = setup({ parts: 2 });
  overwritten.s3.on(HeadObjectCommand, { Bucket: 'from' }).resolves({ ETag: '"other"' });
  const removed = setup({ parts: 2 });
  const missing = Object.assign(new Error(), { $metadata: { httpStatusCode: 404 } });
  removed.s3.on(HeadObjectCommand, { Bucket: 'from' }).rejects(missing);
  for (const { s3, copy } of [overwritten, removed]) {
    await expect(copy()).rejects.toMatchObject({ name: 'ObjectChanged' });
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toEqual([]);
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  }
});
