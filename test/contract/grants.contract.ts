import { randomUUID } from 'node:crypto';
import type { State } from '@sluice/contract/state';
import type { Evidence, Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import type { Grants, UploadGrant } from '../../src/lib/grant/grant.ts';
import type { Ledger } from '../../src/lib/upload/ports.ts';
import { aRequest } from './ledger.contract.ts';

/** A grant that nothing has been taken from yet. */
export function aGrant(changes: Partial<UploadGrant> = {}): UploadGrant {
  return {
    id: randomUUID(),
    tenant: 'acme',
    subject: 'ada',
    metadata: {},
    createdBy: { kind: 'service', id: 'shop' },
    createdAt: 500,
    expiresAt: 60_000,
    takenUploads: 0,
    takenBytes: 0,
    ...changes,
  };
}

function evidenceOf(size: number): Evidence {
  return { etag: 'e', size };
}

type Create = () => Promise<{ readonly ledger: Ledger; readonly grants: Grants }>;

/** Makes a grant, and what a test does with it. */
function setUpBy(create: Create) {
  return async (limits: Partial<UploadGrant> = {}) => {
    const { ledger, grants } = await create();
    const grant = aGrant(limits);
    await grants.record(grant);
    const toRow = (reserved: number, changes: Partial<Upload> = {}) =>
      aRequest({ grantId: grant.id, reserved, ...changes });
    const request = async (reserved: number, changes: Partial<Upload> = {}) =>
      (await ledger.record(toRow(reserved, changes), { grant })).upload;
    const taken = async () => {
      const now = await grants.read(grant.id);
      return [now?.takenUploads, now?.takenBytes];
    };
    /** The worker's copy of a row. */
    const claim = async (upload: Upload) => {
      const claimed = await ledger.claim(upload.id, {
        key: upload.key,
        worker: 'w1',
        now: 1_000,
        leaseEndsAt: 2_000,
        dueAt: 3_000,
      });
      if (claimed.kind !== 'claimed') throw new Error('the claim holds');
      return claimed.upload;
    };
    return { ledger, grants, grant, toRow, request, taken, claim };
  };
}

/** What every table of grants promises, together with the ledger that takes from it. */
export function grantsContract(name: string, create: Create): void {
  const setup = setUpBy(create);

  describe(`${name} as grants`, () => {
    test('gives a recorded grant back field by field, and knows none that was never recorded', async () => {
      const { grants, grant } = await setup({
        policy: 'images',
        types: ['image/png'],
        maxBytes: 10,
        uploads: 2,
        bytes: 20,
        metadata: { order: '7' },
        reference: 'order-7',
      });
      expect(await grants.read(grant.id)).toEqual(grant);
      expect(await grants.read(randomUUID())).toBeUndefined();
    });

    test('keeps the time when a grant was first revoked', async () => {
      const { grants, grant } = await setup();
      expect(await grants.revoke(grant.id, 700)).toEqual({ ...grant, revokedAt: 700 });
      expect(await grants.revoke(grant.id, 900)).toEqual({ ...grant, revokedAt: 700 });
      expect(await grants.revoke(randomUUID(), 700)).toBeUndefined();
    });

    test('takes an upload and its bytes as the row of an upload is written', async () => {
      const { ledger, request, taken } = await setup({ uploads: 2, bytes: 10 });
      const upload = await request(7);
      expect(await taken()).toEqual([1, 7]);
      expect((await ledger.read(upload.id))?.reserved).toBe(7);
    });

    test('counts without limits, too', async () => {
      const { request, taken } = await setup();
      await request(7);
      await request(0);
      expect(await taken()).toEqual([2, 7]);
    });

    test('takes nothing again when the same upload is recorded again, though the grant is used up', async () => {
      const { ledger, grant, toRow, taken } = await setup({ uploads: 1, bytes: 7 });
      const row = toRow(7);
      expect((await ledger.record(row, { grant })).created).toBe(true);
      const again = await ledger.record({ ...row, createdAt: 1_001, correlationId: 'another' }, { grant });
      expect(again).toEqual({ created: false, upload: row });
      expect(await taken()).toEqual([1, 7]);
    });

    test.each([
      ['the last byte', { bytes: 10 }, [4, 6], [2, 10]],
      ['the last upload', { uploads: 2 }, [4, 6], [2, 10]],
      ['a file of no bytes where none is left', { bytes: 4 }, [4, 0], [2, 4]],
    ])('gives %s', async (_what, limits, sizes, expected) => {
      const { request, taken } = await setup(limits);
      for (const bytes of sizes) await request(bytes);
      expect(await taken()).toEqual(expected);
    });

    test.each([
      ['grant_bytes_used_up', { bytes: 10 }, [4, 7]],
      ['grant_bytes_used_up', { bytes: 3 }, [4]],
      ['grant_uploads_used_up', { uploads: 1 }, [4, 0]],
      ['grant_revoked', { revokedAt: 600 }, [1]],
      ['session_expired', { expiresAt: 1_000 }, [1]],
    ] as const)('is refused as %s beyond %j, and writes no row', async (code, limits, sizes) => {
      const { ledger, grant, toRow, taken } = await setup(limits);
      for (const bytes of sizes.slice(0, -1)) await ledger.record(toRow(bytes), { grant });
      const before = await taken();
      const row = toRow(sizes.at(-1) ?? 0);
      await expect(ledger.record(row, { grant })).rejects.toMatchObject({ code });
      expect(await taken()).toEqual(before);
      expect(await ledger.read(row.id)).toBeUndefined();
    });

    // What a function has read of the grant may be older than its row.
    test('is held to its row as it is, whatever was seen of it before', async () => {
      const { ledger, grants, grant, toRow, taken } = await setup({ uploads: 3, bytes: 10 });
      await grants.revoke(grant.id, 600);
      await expect(ledger.record(toRow(1), { grant })).rejects.toMatchObject({ code: 'grant_revoked' });
      expect(await taken()).toEqual([0, 0]);
    });

    test.each<State>(['expired', 'aborted'])(
      'gets an upload and all its bytes back once when it is %s',
      async (state) => {
        const { ledger, request, taken } = await setup({ uploads: 1, bytes: 7 });
        const upload = await request(7);
        const moved = await ledger.move(upload, state, { settledAt: 2_000 });
        expect(moved).toMatchObject({ moved: true, upload: { state, settledAt: 2_000 } });
        expect(moved.upload).not.toHaveProperty('reserved');
        expect(await taken()).toEqual([0, 0]);
        expect((await ledger.move(upload, state, {})).moved).toBe(true);
        expect((await ledger.move(upload, 'rejected', {})).moved).toBe(false);
        expect(await taken()).toEqual([0, 0]);
        await request(7);
        expect(await taken()).toEqual([1, 7]);
      },
    );

    test('gets an upload and all its bytes back when it is rejected', async () => {
      const { ledger, request, taken, claim } = await setup();
      const claimed = await claim(await request(7));
      expect(await taken()).toEqual([1, 7]);
      await ledger.move(claimed, 'rejected', { evidence: evidenceOf(5), reason: 'size_mismatch' });
      expect(await taken()).toEqual([0, 0]);
    });

    test('keeps what an accepted file has, gets the rest back, and nothing when it is deleted', async () => {
      const { ledger, request, taken, claim } = await setup({ bytes: 100 });
      const claimed = await claim(await request(100));
      const { upload } = await ledger.move(claimed, 'accepted', { evidence: evidenceOf(31) });
      expect(upload).not.toHaveProperty('reserved');
      expect(await taken()).toEqual([1, 31]);
      expect((await ledger.move(claimed, 'accepted', { evidence: evidenceOf(31) })).moved).toBe(true);
      if (upload) await ledger.move(upload, 'deleted', {});
      expect(await taken()).toEqual([1, 31]);
    });

    test('gets nothing back from a worker that was overtaken', async () => {
      const { ledger, request, taken, claim } = await setup();
      const first = await claim(await request(7));
      const second = await ledger.claim(first.id, {
        key: first.key,
        worker: 'w2',
        now: 9_000,
        leaseEndsAt: 9_900,
        dueAt: 9_900,
      });
      expect(second.kind).toBe('claimed');
      expect((await ledger.move(first, 'rejected', { reason: 'size_mismatch' })).moved).toBe(false);
      expect(await taken()).toEqual([1, 7]);
    });

    test('does not keep an upload from being settled when its row is gone', async () => {
      const { ledger } = await create();
      const upload = aRequest();
      await ledger.record(upload);
      const orphan = aRequest({ grantId: randomUUID(), reserved: 3 });
      await ledger.record(orphan);
      expect((await ledger.move(orphan, 'aborted', {})).moved).toBe(true);
      expect(await ledger.read(orphan.id)).not.toHaveProperty('reserved');
    });
  });
}

/** The same of calls that come at once. */
export function grantsAtOnceContract(name: string, create: Create): void {
  const setup = setUpBy(create);

  describe(`${name} as grants that many take from`, () => {
    test('gives no more than its count to any number of calls at once', async () => {
      const { ledger, grant, toRow, taken } = await setup({ uploads: 3, bytes: 100 });
      const rows = Array.from({ length: 8 }, () => toRow(10));
      const ends = await Promise.allSettled(rows.map((row) => ledger.record(row, { grant })));
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      for (const end of ends) {
        if (end.status === 'rejected')
          expect(['grant_uploads_used_up', 'too_busy']).toContain(end.reason.code);
      }
      expect(await taken()).toEqual([3, 30]);
      const written = await Promise.all(rows.map(({ id }) => ledger.read(id)));
      expect(written.filter((row) => row !== undefined)).toHaveLength(3);
    });

    test('takes once for one upload that many calls request at once', async () => {
      const { ledger, grant, toRow, taken } = await setup({ uploads: 3 });
      const row = toRow(10);
      const ends = await Promise.allSettled(
        Array.from({ length: 5 }, (_, call) =>
          ledger.record({ ...row, correlationId: `call ${call}` }, { grant }),
        ),
      );
      const created = ends.filter((end) => end.status === 'fulfilled' && end.value.created);
      expect(created).toHaveLength(1);
      expect(await taken()).toEqual([1, 10]);
    });

    test('gets back once from any number of moves at once', async () => {
      const { ledger, request, taken } = await setup();
      const upload = await request(7);
      await request(1);
      await Promise.allSettled([
        ledger.move(upload, 'aborted', {}),
        ledger.move(upload, 'expired', {}),
        ledger.move(upload, 'aborted', {}),
      ]);
      expect(await taken()).toEqual([1, 1]);
    });
  });
}
