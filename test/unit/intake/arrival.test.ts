import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BODY_MAX_BYTES, parseArrivals, RECORDS_MAX } from '../../../src/lib/intake/arrival.ts';
import { MalformedNotification } from '../../../src/lib/intake/faults.ts';
import { POISON } from '../../corpus/poison.ts';

const BUCKET = 'sluice-incoming';

function record(encodedKey: string, changes: object = {}, object: object = {}) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: {
      bucket: { name: BUCKET },
      object: { key: encodedKey, size: 3, eTag: 'abc', sequencer: '0A', versionId: 'v1', ...object },
    },
    ...changes,
  };
}
function records(...list: readonly object[]) {
  return JSON.stringify({ Records: list });
}
function fromSns(message: string, changes: object = {}) {
  return JSON.stringify({
    Type: 'Notification',
    TopicArn: 'arn:aws:sns:x:1:t',
    Message: message,
    ...changes,
  });
}
function fromR2(key: string, changes: object = {}) {
  return JSON.stringify({
    account: '3f4b7e3dcab231cbfdaa90a6a28bd548',
    action: 'PutObject',
    bucket: BUCKET,
    object: { key, size: 3, eTag: 'abc' },
    eventTime: '2026-11-20T09:15:02.417Z',
    ...changes,
  });
}
function fromEventBridge(key: string, detailType = 'Object Created') {
  return JSON.stringify({
    source: 'aws.s3',
    'detail-type': detailType,
    detail: {
      bucket: { name: BUCKET },
      object: { key, size: 3, etag: 'abc', sequencer: '0A', 'version-id': 'v1' },
    },
  });
}

/** As S3 does it: a form field's encoding, in which `/` stays as it is. */
function encodeAsS3Does(key: string): string {
  return new URLSearchParams({ k: key }).toString().slice(2).replaceAll('%2F', '/');
}

// Keys are at most 1024 bytes of UTF-8; three bytes at most for a UTF-16 unit.
const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }).filter((text) => text.isWellFormed());

