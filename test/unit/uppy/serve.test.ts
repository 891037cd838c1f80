import { describe, expect, test } from 'vitest';
import type { UppyCall } from '../../../src/lib/uppy/call.ts';
import { serveUppy, type UppyDeps } from '../../../src/lib/uppy/serve.ts';
import type { UploadSession } from '../../../src/lib/uppy/session.ts';
import { policies } from '../../../src/policies.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

const MiB = 1024 ** 2;
const ALICE: UploadSession = { caller: { kind: 'user', tenant: 'acme', subject: 'alice' } };
const FILE = { filename: 'a.jpg', contentType: 'image/jpeg', metadata: {} };

function setup() {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  const multipart = createMemoryMultipart(objects);
  const ranges: { min: number; max: number }[] = [];
  const lengths: (number | undefined)[] = [];
  let ids = 0;
  const deps: UppyDeps = {
    ledger,
    objects,
    multipart,
    policies: { ...policies, strict: { ...photos, metadataKeys: ['album'] } },
    sign: async ({ key, length }, seconds, signedAt) => {
      ranges.push(length);
      return {
        signature: { post: { url: 'https://s3/', fields: { key } } },
        expiresAt: new Date(signedAt.getTime() + seconds * 1000),
      };
    },
    signParts: {
      sign: (key, uploadId, { partNumber, size }, seconds, signedAt) => {
        lengths.push(size);
        return {
          url: `https://s3/${key}?${uploadId}&${partNumber}`,
          headers: {},
          expiresAt: new Date(signedAt.getTime() + seconds * 1000),
        };
      },
      signAll: () => {
        throw new Error('Uppy signs part by part');
      },
    },
    now: () => 1_000_000,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    expiryGraceInSeconds: 60,
    rowRetentionInSeconds: 60,
  };
  const serve = (call: UppyCall, session = ALICE) => serveUppy(deps, session, call, 'r-1');
  return {
    ledger,
    objects,
    multipart,
    ranges,
    lengths,
    serve,
    begin: async (session = ALICE) => {
      const answer = await serve({ kind: 'create', declaration: FILE }, session);
      if (answer.kind !== 'begun') throw new Error(answer.kind);
      const { upload, uploadId } = answer;
      return { id: upload.id, named: { key: upload.key, uploadId } };
    },
  };
}

const photos = {
  title: 'Photos',
  types: ['image/jpeg'],
  minBytes: 1,
  maxBytes: 1000,
  checksum: 'optional',
  urlExpiresInSeconds: 60,
} as const;

function refused(code: string) {
  return expect.objectContaining({ code });
}

describe('a single upload', () => {
  test('is signed for any size within the policy, since Uppy does not say which', async () => {
    const { serve, ranges, ledger } = setup();
    const answer = await serve({ kind: 'params', declaration: FILE });
    expect(answer).toMatchObject({ kind: 'form', url: 'https://s3/' });
    expect(ranges).toEqual([{ min: 1, max: 25 * 1024 ** 2 }]);
    const [row] = [...ledger.rows.values()];
    expect(row?.upload).toMatchObject({ state: 'requested', transport: 'post', policy: 'images' });
    expect(row?.upload).not.toHaveProperty('size');
  });

  test('is signed for the session’s own limit where that is tighter, and never for a wider one', async () => {
    const { serve, ranges, ledger } = setup();
    await serve({ kind: 'params', declaration: FILE }, { ...ALICE, maxBytes: 500 });
    await serve({ kind: 'params', declaration: FILE }, { ...ALICE, maxBytes: 1024 ** 4 });
    expect(ranges.map(({ max }) => max)).toEqual([500, 25 * 1024 ** 2]);
    // The limit is in the ledger, so that the verdict can hold it too.
    expect([...ledger.rows.values()][0]?.upload.maxBytes).toBe(500);
  });

  test('falls under the policy of its session alone', async () => {
    const { serve, ledger } = setup();
    await serve({ kind: 'params', declaration: FILE }, { ...ALICE, policy: 'strict' });
    expect([...ledger.rows.values()][0]?.upload.policy).toBe('strict');
    const elsewhere = serve({ kind: 'params', declaration: FILE }, { ...ALICE, policy: 'data' });
    await expect(elsewhere).rejects.toThrow(refused('type_not_allowed'));
    const untaken = serve({ kind: 'params', declaration: FILE }, { ...ALICE, types: ['image/png'] });
    await expect(untaken).rejects.toThrow(refused('type_not_allowed'));
    expect(ledger.rows.size).toBe(1);
  });

  test('loses the path that Uppy adds by itself, but nothing else that its policy does not take', async () => {
    const { serve, ledger } = setup();
    const session = { ...ALICE, policy: 'strict' };
    const metadata = { relativePath: 'a/b.jpg', album: 'summer' };
    await serve({ kind: 'params', declaration: { ...FILE, metadata } }, session);
    expect([...ledger.rows.values()][0]?.upload.metadata).toEqual({ album: 'summer' });
    const other = { ...FILE, metadata: { other: '1' } };
    await expect(serve({ kind: 'params', declaration: other }, session)).rejects.toThrow(
      refused('metadata_key_unknown'),
    );
  });
});

