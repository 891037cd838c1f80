import { randomUUID } from 'node:crypto';
import { SINGLE_UPLOAD_MAX_BYTES } from '@sluice/contract/part-plan';
import { describe, expect, test } from 'vitest';
import type { UploadGrant } from '../../../src/lib/grant/grant.ts';
import type { Intent } from '../../../src/lib/upload/intent.ts';
import type { Policy } from '../../../src/lib/upload/policy.ts';
import { requestUpload, type Signer } from '../../../src/lib/upload/request.ts';
import { policies } from '../../../src/policies.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

const CALLER = { tenant: 'acme', subject: 'ada' };
const { readers: _shipped, ...images } = policies.images as Policy;

function setup(changes: Partial<Intent> = {}) {
  const ledger = createMemoryLedger();
  const multipart = createMemoryMultipart(createMemoryObjects());
  let now = 1_000_000;
  let ids = 0;
  const signed: { key: string; seconds: number }[] = [];
  const sign: Signer = async ({ key }, seconds, signedAt) => {
    signed.push({ key, seconds });
    return {
      signature: { put: { url: `https://s3/${key}`, method: 'PUT', headers: {} } },
      expiresAt: new Date(signedAt.getTime() + seconds * 1000),
    };
  };
  const deps = {
    ledger,
    sign,
    multipart: async () => multipart,
    policies: {
      ...policies,
      sealed: {
        ...policies.images,
        title: 'Sealed',
        checksum: 'required' as const,
        metadataKeys: ['case'],
      } as typeof policies.images & {},
      secret: { ...images },
      news: { ...images, readers: { allowed: ['tenant', 'anyone'], default: 'anyone' } },
    },
    now: () => now,
    newId: (): string => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    expiryGraceInSeconds: 60,
  };
  const intent: Intent = {
    filename: 'photo.jpg',
    contentType: 'image/jpeg',
    size: 3,
    metadata: {},
    ...changes,
  };
  return {
    ledger,
    multipart,
    deps,
    signed,
    intent,
    pass: (ms: number) => {
      now += ms;
    },
    request: (idempotencyKey?: string, change: Partial<Intent> = {}, caller = CALLER) =>
      requestUpload(
        deps as Parameters<typeof requestUpload>[0],
        caller,
        { ...intent, ...change },
        {
          correlationId: 'r-1',
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        },
      ),
  };
}

describe('a request that the policy takes', () => {
  test('is recorded as requested, due after its URL has expired and the grace is over', async () => {
    const { request, ledger } = setup();
    const { upload } = await request();
    expect(ledger.rows.get(upload.id)?.upload).toEqual(upload);
    expect(upload).toMatchObject({ state: 'requested', epoch: 0, policy: 'images', correlationId: 'r-1' });
    expect(upload.dueAt).toBe(upload.expiresAt + 60_000);
  });

  test('is signed for a key of the caller’s own tenant, for as long as the policy says', async () => {
    const { request, signed } = setup();
    const { upload } = await request();
    expect(signed).toEqual([{ key: `acme/${upload.id}`, seconds: 900 }]);
  });

  test('takes the first policy for its type when it names none', async () => {
    const { request } = setup({ contentType: 'application/zip', filename: 'a.zip' });
    expect((await request()).upload.policy).toBe('archives');
  });
});

