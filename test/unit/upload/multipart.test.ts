import {
  MAX_PARTS,
  MULTIPART_MAX_BYTES,
  partBytes,
  planParts,
  planUppyParts,
} from '@sluice/contract/part-plan';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toUser } from '../../../src/lib/upload/access.ts';
import { completeUpload, listParts, readOpenMultipart } from '../../../src/lib/upload/multipart.ts';
import { type PartSigner, signParts } from '../../../src/lib/upload/sign-parts.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

const PART = 'x'.repeat(10);

async function setup({ declared = true, ...changes }: Partial<Upload> & { declared?: boolean } = {}) {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  const multipart = createMemoryMultipart(objects);
  const request = aRequest({
    policy: 'data',
    contentType: 'text/csv',
    size: 25,
    transport: 'multipart',
    ...changes,
  });
  const uploadId = await multipart.create(request);
  const { size: _size, ...undeclared } = request;
  const upload: Upload = declared
    ? { ...request, multipart: { uploadId, plan: { size: 25, partSize: 10, partCount: 3 } } }
    : { ...undeclared, multipart: { uploadId } };
  await ledger.record(upload);
  const deps = { ledger, objects, multipart, policies, now: () => 50_000, rowRetentionInSeconds: 60 };
  return {
    deps,
    ledger,
    objects,
    multipart,
    upload,
    uploadId,
    put: (partNumber: number, bytes = PART) => multipart.put(uploadId, partNumber, bytes),
    complete: (named?: { partNumber: number; etag: string }[]) =>
      completeUpload(deps, toUser(upload), upload.id, named),
  };
}

describe('the plan of the parts', () => {
  test.each([
    [1, 8 * 1024 ** 2, 1],
    [8 * 1024 ** 2, 8 * 1024 ** 2, 1],
    [8 * 1024 ** 2 + 1, 8 * 1024 ** 2, 2],
    [MULTIPART_MAX_BYTES, 525 * 1024 ** 2, 9987],
  ])('cuts %i bytes into parts of %i bytes, %i of them', (size, partSize, partCount) => {
    expect(planParts(size)).toEqual({ size, partSize, partCount });
  });

  test('covers every byte once, in at most 10,000 parts that S3 takes, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MULTIPART_MAX_BYTES }), (size) => {
        const plan = planParts(size);
        const last = partBytes(plan, plan.partCount);
        expect(plan.partSize * (plan.partCount - 1) + last).toBe(size);
        expect(plan.partCount).toBeLessThanOrEqual(MAX_PARTS);
        expect(last).toBeGreaterThan(0);
        expect(last).toBeLessThanOrEqual(plan.partSize);
        expect(plan.partSize).toBeGreaterThanOrEqual(5 * 1024 ** 2);
        expect(plan.partSize).toBeLessThanOrEqual(5 * 1024 ** 3);
      }),
    );
  });
});

describe('the plan of the parts of Uppy', () => {
  const MiB = 1024 ** 2;
  test.each([
    [1, 5 * MiB, 1],
    [5 * MiB, 5 * MiB, 1],
    [5 * MiB + 1, 5 * MiB, 2],
    [50_000 * MiB, 5 * MiB, 10_000],
    [50_000 * MiB + 1, 5 * MiB + 1, 10_000],
  ])('cuts %i bytes into parts of %i bytes, %i of them, as both majors do', (size, partSize, partCount) => {
    expect(planUppyParts(size)).toEqual({ size, partSize, partCount });
  });
});

