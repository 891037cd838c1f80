import { randomUUID } from 'node:crypto';
import type { Counter, QuotaLimits } from '@sluice/contract/quota';
import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import type { Grants } from '../../src/lib/grant/grant.ts';
import { type Count, toCounterId } from '../../src/lib/quota/count.ts';
import type { Counters } from '../../src/lib/quota/ports.ts';
import type { Ledger } from '../../src/lib/upload/ports.ts';
import { aGrant } from './grants.contract.ts';
import { aRequest } from './ledger.contract.ts';

export type Create = () => Promise<{
  readonly ledger: Ledger;
  readonly grants: Grants;
  readonly counters: Counters;
}>;

/** The counters of an owner of a tenant of its own, and what a test does with them. */
export function setUpBy<Adapters extends Awaited<ReturnType<Create>>>(create: () => Promise<Adapters>) {
  return async (limits: Partial<Record<Counter, QuotaLimits>>) => {
    const adapters = await create();
    const { ledger, counters } = adapters;
    const owner = { tenant: `t-${randomUUID()}`, subject: randomUUID() };
    const named = Object.keys(limits) as readonly Counter[];
    const idOf = (counter: Counter) => toCounterId(counter, { ...owner, policy: 'images' });
    const countsOf = (): Promise<Count[]> =>
      Promise.all(
        named.map(async (counter) => {
          const tally = await counters.read(idOf(counter));
          return {
            ...tally,
            counter,
            id: idOf(counter),
            limits: tally.ownLimits ?? limits[counter] ?? {},
          };
        }),
      );
    const toRow = (reserved: number, changes: Partial<Upload> = {}) =>
      aRequest({ ...owner, reserved, counters: named, ...changes });
    const request = async (reserved: number, changes: Partial<Upload> = {}) =>
      (await ledger.record(toRow(reserved, changes), { counts: await countsOf() })).upload;
    const inside = async (counter: Counter = 'owner') => {
      const { files, bytes } = await counters.read(idOf(counter));
      return [files, bytes];
    };
    /** The row of a file that was accepted with so many bytes. */
    const accept = async (upload: Upload, size: number) => {
      const lease = { worker: 'w1', now: 1_000, leaseEndsAt: 2_000, dueAt: 3_000 };
      const claimed = await ledger.claim(upload.id, { key: upload.key, ...lease });
      if (claimed.kind !== 'claimed') throw new Error('the claim holds');
      const { upload: accepted } = await ledger.move(claimed.upload, 'accepted', {
        evidence: { etag: 'e', size },
      });
      if (accepted === undefined) throw new Error('it is there');
      return accepted;
    };
    return { ...adapters, idOf, countsOf, toRow, request, inside, accept };
  };
}