describe('a multipart upload', () => {
  test('is begun, signed, listed and completed by key and uploadId', async () => {
    const { serve, begin, multipart, objects } = setup();
    const { id, named } = await begin();
    expect(await serve({ kind: 'sign', named, partNumber: 1 })).toMatchObject({
      kind: 'signed',
      url: `https://s3/${named.key}?${named.uploadId}&1`,
      expiresAt: 1_000_000 + 3_600_000,
    });
    expect(await serve({ kind: 'batch', named, partNumbers: [2, 3] })).toMatchObject({
      urls: { 2: expect.any(String), 3: expect.any(String) },
    });
    expect(await serve({ kind: 'repeat', named })).toMatchObject({ kind: 'begun', uploadId: named.uploadId });
    const part = multipart.put(named.uploadId, 1, 'bytes');
    expect(await serve({ kind: 'list', named })).toEqual({ kind: 'arrived', parts: [part] });
    const parts = [{ partNumber: 1, etag: part.etag }];
    expect(await serve({ kind: 'complete', named, parts })).toMatchObject({
      kind: 'completed',
      upload: { id },
    });
    expect(objects.places.incoming.has(named.key)).toBe(true);
  });

  test('is not completed with more bytes than its session took when it was begun, and is freed', async () => {
    const { serve, begin, multipart, objects, ledger } = setup();
    const { id, named } = await begin({ ...ALICE, maxBytes: 6 * MiB });
    const { etag } = multipart.put(named.uploadId, 1, 'x'.repeat(6 * MiB + 1));
    const complete: UppyCall = { kind: 'complete', named, parts: [{ partNumber: 1, etag }] };
    await expect(serve(complete)).rejects.toThrow(refused('multipart_size_wrong'));
    expect([objects.places.incoming.size, multipart.open.size]).toEqual([0, 0]);
    expect(ledger.rows.get(id)?.upload.state).toBe('aborted');
  });

  test('that has become too large is signed no further, and freed', async () => {
    const { serve, begin, multipart, ledger } = setup();
    const { id, named } = await begin({ ...ALICE, maxBytes: 20 * MiB });
    for (const partNumber of [1, 2]) {
      await serve({ kind: 'sign', named, partNumber });
      multipart.put(named.uploadId, partNumber, 'x'.repeat(11 * MiB));
    }
    await expect(serve({ kind: 'sign', named, partNumber: 3 })).rejects.toThrow(
      refused('multipart_size_wrong'),
    );
    expect(multipart.open.size).toBe(0);
    expect(ledger.rows.get(id)?.upload.state).toBe('aborted');
  });

  test('has no more parts than its limit could need', async () => {
    const { serve, begin } = setup();
    const { named } = await begin({ ...ALICE, maxBytes: 6 * MiB });
    await expect(serve({ kind: 'sign', named, partNumber: 2 })).resolves.toBeDefined();
    await expect(serve({ kind: 'sign', named, partNumber: 3 })).rejects.toThrow(
      refused('part_numbers_invalid'),
    );
    await expect(serve({ kind: 'batch', named, partNumbers: [1, 2, 3] })).rejects.toThrow(
      refused('part_numbers_invalid'),
    );
  });

  test.each([1_000, 5 * MiB])('of at most %i bytes is not begun without its size', async (maxBytes) => {
    const { serve, multipart, ledger } = setup();
    const session = { ...ALICE, maxBytes };
    const unsized = serve({ kind: 'create', declaration: FILE }, session);
    await expect(unsized).rejects.toThrow(refused('size_required'));
    expect([multipart.open.size, ledger.rows.size]).toEqual([0, 0]);
    const sized: UppyCall = { kind: 'create', declaration: { ...FILE, size: maxBytes } };
    await expect(serve(sized, session)).resolves.toMatchObject({ kind: 'begun' });
    const larger: UppyCall = { kind: 'create', declaration: { ...FILE, size: maxBytes + 1 } };
    await expect(serve(larger, session)).rejects.toThrow(refused('size_over_limit'));
  });

  test('whose size is declared is cut as Uppy cuts it, and every part is signed with its length', async () => {
    const { serve, lengths, ledger } = setup();
    const size = 11 * MiB;
    const begun = await serve({ kind: 'create', declaration: { ...FILE, size } });
    if (begun.kind !== 'begun') throw new Error(begun.kind);
    const named = { key: begun.upload.key, uploadId: begun.uploadId };
    expect(ledger.rows.get(begun.upload.id)?.upload).toMatchObject({
      size,
      multipart: { plan: { size, partSize: 5 * MiB, partCount: 3 } },
    });
    await serve({ kind: 'batch', named, partNumbers: [1, 2, 3] });
    expect(lengths).toEqual([5 * MiB, 5 * MiB, MiB]);
    await expect(serve({ kind: 'sign', named, partNumber: 4 })).rejects.toThrow(
      refused('part_numbers_invalid'),
    );
  });

  test('is aborted once, and aborting it again changes nothing', async () => {
    const { serve, begin, multipart, ledger } = setup();
    const { id, named } = await begin();
    for (const _time of [1, 2]) expect(await serve({ kind: 'abort', named })).toEqual({ kind: 'aborted' });
    expect(multipart.open.size).toBe(0);
    expect(ledger.rows.get(id)?.upload.state).toBe('aborted');
    await expect(serve({ kind: 'sign', named, partNumber: 1 })).rejects.toThrow(refused('upload_not_open'));
  });

  test.each(['verifying', 'accepted', 'rejected'] as const)('stays as it is when it is %s', async (state) => {
    const { serve, begin, ledger } = setup();
    const { id, named } = await begin();
    const row = ledger.rows.get(id);
    if (row) ledger.rows.set(id, { upload: { ...row.upload, state } });
    expect(await serve({ kind: 'abort', named })).toEqual({ kind: 'aborted' });
    expect(ledger.rows.get(id)?.upload.state).toBe(state);
  });
});

