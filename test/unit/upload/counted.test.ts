import type { QuotaLimits } from '@sluice/contract/quota';
import { Refusal } from '@sluice/contract/refusals';
import { describe, expect, test } from 'vitest';
import { createOwnerLimits } from '../../../src/lib/quota/owner-limits.ts';
import type { QuotaSettings } from '../../../src/lib/quota/rules.ts';
import type { Intent } from '../../../src/lib/upload/intent.ts';
import { requestUpload, type Signer } from '../../../src/lib/upload/request.ts';
import { policies } from '../../../src/policies.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { createMemoryGrants } from '../../fakes/memory-grants.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';

const ADA = { tenant: 'acme', subject: 'ada' };

function setup(settings: Partial<QuotaSettings>) {
  const grants = createMemoryGrants();
  const ledger = createMemoryLedger(grants);
  let reads = 0;
  const counters = {
    read: async (id: string) => {
      reads += 1;
      return grants.counters.read(id);
    },
  };
  let paced = 0;
  const pace = async () => {
    paced += 1;
    if (paced > 20) throw new Refusal('requests_too_many', { retryAfterSeconds: 9 });
  };
  let ids = 0;
  const sign: Signer = async ({ length }, seconds, signedAt) => ({
    signature: { post: { url: `https://s3/?${length.min}-${length.max}`, fields: {} } },
    expiresAt: new Date(signedAt.getTime() + seconds * 1000),
  });
  const deps = {
    ledger,
    sign,
    multipart: async () => createMemoryMultipart(createMemoryObjects()),
    policies,
    limits: createOwnerLimits({ counted: [], owner: {}, tenant: {}, ...settings }, counters, pace),
    now: () => 1_000_000,
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    expiryGraceInSeconds: 60,
  };
  const request = (change: Partial<Intent> = {}, call: object = {}) =>
    requestUpload(
      deps,
      ADA,
      { filename: 'a.csv', contentType: 'text/csv', size: 30, metadata: {}, ...change },
      { correlationId: `r-${++ids}`, ...call },
    );
  /** The same without a size, as Uppy asks. */
  const requestUnsized = () => {
    const { size: _size, ...unsized } = { filename: 'a.csv', contentType: 'text/csv', size: 0 };
    return requestUpload(deps, ADA, { ...unsized, metadata: {} }, { correlationId: 'r' });
  };
  return { grants, ledger, deps, request, requestUnsized, reads: () => reads, paced: () => paced };
}

describe('a request', () => {
  test('reads no counter and sets nothing aside where nothing is counted', async () => {
    const { request, reads } = setup({});
    const { upload } = await request();
    expect(reads()).toBe(0);
    expect(upload).not.toHaveProperty('reserved');
    expect(upload).not.toHaveProperty('counters');
  });

  test('is counted in all that its owner, its tenant and its policy are counted in', async () => {
    const { request, ledger } = setup({ counted: ['tenant'], owner: { files: 2 }, unfinished: 5 });
    const { upload } = await request();
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({
      reserved: 30,
      counters: ['owner', 'tenant', 'unfinished'],
    });
  });

  test.each<[string, QuotaLimits, number, object]>([
    ['quota_bytes_exceeded', { bytes: 100 }, 3, { left: { bytes: 10 } }],
    ['quota_files_exceeded', { files: 2 }, 2, { left: { files: 0 } }],
  ])(
    'beyond the quota is refused as %s with what is left, and writes nothing',
    async (code, owner, fit, left) => {
      const { request, ledger } = setup({ owner });
      for (let file = 0; file < fit; file += 1) await request();
      await expect(request()).rejects.toMatchObject({ code, extras: left });
      expect(ledger.rows.size).toBe(fit);
    },
  );

  test('that is repeated by its key is answered though the quota is used up', async () => {
    const { request } = setup({ owner: { files: 1 } });
    const first = await request({}, { idempotencyKey: 'k' });
    expect((await request({}, { idempotencyKey: 'k' })).upload.id).toBe(first.upload.id);
    await expect(request({}, { idempotencyKey: 'another' })).rejects.toMatchObject({
      code: 'quota_files_exceeded',
    });
  });

  test('of no declared size may have what is left of the quota, and none is made of nothing', async () => {
    const { request, requestUnsized } = setup({ owner: { bytes: 100 }, tenant: { bytes: 80 } });
    await request();
    const { upload } = await requestUnsized();
    expect(upload).toMatchObject({ maxBytes: 50, reserved: 50 });
    await expect(request({ size: 1 })).rejects.toMatchObject({ code: 'tenant_quota_bytes_exceeded' });
  });

  test('under a grant takes from the grant and from the quota of its owner', async () => {
    const { request, grants } = setup({ owner: { files: 1 } });
    const grant = aGrant({ uploads: 5, expiresAt: 9_000_000 });
    await grants.record(grant);
    await request({}, { grant });
    await expect(request({}, { grant })).rejects.toMatchObject({ code: 'quota_files_exceeded' });
    expect(grants.rows.get(grant.id)?.takenUploads).toBe(1);
  });

  test('comes first to the owner’s rate, so that one beyond it costs nothing more', async () => {
    const { request, paced, reads } = setup({ owner: { files: 0 } });
    for (let times = 0; times < 20; times += 1) await request().catch(() => undefined);
    const before = reads();
    await expect(request()).rejects.toMatchObject({ code: 'requests_too_many', status: 429 });
    expect(paced()).toBe(21);
    expect(reads()).toBe(before);
  });
});
