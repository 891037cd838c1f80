import { setTimeout as delay } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { createS3Client } from '@sluice/connection/clients/s3';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { describe, expect, inject, test } from 'vitest';
import { DISHONEST } from '../corpus/dishonest.ts';
import { HONEST } from '../corpus/honest.ts';
import { isTaken } from '../corpus/taken.ts';
import { apiOf, post, put } from '../e2e/api.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');
const CSV_INTENT = { contentType: 'text/csv', filename: 'sizes.csv' };

// What each file is judged to be is shown elsewhere; here, that the whole path leads through another S3.
const ONE_OF_EACH_TYPE = firstOfEach(
  HONEST.filter(({ name, type }) => isTaken(type) && /^[\w.]+$/.test(name)),
  ({ type }) => type,
);
const ONE_FOR_EACH_REASON = firstOfEach(
  DISHONEST.filter(
    ({ declared, outcome, bytes }) => isTaken(declared) && outcome !== 'inert' && bytes.length > 0,
  ),
  ({ outcome }) => outcome,
);

function firstOfEach<Item>(items: readonly Item[], kindOf: (item: Item) => string): Item[] {
  return [...new Map(items.toReversed().map((item) => [kindOf(item), item])).values()];
}

function setup() {
  const stack = inject('stack');
  const other = inject('otherS3');
  const s3 = createS3Client(
    resolveSettings({ code: { endpoint: other.endpoint, region: 'us-east-1', ...other.keys } }),
  );
  const { sub } = JSON.parse(Buffer.from(stack.alice.idToken.split('.')[1] ?? '', 'base64url').toString());
  const keyOf = (id: string) => `${sub}/${id}`;
  /** Tells of an object as a store would that pushes its notifications. */
  const push = (notification: unknown, secret: string = other.pushSecret) =>
    fetch(`${stack.apiUrl}/arrivals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(notification),
    });
  return { stack, other, s3, keyOf, push, alice: apiOf(stack.alice) };
}

/** Where the object of an upload is, of the three buckets. */
async function placesOf(id: string): Promise<string[]> {
  const { stack, s3, keyOf } = setup();
  const found: string[] = [];
  for (const [place, Bucket] of Object.entries(stack.buckets)) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: keyOf(id) }));
    if (Contents.length > 0) found.push(place);
  }
  return found;
}

describe('a file that is sent to another S3', () => {
  test.each(ONE_OF_EACH_TYPE)(
    'such as $name is accepted by PUT and comes back byte for byte',
    async ({ name, type, bytes }) => {
      const { alice, other } = setup();
      const requested = await alice.request({ contentType: type, filename: name }, bytes.length);
      expect(requested.put?.url.startsWith(`${other.publicEndpoint}/sluice-incoming/`)).toBe(true);
      expect((await put(requested, bytes)).status).toBe(200);
      expect(await alice.settled(requested.id)).toMatchObject({ state: 'accepted' });
      expect(await placesOf(requested.id)).toEqual(['store']);

      const download = await alice.call('GET', `/uploads/${requested.id}/download`);
      const url = download.headers.get('location') ?? '';
      expect(url.startsWith(`${other.publicEndpoint}/sluice-store/`)).toBe(true);
      const answer = await fetch(url);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(bytes));
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    },
  );

  test.each(ONE_FOR_EACH_REASON)(
    'such as $name is rejected, and lies in quarantine alone',
    async ({ name, declared, bytes, outcome }) => {
      const { alice } = setup();
      const requested = await alice.request({ contentType: declared, filename: 'a-file' }, bytes.length);
      expect((await put(requested, bytes)).status, name).toBe(200);
      expect(await alice.settled(requested.id)).toMatchObject({ state: 'rejected', reason: outcome });
      expect(await placesOf(requested.id)).toEqual(['quarantine']);
      expect((await alice.call('GET', `/uploads/${requested.id}/download`)).status).toBe(410);
    },
  );

  test('is refused there with another length, another type and a second time', async () => {
    const { alice } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    expect((await put(requested, Buffer.concat([CSV, CSV]))).status).toBe(403);
    expect((await put(requested, CSV, { 'content-type': 'text/html' })).status).toBe(403);
    expect((await put(requested, CSV)).status).toBe(200);
    expect((await alice.settled(requested.id)).state).toBe('accepted');
  });

  test('in parts is put together, accepted and deleted', async () => {
    const { alice } = setup();
    const bytes = Buffer.alloc(11 * 1024 ** 2, 'row,1\n');
    const requested = await alice.request({ ...CSV_INTENT, transport: 'multipart' }, bytes.length);
    const { partSize = 0, parts = [] } = requested.multipart ?? {};
    for (const { partNumber, url } of parts) {
      const body = bytes.subarray((partNumber - 1) * partSize, partNumber * partSize);
      expect((await fetch(url, { method: 'PUT', body })).status).toBe(200);
    }
    expect((await alice.call('POST', `/uploads/${requested.id}/complete`, {})).status).toBe(200);
    expect((await alice.settled(requested.id)).state).toBe('accepted');
    expect((await alice.call('DELETE', `/uploads/${requested.id}`)).status).toBe(204);
    expect(await placesOf(requested.id)).toEqual([]);
  });

  test('by a form is taken there, and verified once somebody tells of it: versitygw names no key of a form', async () => {
    const { alice, stack, other, keyOf, push } = setup();
    const requested = await alice.request({ ...CSV_INTENT, transport: 'post' }, CSV.length);
    expect((await post(requested, CSV)).status).toBeLessThan(300);
    if (!other.namesForms) {
      // By PUT the verdict is in long before. The sweep would find the file when its time is over.
      await delay(3_000);
      expect((await alice.read(requested.id)).state).toBe('requested');
      const answer = await push({
        account: 'of nobody',
        action: 'PutObject',
        bucket: stack.buckets.incoming,
        object: { key: keyOf(requested.id) },
      });
      expect(await answer.json()).toEqual({ announced: 1 });
    }
    expect((await alice.settled(requested.id)).state).toBe('accepted');
  });
});

describe('POST /arrivals', () => {
  const created = (key: string, bucket: string) => ({
    Records: [
      {
        eventVersion: '2.0',
        eventSource: 'minio:s3',
        eventName: 's3:ObjectCreated:Put',
        s3: { bucket: { name: bucket }, object: { key } },
      },
    ],
  });

  test('refuses who does not know the secret, and says so', async () => {
    const { push, alice, stack } = setup();
    const answer = await push(created('k', stack.buckets.incoming), 'x'.repeat(64));
    expect(answer.status).toBe(403);
    expect(await alice.problem(answer)).toMatchObject({ code: 'push_secret_wrong' });
  });

  test('refuses what is no notification, and says so', async () => {
    const { push, alice } = setup();
    const answer = await push({ hello: 'world' });
    expect(answer.status).toBe(422);
    expect(await alice.problem(answer)).toMatchObject({ code: 'notification_invalid' });
  });

  test('takes what is told of a bucket that it does not wait for, and queues nothing', async () => {
    const { push, stack } = setup();
    const answer = await push(created('k', stack.buckets.store));
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ announced: 0 });
  });

  test('may be told the same ten times at once: the file is accepted once', async () => {
    const { push, stack, alice, keyOf } = setup();
    const requested = await alice.request(CSV_INTENT, CSV.length);
    expect((await put(requested, CSV)).status).toBe(200);
    const told = await Promise.all(
      Array.from({ length: 10 }, () => push(created(keyOf(requested.id), stack.buckets.incoming))),
    );
    expect(told.map(({ status }) => status)).toEqual(Array(10).fill(202));
    expect((await alice.settled(requested.id)).state).toBe('accepted');
    expect(await placesOf(requested.id)).toEqual(['store']);
  });
});

describe('a page', () => {
  test('of the console may talk to that S3, by the address that clients reach it at, and to no other', async () => {
    const { stack, other } = setup();
    const policy = (await fetch(stack.consoleUrl)).headers.get('content-security-policy') ?? '';
    const [connect] = /connect-src [^;]+/.exec(policy) ?? [];
    expect(connect?.split(' ')).toContain(other.publicEndpoint);
    expect(policy).not.toContain(other.endpoint);
    expect(policy).not.toContain('amazonaws');
  });

  test.each(['incoming', 'store'] as const)('gets past the CORS of %s', async (place) => {
    const { stack, other } = setup();
    const answer = await fetch(`${other.publicEndpoint}/${stack.buckets[place]}/any`, {
      method: 'OPTIONS',
      headers: {
        origin: new URL(stack.apiUrl).origin,
        'access-control-request-method': place === 'incoming' ? 'PUT' : 'GET',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(answer.ok).toBe(true);
    const allowed = answer.headers.get('access-control-allow-origin');
    expect([new URL(stack.apiUrl).origin, '*']).toContain(allowed);
  });
});