describe('parseArrivals', () => {
  test('finds one and the same arrival, whichever way the message came', () => {
    const arrival = { bucket: BUCKET, key: 'a b+c', versionId: 'v1' };
    const raw = records(record('a+b%2Bc'));
    for (const body of [raw, fromSns(raw), fromEventBridge('a b+c'), fromSns(fromEventBridge('a b+c'))]) {
      expect(parseArrivals(body)).toEqual([arrival]);
    }
  });

  test.each([
    ['t/0190', 't/0190'],
    ['a+b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['a%20b', 'a b'],
    ['100%25', '100%'],
    ['a%252Fb', 'a%2Fb'],
    ['caf%C3%A9', 'café'],
    ['%F0%9F%98%80', '😀'],
    ['e%CC%81', 'e\u0301'],
    ['..%2F..%2Fetc', '../../etc'],
    ['%00', '\0'],
    ['plain é', 'plain é'],
  ])('decodes the key %j of a record once, to %j', (encoded, decoded) => {
    expect(parseArrivals(records(record(encoded)))[0]?.key).toBe(decoded);
  });

  test('gives back any key that S3 can have, from records and from EventBridge', () => {
    fc.assert(
      fc.property(key, (name) => {
        expect(parseArrivals(records(record(encodeAsS3Does(name))))[0]?.key).toBe(name);
        expect(parseArrivals(fromEventBridge(name))[0]?.key).toBe(name);
        expect(parseArrivals(fromR2(name))[0]?.key).toBe(name);
      }),
    );
  });

  test('leaves a key of EventBridge as it is when it looks encoded', () => {
    expect(parseArrivals(fromEventBridge('a+b%20c'))[0]?.key).toBe('a+b%20c');
  });

  test.each(['Put', 'Post', 'Copy', 'CompleteMultipartUpload', 'SomethingNew'])(
    'takes ObjectCreated:%s',
    (how) => {
      expect(parseArrivals(records(record('k', { eventName: `ObjectCreated:${how}` })))).toHaveLength(1);
    },
  );

  test.each(['2.0', '2.1', '2.2', '2.3', '2.4', '2.6', '2.19'])('takes event version %s', (eventVersion) => {
    expect(parseArrivals(records(record('k', { eventVersion })))).toHaveLength(1);
  });

  test('takes the records of S3-compatible stores, which name themselves and the event in their own way', () => {
    const minio = record('k', { eventSource: 'minio:s3', eventName: 's3:ObjectCreated:Put' });
    expect(parseArrivals(records(minio))).toHaveLength(1);
  });

  // versitygw wrote null for the version of an object in a bucket without versions, and each of its records
  // was buried.
  test('takes null for a field that is not there', () => {
    const object = { versionId: null, eTag: null, size: null, sequencer: null };
    expect(parseArrivals(records(record('k', {}, object)))).toEqual([{ bucket: BUCKET, key: 'k' }]);
  });

  test.each(['PutObject', 'CopyObject', 'CompleteMultipartUpload'])('takes %s of Cloudflare R2', (action) => {
    expect(parseArrivals(fromR2('a+b', { action }))).toEqual([{ bucket: BUCKET, key: 'a+b' }]);
  });

  test.each(['DeleteObject', 'LifecycleDeletion', 'SomethingNew'])(
    'passes over %s of Cloudflare R2',
    (action) => {
      expect(parseArrivals(fromR2('k', { action, object: { key: 'k' } }))).toEqual([]);
    },
  );

  test.each([
    ['no action', { action: undefined, account: 'x' }],
    ['an action that is no text', { action: 1 }],
    ['no bucket', { bucket: undefined }],
    ['no object', { object: undefined }],
    ['a bucket that is an object', { bucket: { name: BUCKET } }],
    ['a key of 1025 bytes', { object: { key: 'k'.repeat(1025) } }],
  ])('refuses an event of Cloudflare R2 with %s', (_case, changes) => {
    expect(() => parseArrivals(fromR2('k', changes))).toThrow(MalformedNotification);
  });

  test.each([
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'LifecycleExpiration:Delete',
    'ObjectRestore:Completed',
    'ObjectTagging:Put',
    'ObjectAcl:Put',
    'IntelligentTiering',
    'ReducedRedundancyLostObject',
  ])('passes over %s and keeps the arrivals beside it', (eventName) => {
    expect(
      parseArrivals(records(record('gone', { eventName }), record('k'))).map((arrival) => arrival.key),
    ).toEqual(['k']);
  });

  test.each(['Object Deleted', 'Object Tags Added', 'Object Restore Completed'])(
    'passes over the EventBridge event %s',
    (type) => {
      expect(parseArrivals(fromEventBridge('k', type))).toEqual([]);
    },
  );

  test('finds no arrival in an s3:TestEvent, plain or through SNS', () => {
    const test = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: BUCKET });
    expect(parseArrivals(test)).toEqual([]);
    expect(parseArrivals(fromSns(test))).toEqual([]);
  });

  test.each([
    ['without any', {}],
    ['of forms that S3 does not give them', { size: '3', eTag: {}, sequencer: 1 }],
  ])('reads no size, ETag or sequencer, and takes a record %s', (_what, object) => {
    const bare = record('k', { s3: { bucket: { name: BUCKET }, object: { key: 'k', ...object } } });
    expect(parseArrivals(records(bare))).toEqual([{ bucket: BUCKET, key: 'k' }]);
  });

  test('ignores fields that it does not know, wherever they are', () => {
    const body = { Records: [{ ...record('k'), glacierEventData: {}, userIdentity: null }], extra: [1] };
    expect(parseArrivals(JSON.stringify(body))).toHaveLength(1);
  });

  test('takes up to 1000 records and 1 MiB, and refuses one more of either', () => {
    const many = (count: number) => records(...Array.from({ length: count }, () => record('k')));
    expect(parseArrivals(many(RECORDS_MAX))).toHaveLength(RECORDS_MAX);
    expect(() => parseArrivals(many(RECORDS_MAX + 1))).toThrow(MalformedNotification);
    const body = records(record('k'));
    expect(parseArrivals(body.padEnd(BODY_MAX_BYTES))).toHaveLength(1);
    expect(() => parseArrivals(body.padEnd(BODY_MAX_BYTES + 1))).toThrow('larger than 1 MiB');
    // Bytes, not characters.
    const wide = JSON.stringify({ Records: [], pad: 'é'.repeat(BODY_MAX_BYTES / 2) });
    expect(() => parseArrivals(wide)).toThrow('larger than 1 MiB');
  });

  test.each(POISON)('throws MalformedNotification for $kind', ({ body }) => {
    expect(() => parseArrivals(body)).toThrow(MalformedNotification);
  });

  test('never says in its error what the message said', () => {
    const secret = 'X-Amz-Signature=deadbeef';
    const bodies = [
      secret,
      JSON.stringify(secret),
      JSON.stringify({ [secret]: secret }),
      records(record(`${secret}%zz`)),
      records(record('k', { eventVersion: secret })),
      records(record('k', { eventSource: secret })),
      records(record('k', {}, { versionId: { secret } })),
      fromSns(secret),
      fromSns('{}', { Type: secret }),
    ];
    for (const body of bodies) {
      expect(() => parseArrivals(body)).toThrow(MalformedNotification);
      expect(() => parseArrivals(body)).not.toThrow(secret);
    }
  });

  test('either answers with arrivals or throws MalformedNotification, whatever JSON it is given', () => {
    const name = fc.constantFrom(
      'Records',
      'Type',
      'TopicArn',
      'Message',
      'Event',
      'detail-type',
      'source',
      'detail',
      'bucket',
      'object',
      's3',
      'key',
      'name',
      'eventName',
      'eventVersion',
      'eventSource',
      '__proto__',
    );
    const leaf = fc.oneof(
      fc.constantFrom(
        'Notification',
        's3:TestEvent',
        'aws.s3',
        'aws:s3',
        '2.1',
        'ObjectCreated:Put',
        'Object Created',
        '%',
        '',
      ),
      fc.oneof(fc.boolean(), fc.double(), fc.constant(null), fc.string({ maxLength: 8 })),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (message) => {
        try {
          for (const arrival of parseArrivals(JSON.stringify(message))) {
            expect(arrival.bucket).not.toBe('');
            expect(arrival.key).not.toBe('');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedNotification);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('takes a genuine message that lost or changed any one of its parts for malformed, or for the same arrival', () => {
    const body = records(record('k'));
    fc.assert(
      fc.property(fc.nat(body.length), fc.nat(5), fc.string({ maxLength: 3 }), (at, cut, put) => {
        try {
          expect(parseArrivals(body.slice(0, at) + put + body.slice(at + cut)).length).toBeLessThanOrEqual(1);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedNotification);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