/** What counters promise, together with the ledger that takes from them and gives back. */
export function countersContract(name: string, create: Create): void {
  const setup = setUpBy(create);

  describe(`${name} as counters`, () => {
    test('have nothing in them before the first upload', async () => {
      const { counters, idOf } = await setup({});
      expect(await counters.read(idOf('owner'))).toEqual({ files: 0, bytes: 0, changes: 0 });
    });

    test('count an upload and its bytes in all that it is in, in the same write as its row', async () => {
      const { ledger, request, inside } = await setup({
        owner: {},
        tenant: { bytes: 100 },
        'owner-policy': { files: 9 },
        unfinished: { files: 2 },
      });
      const upload = await request(7);
      expect(await inside('owner')).toEqual([1, 7]);
      expect(await inside('tenant')).toEqual([1, 7]);
      expect(await inside('owner-policy')).toEqual([1, 7]);
      expect(await inside('unfinished')).toEqual([1, 0]);
      expect(await ledger.read(upload.id)).toMatchObject({
        reserved: 7,
        counters: ['owner', 'tenant', 'owner-policy', 'unfinished'],
      });
    });

    test.each([
      ['the last byte', { bytes: 10 }, [4, 6], [2, 10]],
      ['the last file', { files: 2 }, [4, 6], [2, 10]],
      ['the first file where it is the last, too', { files: 1, bytes: 4 }, [4], [1, 4]],
      ['a file of no bytes where none is left', { bytes: 4 }, [4, 0], [2, 4]],
    ])('take %s', async (_what, limits, sizes, expected) => {
      const { request, inside } = await setup({ owner: limits });
      for (const bytes of sizes) await request(bytes);
      expect(await inside()).toEqual(expected);
    });

    test.each([
      ['quota_bytes_exceeded', { owner: { bytes: 10 } }, [4, 7]],
      ['quota_bytes_exceeded', { owner: { bytes: 3 } }, [4]],
      ['quota_files_exceeded', { owner: { files: 1 } }, [4, 0]],
      ['quota_files_exceeded', { owner: { files: 0 } }, [0]],
      ['tenant_quota_bytes_exceeded', { owner: { bytes: 99 }, tenant: { bytes: 10 } }, [4, 7]],
      ['tenant_quota_files_exceeded', { tenant: { files: 1 } }, [4, 0]],
      ['unfinished_too_many', { owner: {}, unfinished: { files: 1 } }, [4, 0]],
    ] as const)('refuse as %s what goes beyond %j, and nothing is written', async (code, limits, sizes) => {
      const { ledger, request, toRow, countsOf, inside } = await setup(limits);
      for (const bytes of sizes.slice(0, -1)) await request(bytes);
      const before = [await inside('owner'), await inside('tenant'), await inside('unfinished')];
      const row = toRow(sizes.at(-1) ?? 0);
      await expect(ledger.record(row, { counts: await countsOf() })).rejects.toMatchObject({ code });
      expect([await inside('owner'), await inside('tenant'), await inside('unfinished')]).toEqual(before);
      expect(await ledger.read(row.id)).toBeUndefined();
    });

    test('take nothing again when the same upload is recorded again, though they are full', async () => {
      const { ledger, toRow, countsOf, inside } = await setup({ owner: { files: 1 } });
      const row = toRow(7);
      expect((await ledger.record(row, { counts: await countsOf() })).created).toBe(true);
      const again = { ...row, createdAt: 1_001, correlationId: 'another' };
      expect(await ledger.record(again, { counts: await countsOf() })).toEqual({
        created: false,
        upload: row,
      });
      expect(await inside()).toEqual([1, 7]);
    });

    // What a function has read of a counter may be older than its row.
    test('are held to what they are, whatever was seen of them before', async () => {
      const { ledger, toRow, countsOf, request } = await setup({ owner: { files: 1 } });
      const before = await countsOf();
      await request(1);
      await expect(ledger.record(toRow(1), { counts: before })).rejects.toMatchObject({
        code: 'quota_files_exceeded',
      });
    });

    test('hold one owner to limits of its own, above those of all and below, until they are taken away', async () => {
      const { counters, idOf, request, inside } = await setup({ owner: { files: 1, bytes: 9 } });
      await counters.setLimits(idOf('owner'), { files: 2 });
      expect(await counters.read(idOf('owner'))).toMatchObject({ ownLimits: { files: 2 } });
      await request(100);
      await request(100);
      await expect(request(1)).rejects.toMatchObject({ code: 'quota_files_exceeded' });
      await counters.setLimits(idOf('owner'), { bytes: 100 });
      await expect(request(1)).rejects.toMatchObject({ code: 'quota_bytes_exceeded' });
      await counters.setLimits(idOf('owner'), undefined);
      await expect(request(1)).rejects.toMatchObject({ code: 'quota_files_exceeded' });
      expect(await inside()).toEqual([2, 200]);
    });

    test('take nothing by limits that were changed since they were seen', async () => {
      const { ledger, counters, idOf, toRow, countsOf, inside } = await setup({ owner: { files: 5 } });
      const before = await countsOf();
      await counters.setLimits(idOf('owner'), { files: 0 });
      await expect(ledger.record(toRow(1), { counts: before })).rejects.toMatchObject({
        code: 'quota_files_exceeded',
      });
      await counters.setLimits(idOf('owner'), { files: 7 });
      await expect(ledger.record(toRow(1), { counts: before })).rejects.toMatchObject({ code: 'too_busy' });
      expect(await inside()).toEqual([0, 0]);
    });

    test.each<State>(['expired', 'aborted', 'rejected'])(
      'get an upload and all its bytes back once when it is %s',
      async (state) => {
        const { ledger, request, inside } = await setup({ owner: {}, tenant: {}, unfinished: { files: 1 } });
        const upload = await request(7);
        const moved = await ledger.move(upload, state, {});
        expect(moved).toMatchObject({ moved: true, upload: { state } });
        expect(moved.upload).not.toHaveProperty('reserved');
        expect(moved.upload).not.toHaveProperty('counters');
        expect((await ledger.move(upload, state, {})).moved).toBe(true);
        expect(await inside('owner')).toEqual([0, 0]);
        expect(await inside('tenant')).toEqual([0, 0]);
        expect(await inside('unfinished')).toEqual([0, 0]);
      },
    );

    test('keep what an accepted file has, get the rest back, and all of it when it is deleted', async () => {
      const { ledger, request, accept, inside } = await setup({ owner: {}, unfinished: { files: 1 } });
      const accepted = await accept(await request(100), 31);
      expect(accepted).toMatchObject({ counters: ['owner'] });
      expect(accepted).not.toHaveProperty('reserved');
      expect(await inside('owner')).toEqual([1, 31]);
      expect(await inside('unfinished')).toEqual([0, 0]);
      const deleted = await ledger.move(accepted, 'deleted', {});
      expect(deleted.upload).not.toHaveProperty('counters');
      expect((await ledger.move(accepted, 'deleted', {})).moved).toBe(true);
      expect(await inside('owner')).toEqual([0, 0]);
    });

    test.each<State>(['deleted', 'recalled'])(
      'keep a file that has the size that was declared, until it is %s',
      async (state) => {
        const { ledger, request, accept, inside } = await setup({ owner: {} });
        const accepted = await accept(await request(31), 31);
        expect(accepted).toMatchObject({ counters: ['owner'] });
        expect(await inside()).toEqual([1, 31]);
        await ledger.move(accepted, state, {});
        expect(await inside()).toEqual([0, 0]);
      },
    );

    test('are taken from together with a grant, or not at all', async () => {
      const { ledger, grants, toRow, countsOf, inside } = await setup({ owner: { files: 1 } });
      const grant = aGrant({ uploads: 2 });
      await grants.record(grant);
      const request = async () =>
        ledger.record(toRow(3, { grantId: grant.id }), { grant, counts: await countsOf() });
      await request();
      await expect(request()).rejects.toMatchObject({ code: 'quota_files_exceeded' });
      expect(await grants.read(grant.id)).toMatchObject({ takenUploads: 1, takenBytes: 3 });
      expect(await inside()).toEqual([1, 3]);
    });

    test('that have nothing to give back to do not keep the others from it, nor an upload from its end', async () => {
      const { ledger, grants, request, inside } = await setup({ owner: {} });
      const orphan = await request(3, { grantId: randomUUID() });
      await request(2);
      expect((await ledger.move(orphan, 'aborted', {})).moved).toBe(true);
      expect(await inside()).toEqual([1, 2]);
      expect(await grants.read(orphan.grantId ?? '')).toBeUndefined();
    });

    test('are corrected as they were seen, and never once they have changed', async () => {
      const { counters, idOf, request, inside } = await setup({ owner: {} });
      const empty = await counters.read(idOf('owner'));
      expect(await counters.correct(idOf('owner'), empty, { files: 4, bytes: 40 })).toBe(true);
      expect(await inside()).toEqual([4, 40]);
      const seen = await counters.read(idOf('owner'));
      await request(1);
      expect(await counters.correct(idOf('owner'), seen, { files: 0, bytes: 0 })).toBe(false);
      expect(await inside()).toEqual([5, 41]);
    });

    test('are listed with what they count', async () => {
      const { counters, idOf, request } = await setup({ owner: {}, tenant: {} });
      await request(5);
      const found = new Map<string, number>();
      for await (const { id, bytes } of counters.list()) found.set(id, bytes);
      expect(found.get(idOf('owner'))).toBe(5);
      expect(found.get(idOf('tenant'))).toBe(5);
    });
  });
}

/** The same of calls that come at once. */
export function countersAtOnceContract(name: string, create: Create): void {
  const setup = setUpBy(create);

  describe(`${name} as counters that many take from`, () => {
    test('take no more than their limit from any number of calls at once', async () => {
      const { ledger, toRow, countsOf, inside } = await setup({ owner: { bytes: 30 }, tenant: { files: 9 } });
      const counts = await countsOf();
      const rows = Array.from({ length: 8 }, () => toRow(10));
      const ends = await Promise.allSettled(rows.map((row) => ledger.record(row, { counts })));
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      for (const end of ends) {
        if (end.status === 'rejected')
          expect(['quota_bytes_exceeded', 'too_busy']).toContain(end.reason.code);
      }
      expect(await inside('owner')).toEqual([3, 30]);
      expect(await inside('tenant')).toEqual([3, 30]);
    });

    test('get back once from any number of moves at once', async () => {
      const { ledger, request, inside } = await setup({ owner: {} });
      const upload = await request(7);
      await request(1);
      await Promise.allSettled([
        ledger.move(upload, 'aborted', {}),
        ledger.move(upload, 'expired', {}),
        ledger.move(upload, 'aborted', {}),
      ]);
      expect(await inside()).toEqual([1, 1]);
    });
  });
}