describe('completing an upload', () => {
  test('makes the object of all parts in order, though they came in another', async () => {
    const { complete, put, objects, upload } = await setup();
    put(3, 'c'.repeat(5));
    put(1, 'a'.repeat(10));
    put(2, 'b'.repeat(10));
    await complete();
    expect(Buffer.from(objects.places.incoming.get(upload.key)?.bytes ?? []).toString()).toBe(
      'a'.repeat(10) + 'b'.repeat(10) + 'c'.repeat(5),
    );
  });

  test('has the arrival looked for a quarter of an hour later, in case its notification is lost', async () => {
    const { complete, put, ledger, upload } = await setup();
    for (const partNumber of [1, 2]) put(partNumber);
    await expect(complete()).rejects.toMatchObject({ code: 'parts_missing' });
    expect(ledger.rows.get(upload.id)?.upload.dueAt).toBe(upload.dueAt);
    put(3, 'c'.repeat(5));
    await complete();
    expect(ledger.rows.get(upload.id)?.upload.dueAt).toBe(50_000 + 15 * 60_000);
  });

  test('is refused while a part is missing, naming it, and can be called again', async () => {
    const { complete, put } = await setup();
    put(1);
    put(3, 'c'.repeat(5));
    await expect(complete()).rejects.toMatchObject({
      code: 'parts_missing',
      message: /: 2\.$/,
    });
    put(2);
    await expect(complete()).resolves.toMatchObject({ state: 'requested' });
  });

  test('is refused for a part of another size, before S3 is asked to assemble anything', async () => {
    const { complete, put, objects } = await setup();
    put(1);
    put(2, 'y'.repeat(9));
    put(3, 'c'.repeat(6));
    await expect(complete()).rejects.toMatchObject({ code: 'part_size_wrong' });
    expect(objects.places.incoming.size).toBe(0);
  });

  test('is refused when more parts arrived than were planned', async () => {
    const { complete, put } = await setup();
    for (const partNumber of [1, 2]) put(partNumber);
    put(3, 'c'.repeat(5));
    put(4);
    await expect(complete()).rejects.toMatchObject({ code: 'multipart_size_wrong' });
  });

  test('takes the ETags that S3 gave its parts, and refuses others', async () => {
    const { complete, put } = await setup();
    const parts = [put(1), put(2), put(3, 'c'.repeat(5))];
    await expect(
      complete(parts.map(({ partNumber }) => ({ partNumber, etag: '"0123"' }))),
    ).rejects.toMatchObject({ code: 'parts_missing' });
    await expect(complete(parts)).resolves.toBeDefined();
  });

  test('says yes again when it is repeated, since its first answer may have been lost', async () => {
    const { complete, put } = await setup();
    for (const partNumber of [1, 2]) put(partNumber);
    put(3, 'c'.repeat(5));
    await complete();
    await expect(complete()).resolves.toMatchObject({ state: 'requested' });
  });

  test('is refused when S3 has dropped the parts and no object came of them', async () => {
    const { complete, multipart, uploadId } = await setup();
    multipart.open.delete(uploadId);
    await expect(complete()).rejects.toMatchObject({ code: 'multipart_gone' });
  });

  test('is to be asked for again while S3 is still putting the parts together', async () => {
    const { complete, multipart, put } = await setup();
    put(1);
    put(2);
    put(3, 'x'.repeat(5));
    multipart.complete = async () => 'busy';
    await expect(complete()).rejects.toMatchObject({
      code: 'completion_running',
      extras: { retryAfterSeconds: 2 },
    });
  });

  test('without a declared size holds the parts against the limits of the policy', async () => {
    const { complete, put, deps } = await setup({ declared: false, policy: 'images' });
    await expect(complete()).rejects.toMatchObject({ code: 'multipart_size_wrong' });
    deps.policies = {
      ...policies,
      images: { ...policies.images, maxBytes: 15 } as (typeof policies)[string],
    };
    put(1);
    put(2);
    await expect(complete()).rejects.toMatchObject({ code: 'multipart_size_wrong' });
  });

  test('without a declared size ends an upload that has become too large, and frees its parts', async () => {
    const { complete, put, multipart, ledger, upload, objects } = await setup({
      declared: false,
      maxBytes: 15,
    });
    put(1);
    put(2);
    await expect(complete()).rejects.toMatchObject({
      code: 'multipart_size_wrong',
      message:
        'The parts together have 20 bytes; the upload may have 15. It was ended, and its parts are removed.',
    });
    expect(multipart.open.size).toBe(0);
    expect(objects.places.incoming.size).toBe(0);
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({
      state: 'aborted',
      dueAt: 50_000,
      detail: expect.stringContaining('have 20 bytes'),
    });
    expect((await complete()).state).toBe('aborted');
  });

  test('with a declared size leaves an upload open whose parts are other than planned', async () => {
    const { complete, put, multipart } = await setup();
    for (const partNumber of [1, 2, 3]) put(partNumber);
    await expect(complete()).rejects.toMatchObject({ code: 'part_size_wrong' });
    expect(multipart.open.size).toBe(1);
  });

  test('answers with the verdict when that came first', async () => {
    const { complete, ledger, upload } = await setup();
    await ledger.move(upload, 'aborted', {});
    expect((await complete()).state).toBe('aborted');
  });
});

