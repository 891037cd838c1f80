import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createScannedObjects, ForeignBucket } from '../../../src/lib/aws/scanned-object.ts';
import { ObjectChanged, UnbelievableAnswer } from '../../../src/lib/upload/faults.ts';

const BYTES = Buffer.from('0123456789');
const OBJECT = { uploadId: 'u', bucket: 'incoming', key: 'k', versionId: 'v1', etag: 'e', size: 10 };

type Answer = {
  readonly body?: Buffer;
  readonly etag?: string;
  readonly range?: string;
  /** as a store answers that ignores Range */
  readonly isWhole?: boolean;
};

function setup(changes: Answer = {}, fault?: Error) {
  const client = new S3Client({ region: 'eu-central-1' });
  const s3 = mockClient(client);
  s3.on(GetObjectCommand).callsFake(async ({ Range }) => {
    if (fault) throw fault;
    const [, start = '0', end = '9'] = /^bytes=(\d+)-(\d+)$/.exec(Range ?? '') ?? [];
    if (changes.isWhole) {
      const Body = Readable.from([BYTES.subarray(0, 1), BYTES.subarray(1, 4), BYTES.subarray(4)]);
      return { ETag: '"e"', Body, ContentLength: 10, $metadata: { httpStatusCode: 200 } };
    }
    const body = changes.body ?? BYTES.subarray(Number(start), Number(end) + 1);
    return {
      ETag: `"${changes.etag ?? 'e'}"`,
      Body: Readable.from([body.subarray(0, 3), body.subarray(3)]),
      ContentLength: body.length,
      $metadata: { httpStatusCode: Range ? 206 : 200 },
      ...(Range && { ContentRange: changes.range ?? `bytes ${start}-${end}/10` }),
    };
  });
  const open = createScannedObjects(client, ['incoming', 'store']);
  const asked = () => s3.commandCalls(GetObjectCommand).map(({ args: [{ input }] }) => input);
  return { open, asked, object: open(OBJECT, new AbortController().signal) };
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read).toString();
}

test('reads the very version and ETag that were asked about, whole or a range of it', async () => {
  const { object, asked } = setup();
  expect(Buffer.from(await object.read({ start: 2, length: 5 })).toString()).toBe('23456');
  expect(await all(object.stream())).toBe('0123456789');
  expect(await all(object.stream(4, 8))).toBe('4567');
  const pinned = { Bucket: 'incoming', Key: 'k', VersionId: 'v1', IfMatch: '"e"' };
  expect(asked()).toEqual([{ ...pinned, Range: 'bytes=2-6' }, pinned, { ...pinned, Range: 'bytes=4-7' }]);
});

test.each([
  [2, 5, '23456'],
  [0, 3, '012'],
  [4, 6, '456789'],
])(
  'finds the bytes from %i on, %i of them, in the whole object of a store that ignores ranges',
  async (start, length, text) => {
    const { object } = setup({ isWhole: true });
    expect(Buffer.from(await object.read({ start, length })).toString()).toBe(text);
  },
);

test('asks for nothing where no bytes are wanted', async () => {
  const { object, asked } = setup();
  expect(await object.read({ start: 3, length: 0 })).toHaveLength(0);
  expect(await all(object.stream(5, 5))).toBe('');
  expect(asked()).toEqual([]);
});

test('opens no object of another bucket', () => {
  const { open } = setup();
  const signal = new AbortController().signal;
  expect(() => open({ ...OBJECT, bucket: 'elsewhere' }, signal)).toThrow(ForeignBucket);
});

test.each<[string, Answer, Error | undefined, new (...args: never[]) => Error]>([
  ['is of other bytes', { etag: 'f' }, undefined, ObjectChanged],
  ['begins later', { range: 'bytes 3-7/10' }, undefined, UnbelievableAnswer],
  ['has fewer bytes', { body: BYTES.subarray(0, 4) }, undefined, UnbelievableAnswer],
  ['is of an object of another size', { range: 'bytes 2-6/11' }, undefined, UnbelievableAnswer],
  [
    'says that the condition failed',
    {},
    Object.assign(new Error('412'), { $metadata: { httpStatusCode: 412 } }),
    ObjectChanged,
  ],
  [
    'says that there is no such version',
    {},
    Object.assign(new Error('404'), { $metadata: { httpStatusCode: 404 } }),
    ObjectChanged,
  ],
])('does not believe an answer that %s', async (_, changes, fault, error) => {
  await expect(setup(changes, fault).object.read({ start: 2, length: 5 })).rejects.toThrow(error);
});