describe('a request that no policy takes', () => {
  const GIB = 1024 ** 3;
  test.each([
    ['policy_unknown', { policy: 'nope' }, 'policy'],
    ['policy_unknown', { policy: 'constructor' }, 'policy'],
    ['type_not_allowed', { contentType: 'text/html' }, 'contentType'],
    ['type_not_allowed', { contentType: 'text/csv', policy: 'images' }, 'contentType'],
    ['filename_invalid', { filename: 'a\u202egnp.exe' }, 'filename'],
    ['filename_unsafe', { filename: 'photo.exe' }, 'filename'],
    ['filename_unsafe', { filename: '.htaccess' }, 'filename'],
    ['extension_mismatch', { filename: 'photo.gif' }, 'filename'],
    ['size_below_minimum', { size: 0 }, 'size'],
    ['size_over_limit', { size: 25 * 1024 ** 2 + 1 }, 'size'],
    ['size_over_limit', { filename: 'a.csv', contentType: 'text/csv', size: 5 * GIB + 1 }, 'size'],
    [
      'multipart_required',
      { filename: 'a.mp4', contentType: 'video/mp4', size: 5 * GIB + 1, transport: 'put' },
      'transport',
    ],
    [
      'multipart_empty',
      { filename: 'a.csv', contentType: 'text/csv', size: 0, transport: 'multipart' },
      'transport',
    ],
    ['checksum_required', { policy: 'sealed' }, 'checksum'],
    ['readers_not_allowed', { readers: 'anyone' }, 'readers'],
    ['readers_not_allowed', { policy: 'secret', readers: 'tenant' }, 'readers'],
    [
      'metadata_key_unknown',
      { policy: 'sealed', checksum: { algorithm: 'crc32', value: 'AAAAAA==' }, metadata: { other: 'x' } },
      'metadata.other',
    ],
  ] as const)('is refused as %s for %j, and nothing is recorded', async (code, change, field) => {
    const { request, ledger } = setup();
    await expect(request(undefined, change as Partial<Intent>)).rejects.toMatchObject({
      code,
      extras: { field },
    });
    expect(ledger.rows.size).toBe(0);
  });

  test('says by how much, in sizes that people read', async () => {
    const { request } = setup();
    await expect(request(undefined, { size: 30_000_000 })).rejects.toThrow(
      'The file has 28.6 MiB (30000000 bytes); the policy takes files up to 25 MiB (26214400 bytes).',
    );
  });

  test('is taken at exactly the limit of its policy and at exactly its minimum', async () => {
    const { request } = setup();
    await expect(request(undefined, { size: 25 * 1024 ** 2 })).resolves.toBeDefined();
    await expect(request(undefined, { size: 1 })).resolves.toBeDefined();
    await expect(
      request(undefined, { filename: 'a.csv', contentType: 'text/csv', size: SINGLE_UPLOAD_MAX_BYTES }),
    ).resolves.toBeDefined();
  });
});

describe('the readers of an upload', () => {
  test.each([
    ['the owner alone, who need not be named', {}, undefined],
    ['the owner alone, where a policy says nothing of readers', { policy: 'secret' }, undefined],
    ['whom the policy says, when the request names nobody', { policy: 'news' }, 'anyone'],
    ['whom the request names, where the policy allows them', { policy: 'news', readers: 'tenant' }, 'tenant'],
  ] as const)('are %s', async (_case, change, readers) => {
    const { request } = setup();
    expect((await request(undefined, change)).upload.readers).toBe(readers);
  });

  test('that a policy does not allow are refused with those that it does', async () => {
    const { request } = setup();
    await expect(request(undefined, { readers: 'anyone' })).rejects.toThrow('Allowed: owner, tenant.');
  });

  test('are part of what a repeated Idempotency-Key has to ask for again', async () => {
    const { request } = setup();
    await request('k1', { readers: 'tenant' });
    await expect(request('k1', { readers: 'tenant' })).resolves.toBeDefined();
    await expect(request('k1')).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });
});