describe('what is signed for a session', () => {
  // An hour's form and part URLs outlived a session of one minute.
  const MINUTE = { ...ALICE, expiresAt: 1_000_000 + 60_000 };

  test('ends with it: the form, and the URL of a part', async () => {
    const { serve, begin, ledger } = setup();
    await serve({ kind: 'params', declaration: FILE }, MINUTE);
    const [row] = [...ledger.rows.values()];
    expect(row?.upload.expiresAt).toBe(MINUTE.expiresAt);
    const { named } = await begin(MINUTE);
    for (const call of [
      { kind: 'sign', named, partNumber: 1 },
      { kind: 'sign', named, partNumber: 2 },
    ] as const) {
      expect(await serve(call, MINUTE)).toMatchObject({ expiresAt: MINUTE.expiresAt });
    }
  });

  test('ends when it would anyhow, where the session lasts longer', async () => {
    const { serve, begin } = setup();
    const session = { ...ALICE, expiresAt: 1_000_000 + 86_400_000 };
    const { named } = await begin(session);
    expect(await serve({ kind: 'sign', named, partNumber: 1 }, session)).toMatchObject({
      expiresAt: 1_000_000 + 3_600_000,
    });
  });

  test('is nothing within its last second', async () => {
    const { serve, ledger } = setup();
    const over = { ...ALICE, expiresAt: 1_000_999 };
    const call: UppyCall = { kind: 'params', declaration: FILE };
    await expect(serve(call, over)).rejects.toThrow(refused('session_expired'));
    expect(ledger.rows.size).toBe(0);
  });

  test('is an upload in parts that outlasts it, so that another session goes on', async () => {
    const { begin, serve, ledger } = setup();
    const { id, named } = await begin(MINUTE);
    expect(ledger.rows.get(id)?.upload.expiresAt).toBe(1_000_000 + 4 * 86_400_000);
    await expect(serve({ kind: 'sign', named, partNumber: 1 })).resolves.toBeDefined();
  });
});

