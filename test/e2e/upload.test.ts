import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, inject, test } from 'vitest';
import { rootOf } from '../contract/root.ts';
import { DISHONEST } from '../corpus/dishonest.ts';
import { HONEST } from '../corpus/honest.ts';
import { isTaken } from '../corpus/taken.ts';
import { apiOf, type Intent, post, put } from './api.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');
const CSV_INTENT = { contentType: 'text/csv', filename: 'sizes.csv' };
function sha256(bytes: Uint8Array) {
  return createHash('sha256').update(bytes).digest('base64');
}

function setup() {
  const stack = inject('stack');
  return { stack, alice: apiOf(stack.alice), bob: apiOf(stack.bob), s3: new S3Client(rootOf(stack)) };
}

function honest(name: string) {
  const file = HONEST.find((candidate) => candidate.name === name);
  if (!file) throw new Error(`the corpus has no ${name}`);
  return file;
}

describe('an honest file', () => {
  test.each(['picture.jpg', 'picture.png', 'paper.pdf', 'packed.zip', 'clip.mp4', 'rows.parquet'])(
    'such as %s is accepted by PUT and comes back byte for byte, as an attachment of its own type',
    async (name) => {
      const { alice } = setup();
      const { bytes, type } = honest(name);
      const requested = await alice.request({ contentType: type, filename: name }, bytes.length);
      expect((await put(requested, bytes)).status).toBe(200);
      expect(await alice.settled(requested.id)).toMatchObject({ state: 'accepted', servedType: type });
      const download = await alice.call('GET', `/uploads/${requested.id}/download`);
      expect(download.status).toBe(302);
      const file = await fetch(download.headers.get('location') ?? '');
      expect(Buffer.from(await file.arrayBuffer())).toEqual(Buffer.from(bytes));
      expect(file.headers.get('content-type')).toBe(type);
      expect(file.headers.get('content-disposition')).toContain(`attachment; filename="${name}"`);
    },
  );

  test('is accepted by a form as well', async () => {
    const { alice } = setup();
    const requested = await alice.request({ ...CSV_INTENT, transport: 'post' }, CSV.length);
    expect((await post(requested, CSV)).status).toBeLessThan(300);
    expect((await alice.settled(requested.id)).state).toBe('accepted');
  });

  test('with a declared checksum is accepted when S3 has found it true', async () => {
    const { alice } = setup();
    const checksum = { algorithm: 'sha256', value: sha256(CSV) };
    const requested = await alice.request({ ...CSV_INTENT, checksum }, CSV.length);
    expect((await put(requested, CSV)).status).toBe(200);
    expect((await alice.settled(requested.id)).state).toBe('accepted');
  });

  test('keeps nothing of the headers that its sender may have slipped in', async () => {
    const { alice, s3, stack } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    await put(requested, CSV, {
      'content-disposition': 'inline',
      'cache-control': 'public',
      'content-language': 'tlh',
    });
    await alice.settled(requested.id);
    const { sub } = JSON.parse(Buffer.from(stack.alice.idToken.split('.')[1] ?? '', 'base64url').toString());
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: stack.buckets.store, Key: `${sub}/${requested.id}` }),
    );
    expect(head).toMatchObject({
      ContentType: 'text/csv; charset=utf-8',
      Metadata: { 'upload-id': requested.id },
    });
    expect(head.ContentDisposition).toMatch(/^attachment/);
    expect(head.CacheControl).toBeUndefined();
    expect(head.ContentLanguage).toBeUndefined();
  });

  test('that says it is encoded is rejected, since a reader would see other bytes than were verified', async () => {
    const { alice } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    await put(requested, CSV, { 'content-encoding': 'gzip' });
    expect(await alice.settled(requested.id)).toMatchObject({ state: 'rejected', reason: 'content_encoded' });
  });
});

describe('a dishonest file', () => {
  const five = [
    ...new Map(
      DISHONEST.filter(
        ({ outcome, bytes, declared }) => outcome !== 'inert' && bytes.length > 0 && isTaken(declared),
      ).map((file) => [file.outcome, file]),
    ).values(),
  ];

  test.each(five.map((file) => [file.name, file] as const))(
    '(%s) is rejected with its reason, lies in quarantine and is never to be had',
    async (_name, { bytes, declared, outcome }) => {
      const { alice, s3, stack } = setup();
      const requested = await alice.request({ contentType: declared }, bytes.length);
      expect((await put(requested, bytes)).status).toBe(200);
      expect(await alice.settled(requested.id)).toMatchObject({ state: 'rejected', reason: outcome });
      const download = await alice.call('GET', `/uploads/${requested.id}/download`);
      expect(await alice.problem(download)).toMatchObject({
        code: 'upload_rejected',
        status: 410,
        reason: outcome,
      });
      const { sub } = JSON.parse(
        Buffer.from(stack.alice.idToken.split('.')[1] ?? '', 'base64url').toString(),
      );
      const at = (Bucket: string) => s3.send(new GetObjectCommand({ Bucket, Key: `${sub}/${requested.id}` }));
      await expect(at(stack.buckets.quarantine)).resolves.toMatchObject({
        ContentType: 'application/octet-stream',
        Metadata: { reason: outcome },
      });
      await expect(at(stack.buckets.store)).rejects.toMatchObject({ name: 'NoSuchKey' });
    },
  );
});