describe('a repeated Idempotency-Key', () => {
  test('finds the upload of the first call and is given what is left of its time', async () => {
    const { request, ledger, pass, signed } = setup();
    const first = await request('k1');
    pass(100_500);
    const again = await request('k1');
    expect(again.upload).toEqual(first.upload);
    expect(ledger.rows.size).toBe(1);
    expect(signed.at(-1)?.seconds).toBe(799);
  });

  test('is refused with another request', async () => {
    const { request } = setup();
    await request('k1');
    await expect(request('k1', { size: 4 })).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('of another caller is another upload', async () => {
    const { request, ledger } = setup();
    await request('k1');
    await request('k1', {}, { tenant: 'acme', subject: 'eve' });
    await request('k1', {}, { tenant: 'acme0', subject: 'ada' });
    expect(ledger.rows.size).toBe(3);
  });

  test('brings no signature once the upload has moved on', async () => {
    const { request, ledger } = setup();
    const { upload } = await request('k1');
    await ledger.move(upload, 'aborted', {});
    const again = await request('k1');
    expect(again.upload.state).toBe('aborted');
    expect(again.signature).toBeUndefined();
  });
});

describe('an upload in parts', () => {
  const PARTS = { transport: 'multipart' } as const;

  // Twenty at once began twenty uploads in S3, of which nineteen were left behind.
  test('is begun once by twenty first calls with one key, and each is answered by it or told to wait', async () => {
    const { request, multipart, ledger } = setup(PARTS);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => request('k1')));
    expect(multipart.open.size).toBe(1);
    const [uploadId] = multipart.open.keys();
    const told = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value.upload.multipart?.uploadId : answer.reason.code,
    );
    expect(new Set(told)).toEqual(new Set([uploadId, 'request_running']));
    expect((await request('k1')).upload.multipart?.uploadId).toBe(uploadId);
    expect([multipart.open.size, ledger.rows.size]).toEqual([1, 1]);
  });

  test('is begun by one of many repeats when the call that was at it died', async () => {
    const { request, multipart, deps, pass } = setup(PARTS);
    const { create } = multipart;
    multipart.create = () => Promise.reject(new Error('killed'));
    await expect(request('k1')).rejects.toThrow('killed');
    multipart.create = create;
    await expect(request('k1')).rejects.toMatchObject({
      code: 'request_running',
      extras: { retryAfterSeconds: 1 },
    });
    pass(30_000);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => request('k1')));
    expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(multipart.open.size).toBe(1);
    expect((await request('k1')).upload).toMatchObject({ state: 'requested', multipart: {} });
    expect(deps.ledger.rows.size).toBe(1);
  });

  test('that was begun twice, because the first call took too long, is one: the other is given up', async () => {
    const { request, multipart, pass } = setup(PARTS);
    const { create } = multipart;
    let goOn = () => {};
    const late = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    multipart.create = async (upload) => {
      multipart.create = create;
      await late;
      return create(upload);
    };
    const slow = request('k1');
    await new Promise((resolve) => setImmediate(resolve));
    pass(30_000);
    const quick = await request('k1');
    goOn();
    expect((await slow).upload.multipart).toEqual(quick.upload.multipart);
    expect([...multipart.open.keys()]).toEqual([quick.upload.multipart?.uploadId]);
  });

  test('that was given up while it was begun leaves nothing in S3, and says so', async () => {
    const { request, multipart, ledger } = setup(PARTS);
    const { create } = multipart;
    multipart.create = async (upload) => {
      const [row] = [...ledger.rows.values()];
      if (row) await ledger.move(row.upload, 'aborted', {});
      return create(upload);
    };
    expect((await request('k1')).upload.state).toBe('aborted');
    expect(multipart.open.size).toBe(0);
  });

  test('that was noted though the reply was lost is kept', async () => {
    const { request, multipart, ledger } = setup(PARTS);
    const { begin } = ledger;
    ledger.begin = async (...args) => {
      await begin(...args);
      return false;
    };
    const { upload } = await request();
    expect([...multipart.open.keys()]).toEqual([upload.multipart?.uploadId]);
  });
});