describe('an upload that is not the session’s', () => {
  const KINDS: readonly ((named: { key: string; uploadId: string }) => UppyCall)[] = [
    (named) => ({ kind: 'list', named }),
    (named) => ({ kind: 'repeat', named }),
    (named) => ({ kind: 'abort', named }),
    (named) => ({ kind: 'sign', named, partNumber: 1 }),
    (named) => ({ kind: 'batch', named, partNumbers: [1] }),
    (named) => ({ kind: 'complete', named, parts: [{ partNumber: 1, etag: 'e' }] }),
  ];
  const STRANGERS: readonly (readonly [string, UploadSession])[] = [
    ['another subject', { caller: { kind: 'user', tenant: 'acme', subject: 'bob' } }],
    ['a tenant whose name begins alike', { caller: { kind: 'user', tenant: 'acme1', subject: 'alice' } }],
    ['a session of another policy', { ...ALICE, policy: 'data' }],
  ];

  test.each(STRANGERS)('is unknown to %s on every route', async (_who, session) => {
    const { serve, begin, ledger } = setup();
    const { id, named } = await begin();
    for (const kind of KINDS) {
      await expect(serve(kind(named), session)).rejects.toThrow(refused('upload_not_found'));
    }
    expect(ledger.rows.get(id)?.upload.state).toBe('requested');
  });

  test('is unknown by a key or uploadId that belongs to another upload, even one’s own', async () => {
    const { serve, begin } = setup();
    const [one, two] = [await begin(), await begin()];
    const bobs = await begin({ caller: { kind: 'user', tenant: 'acme', subject: 'bob' } });
    const mixed = [
      { ...one.named, uploadId: two.named.uploadId },
      { ...one.named, key: bobs.named.key },
      { ...one.named, key: one.named.key.replace('acme/', 'other/') },
      { ...one.named, key: '' },
      { ...one.named, key: one.id },
      { ...one.named, uploadId: '' },
    ];
    for (const named of mixed) {
      for (const kind of KINDS) await expect(serve(kind(named))).rejects.toThrow(refused('upload_not_found'));
    }
  });

  test('is unknown when it was a single one, whatever uploadId is tried', async () => {
    const { serve, ledger } = setup();
    await serve({ kind: 'params', declaration: FILE });
    const [row] = [...ledger.rows.values()];
    for (const uploadId of ['', 'undefined', 'null']) {
      const named = { key: row?.upload.key ?? '', uploadId };
      for (const kind of KINDS) await expect(serve(kind(named))).rejects.toThrow(refused('upload_not_found'));
    }
  });
});