describe('S3 itself refuses', () => {
  test('a PUT of one byte more or less than declared', async () => {
    const { alice } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    for (const bytes of [CSV.subarray(1), Buffer.concat([CSV, Buffer.from('x')])]) {
      expect((await put(requested, bytes)).status).toBe(403);
    }
    expect((await alice.read(requested.id)).state).toBe('requested');
  });

  test('a PUT of another type, or without the header that makes it happen only once', async () => {
    const { alice } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    expect((await put(requested, CSV, { 'content-type': 'text/html' })).status).toBe(403);
    expect((await put(requested, CSV, { 'if-none-match': '"x"' })).status).toBe(403);
  });

  test('a PUT whose bytes do not have the declared checksum', async () => {
    const { alice } = setup();
    const checksum = { algorithm: 'sha256', value: sha256(Buffer.from('other')) };
    const requested = await alice.request({ ...CSV_INTENT, checksum }, CSV.length);
    expect((await put(requested, CSV)).status).toBe(400);
  });

  test('a URL with its key, bucket, expiry or signature changed', async () => {
    const { alice } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    const url = requested.put?.url ?? '';
    const other = await alice.request(CSV_INTENT, CSV.length);
    for (const changed of [
      url.replace(requested.id, other.id),
      url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=604800'),
      url.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ]) {
      const response = await put(
        { ...requested, put: { url: changed, headers: requested.put?.headers ?? {} } },
        CSV,
      );
      expect(response.status, changed).toBe(403);
    }
  });

  test('all but one of 50 uses of the same URL at the same time', async () => {
    const { alice } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    const responses = await Promise.all(Array.from({ length: 50 }, () => put(requested, CSV)));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(
      statuses.filter((status) => status !== 200).every((status) => status === 412 || status === 409),
    ).toBe(true);
  });

  test('a form with any field changed, and a file that is a byte too long or too short', async () => {
    const { alice } = setup();
    const requested = await alice.request({ ...CSV_INTENT, transport: 'post' }, CSV.length);
    const changes = [
      { key: `${requested.post?.fields.key}x` },
      { 'Content-Type': 'text/html' },
      { 'content-type': 'text/html' },
      { policy: Buffer.from('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}').toString('base64') },
      { 'x-amz-signature': '0'.repeat(64) },
      { success_action_redirect: 'https://evil.example/' },
      { acl: 'public-read' },
    ];
    for (const change of changes) {
      const name = Object.keys(change)[0] ?? '';
      const isNew = !Object.hasOwn(requested.post?.fields ?? {}, name);
      const { status } = await post(requested, CSV, change);
      expect(status, `${name}${isNew ? ' added' : ' changed'}`).toBeGreaterThanOrEqual(400);
    }
    expect((await post(requested, CSV.subarray(1))).status).toBe(400);
    expect((await post(requested, Buffer.concat([CSV, CSV]))).status).toBe(400);
    expect((await alice.read(requested.id)).state).toBe('requested');
  });
});

describe('a late PUT with a URL that was used before', () => {
  test('never changes the bytes that were accepted', async () => {
    const { alice } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    await put(requested, CSV);
    await alice.settled(requested.id);
    const late = Buffer.from('EVIL,evil\nevil!,3\n');
    expect((await put(requested, late)).status).toBe(200); // the original has been moved away: S3 cannot know
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const download = await alice.call('GET', `/uploads/${requested.id}/download`);
    const file = await fetch(download.headers.get('location') ?? '');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(CSV);
  });
});

describe('a form that is posted again and again', () => {
  test('has its first bytes judged and stored, and the others removed', async () => {
    const { alice, s3, stack } = setup();
    const requested = await alice.request({ ...CSV_INTENT, transport: 'post' }, CSV.length);
    const others = Array.from({ length: 8 }, (_, at) => Buffer.from(CSV.toString().replace('3', String(at))));
    expect((await post(requested, CSV)).status).toBeLessThan(300);
    for (const bytes of others) await post(requested, bytes);
    expect((await alice.settled(requested.id)).state).toBe('accepted');
    const download = await alice.call('GET', `/uploads/${requested.id}/download`);
    const file = await fetch(download.headers.get('location') ?? '');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(CSV);
    const Key = requested.post?.fields.key ?? '';
    await expect
      .poll(
        () =>
          s3
            .send(new ListObjectVersionsCommand({ Bucket: stack.buckets.incoming, Prefix: Key }))
            .then(({ Versions = [], DeleteMarkers = [] }) => [...Versions, ...DeleteMarkers].length),
        { timeout: 30_000 },
      )
      .toBe(0);
  });
});