describe('a request under a grant', () => {
  const under = (limits: Partial<UploadGrant> = {}, change: Partial<Intent> = {}) => {
    const { deps, intent, ...rest } = setup(change);
    const grants = createMemoryGrants();
    const ledger = createMemoryLedger(grants);
    const grant = aGrant({ expiresAt: 90_000_000, ...limits });
    grants.rows.set(grant.id, grant);
    const request = (wish: Partial<Intent> = {}, idempotencyKey?: string) =>
      requestUpload(
        { ...deps, ledger } as Parameters<typeof requestUpload>[0],
        CALLER,
        { ...intent, ...wish },
        { correlationId: 'r-1', grant, ...(idempotencyKey !== undefined && { idempotencyKey }) },
      );
    return { ...rest, deps, intent, grants, ledger, grant, request };
  };

  test('is recorded with the grant, what it sets aside, and the reference and metadata of the server', async () => {
    const { request, ledger, grant } = under({ reference: 'order-7', metadata: { order: '7' } });
    const { upload } = await request({ metadata: { order: '8', album: 'spring' } });
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({
      grantId: grant.id,
      reserved: 3,
      reference: 'order-7',
      metadata: { order: '7', album: 'spring' },
    });
  });

  test('is signed no longer than the grant lasts', async () => {
    const { request, signed } = under({ expiresAt: 1_000_000 + 7_000 });
    await request();
    expect(signed.at(-1)?.seconds).toBe(7);
  });

  test('sets aside the most that the file may have where it declares no size, and holds the file to that', async () => {
    const { deps, intent, ledger, grants, grant } = under({ bytes: 1_000_000 });
    const { size: _undeclared, ...unsized } = intent;
    const { upload } = await requestUpload(
      { ...deps, ledger } as Parameters<typeof requestUpload>[0],
      CALLER,
      { ...unsized, transport: 'post' },
      { correlationId: 'r-1', grant },
    );
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({ reserved: 1_000_000, maxBytes: 1_000_000 });
    expect(grants.rows.get(grant.id)?.takenBytes).toBe(1_000_000);
  });

  test('that is repeated takes nothing again, and is answered though the grant is used up', async () => {
    const { request, grants, grant } = under({ uploads: 1 });
    const first = await request({}, 'key');
    expect((await request({}, 'key')).upload.id).toBe(first.upload.id);
    expect(grants.rows.get(grant.id)).toMatchObject({ takenUploads: 1, takenBytes: 3 });
    await expect(request({}, 'another')).rejects.toMatchObject({ code: 'grant_uploads_used_up' });
  });

  // Whoever has a grant could have found, by the key that the owner uses, the owner's own upload.
  test('finds no upload of its owner by the same Idempotency-Key, nor one of another grant', async () => {
    const { request, grants, grant, ledger } = under();
    const { deps, intent } = setup();
    const own = await requestUpload(
      { ...deps, ledger } as Parameters<typeof requestUpload>[0],
      CALLER,
      intent,
      { correlationId: 'r-2', idempotencyKey: 'key' },
    );
    const other = aGrant({ expiresAt: 90_000_000 });
    grants.rows.set(other.id, other);
    const ids = [own.upload.id, (await request({}, 'key')).upload.id];
    ids.push(
      (
        await requestUpload({ ...deps, ledger } as Parameters<typeof requestUpload>[0], CALLER, intent, {
          correlationId: 'r-3',
          idempotencyKey: 'key',
          grant: other,
        })
      ).upload.id,
    );
    expect(new Set(ids).size).toBe(3);
    expect(grants.rows.get(grant.id)?.takenUploads).toBe(1);
  });

  test('is refused within the limits of the policy, too, and takes nothing then', async () => {
    const { request, grants, grant } = under({ maxBytes: 2 ** 50, bytes: 2 ** 50 });
    await expect(request({ size: 2 ** 40, transport: 'multipart' })).rejects.toMatchObject({
      code: 'size_over_limit',
    });
    await expect(request({ contentType: 'text/html', filename: 'a.html' })).rejects.toMatchObject({
      code: 'type_not_allowed',
    });
    expect(grants.rows.get(grant.id)?.takenUploads).toBe(0);
  });

  test('is refused one byte over the limit of the grant for each file', async () => {
    const { request } = under({ maxBytes: 1_000 });
    await request({ size: 1_000 });
    await expect(request({ size: 1_001 })).rejects.toMatchObject({ code: 'size_over_limit' });
  });
});

// S3 splits a prefix where its keys differ, and then takes as much of each half: docs/growing.md, Keys.
test.each([
  ['random ids', () => undefined],
  ['ids of keys that count up', (index: number) => `import-2026-11-27-${index}`],
])('objects of one tenant differ right behind the tenant, by %s', async (_which, keyOf) => {
  const { deps, request } = setup();
  deps.newId = randomUUID;
  const counts = new Map<string, number>();
  const all = 1_600;
  for (let index = 0; index < all; index += 1) {
    const { upload } = await request(keyOf(index));
    const [, rest = ''] = upload.key.split('acme/');
    counts.set(rest.charAt(0), (counts.get(rest.charAt(0)) ?? 0) + 1);
  }
  expect(counts.size).toBe(16);
  // Five standard deviations of what falls to one of sixteen.
  for (const [digit, count] of counts) expect(Math.abs(count - all / 16), digit).toBeLessThan(5 * 9.7);
});