describe('the parts of an upload', () => {
  const sign = {
    sign: (key: string, uploadId: string, part: { partNumber: number; size?: number }) => ({
      url: `${key}?${uploadId}&${part.partNumber}`,
      headers: { 'content-length': String(part.size) },
      expiresAt: new Date(9),
    }),
    signAll: () => ({ prefix: '', suffix: '', signatures: [], expiresAt: new Date(9) }),
  };

  test('are signed each with its own length', async () => {
    const { ledger, upload } = await setup();
    const open = await readOpenMultipart(ledger, toUser(upload), upload.id);
    const { parts } = signParts({ sign, policies, now: () => 0 }, open, [
      { partNumber: 1 },
      { partNumber: 3 },
    ]);
    expect(parts.map(({ headers }) => headers['content-length'])).toEqual(['10', '5']);
  });

  test('beyond the plan are not signed', async () => {
    const { ledger, upload } = await setup();
    const open = await readOpenMultipart(ledger, toUser(upload), upload.id);
    expect(() => signParts({ sign, policies, now: () => 0 }, open, [{ partNumber: 4 }])).toThrow(
      'there is no part 4',
    );
  });

  // A session for 1,000 bytes stored 60 MiB: any number of parts was signed, of any length.
  test.each([
    ['data', { maxBytes: 1_000 }, 1],
    ['data', { maxBytes: 5 * 1024 ** 2 }, 1],
    ['data', { maxBytes: 5 * 1024 ** 2 + 1 }, 2],
    ['images', {}, 5],
    ['data', {}, 1024],
    ['media', {}, 10_000],
    ['gone', {}, 10_000],
    ['gone', { maxBytes: 1 }, 1],
  ])(
    'of no declared size are signed as far as the limit could need them: %s %j, %i',
    async (policy, limit, most) => {
      const { ledger, upload } = await setup({ declared: false, policy, ...limit });
      const open = await readOpenMultipart(ledger, toUser(upload), upload.id);
      const attempt = (partNumber: number) => () =>
        signParts({ sign, policies, now: () => 0 }, open, [{ partNumber }]);
      expect(attempt(most)).not.toThrow();
      expect(attempt(most + 1)).toThrow(expect.objectContaining({ code: 'part_numbers_invalid' }));
    },
  );

  test('are signed for an hour, and no longer than what the caller is known by', async () => {
    const { ledger, upload } = await setup();
    const open = await readOpenMultipart(ledger, toUser(upload), upload.id);
    const seconds: number[] = [];
    const noting = {
      ...sign,
      sign: (...[key, uploadId, part, expiresInSeconds]: Parameters<PartSigner['sign']>) => {
        seconds.push(expiresInSeconds);
        return sign.sign(key, uploadId, part);
      },
    };
    const now = 1_000_900;
    for (const notAfter of [undefined, now + 9_000_000, now + 60_000, 1_001_000]) {
      signParts({ sign: noting, policies, now: () => now }, open, [{ partNumber: 1 }], notAfter);
    }
    expect(seconds).toEqual([3600, 3600, 60, 1]);
    expect(() =>
      signParts({ sign: noting, policies, now: () => now }, open, [{ partNumber: 1 }], 1_000_999),
    ).toThrow(expect.objectContaining({ code: 'session_expired' }));
  });

  test.each([
    [{ tenant: 'acme', subject: 'eve' }, 'upload_not_found'],
    [{ tenant: 'acme0', subject: 'ada' }, 'upload_not_found'],
  ])('of another caller than %j are not there', async (caller, code) => {
    const { ledger, upload } = await setup();
    await expect(readOpenMultipart(ledger, toUser(caller), upload.id)).rejects.toMatchObject({ code });
  });

  test('of an upload that is none, or takes no more, are refused', async () => {
    const { ledger, upload } = await setup();
    const single = aRequest();
    await ledger.record(single);
    await expect(readOpenMultipart(ledger, toUser(single), single.id)).rejects.toMatchObject({
      code: 'not_multipart',
    });
    await ledger.move(upload, 'aborted', {});
    await expect(readOpenMultipart(ledger, toUser(upload), upload.id)).rejects.toMatchObject({
      code: 'upload_not_open',
    });
  });

  test('are listed as S3 has them', async () => {
    const { ledger, upload, multipart, put } = await setup();
    put(2);
    const parts = await listParts(
      { ledger, multipart },
      await readOpenMultipart(ledger, toUser(upload), upload.id),
    );
    expect(parts).toEqual([expect.objectContaining({ partNumber: 2, size: 10 })]);
  });
});