describe('an object that nobody requested', () => {
  test('is set aside in quarantine and accepted by nobody', async () => {
    const { s3, stack } = setup();
    const key = `stray/${crypto.randomUUID()} ü+&.csv`;
    const { ETag } = await s3.send(
      new PutObjectCommand({ Bucket: stack.buckets.incoming, Key: key, Body: CSV }),
    );
    const named = JSON.stringify([key, ETag?.replaceAll('"', '')]);
    const aside = `unrequested/${createHash('sha256').update(named).digest('hex')}`;
    await expect
      .poll(
        () =>
          s3
            .send(new HeadObjectCommand({ Bucket: stack.buckets.quarantine, Key: aside }))
            .catch(() => undefined),
        {
          timeout: 30_000,
        },
      )
      .toMatchObject({ ContentType: 'application/octet-stream', Metadata: { reason: 'unrequested' } });
  });
});

describe('a message that is no notification', () => {
  test('does not keep its neighbours from being verified', async () => {
    const { alice, stack } = setup();
    const sqs = new SQSClient(rootOf(stack));
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: stack.queues.arrivals,
        MessageBody: '{"Records":[{"poison":true}]}',
      }),
    );
    const requested = await alice.request(CSV_INTENT, CSV.length);
    await put(requested, CSV);
    expect((await alice.settled(requested.id)).state).toBe('accepted');
  });
});

describe('a multipart upload', () => {
  const MiB = 1024 ** 2;

  test('arrives in parts of its planned length, is completed and accepted', async () => {
    const { alice } = setup();
    const bytes = Buffer.from(`a,b\n${'1,2\n'.repeat((9 * MiB) / 4)}`);
    const intent: Intent = { ...CSV_INTENT, transport: 'multipart' };
    const requested = await alice.request(intent, bytes.length);
    const { partCount, partSize, parts } = requested.multipart ?? { partCount: 0, partSize: 0, parts: [] };
    expect([partCount, partSize]).toEqual([2, 8 * MiB]);

    const second = bytes.subarray(partSize);
    const wrong = await fetch(parts[1]?.url ?? '', { method: 'PUT', body: second.subarray(1) });
    expect(wrong.status).toBe(403);
    expect((await fetch(parts[1]?.url ?? '', { method: 'PUT', body: second })).status).toBe(200);
    const early = await alice.call('POST', `/uploads/${requested.id}/complete`);
    expect(await alice.problem(early)).toMatchObject({ code: 'parts_missing' });

    // Another device goes on: it lists what arrived, and has the missing part signed.
    const listed = await (await alice.call('GET', `/uploads/${requested.id}/parts`)).json();
    expect(listed).toMatchObject({ partCount: 2, parts: [{ partNumber: 2, size: second.length }] });
    const signed = await (
      await alice.call('POST', `/uploads/${requested.id}/parts`, { parts: [{ partNumber: 1 }] })
    ).json();
    const first = (signed as { parts: { url: string }[] }).parts[0]?.url ?? '';
    expect((await fetch(first, { method: 'PUT', body: bytes.subarray(0, partSize) })).status).toBe(200);

    expect((await alice.call('POST', `/uploads/${requested.id}/complete`)).status).toBe(200);
    expect((await alice.call('POST', `/uploads/${requested.id}/complete`)).status).toBe(200);
    expect((await alice.settled(requested.id)).state).toBe('accepted');
  });

  test('signs every part at once in the compact form, and each URL works', async () => {
    const { alice } = setup();
    const bytes = Buffer.from(`a,b\n${'1,2\n'.repeat((9 * MiB) / 4)}`);
    const requested = await alice.request({ ...CSV_INTENT, transport: 'multipart' }, bytes.length);
    const { prefix, suffix, signatures } = (await (
      await alice.call('POST', `/uploads/${requested.id}/parts`, { format: 'compact' })
    ).json()) as { prefix: string; suffix: string; signatures: string[] };
    expect(signatures).toHaveLength(2);
    for (const [index, signature] of signatures.entries()) {
      const body = bytes.subarray(index * 8 * MiB, (index + 1) * 8 * MiB);
      const { status } = await fetch(`${prefix}${index + 1}${suffix}${signature}`, { method: 'PUT', body });
      expect(status).toBe(200);
    }
  });

  test('that is aborted by its owner takes no more parts', async () => {
    const { alice } = setup();
    const requested = await alice.request({ ...CSV_INTENT, transport: 'multipart' }, 9 * MiB);
    const url = requested.multipart?.parts[0]?.url ?? '';
    expect((await alice.call('DELETE', `/uploads/${requested.id}`)).status).toBe(204);
    expect((await fetch(url, { method: 'PUT', body: Buffer.alloc(8 * MiB) })).status).toBe(404);
    expect((await alice.read(requested.id)).state).toBe('aborted');
  });
});
