import { describe, expect, test } from 'vitest';
import type { RecordTogether, Sources } from '../../src/lib/upload/ports.ts';
import { type Create, setUpBy } from './counters.contract.ts';
import { aGrant } from './grants.contract.ts';

type CreateWithTogether = () => Promise<
  Awaited<ReturnType<Create>> & { readonly recordTogether: RecordTogether }
>;

/** What recording several uploads in one write promises. */
export function togetherContract(name: string, create: CreateWithTogether): void {
  const setup = async (limits: Parameters<ReturnType<typeof setUpBy>>[0]) => {
    const world = await setUpBy(create)(limits);
    const recordAll = (rows: readonly ReturnType<typeof world.toRow>[], from: Sources) =>
      world.recordTogether(rows.map((upload) => ({ upload, from })));
    const areThere = async (rows: readonly { readonly id: string }[]) =>
      (await Promise.all(rows.map(({ id }) => world.ledger.read(id)))).map((row) => row !== undefined);
    return { ...world, recordAll, areThere };
  };

  describe(`${name}, recording several uploads together`, () => {
    test('takes all of them and their bytes from each counter, up to the last file and byte', async () => {
      const { recordAll, toRow, countsOf, inside, ledger } = await setup({
        owner: { files: 3 },
        tenant: { bytes: 60 },
        unfinished: { files: 3 },
      });
      const rows = [toRow(10), toRow(20), toRow(30)];
      expect(await recordAll(rows, { counts: await countsOf() })).toBe(true);
      expect(await inside('owner')).toEqual([3, 60]);
      expect(await inside('tenant')).toEqual([3, 60]);
      expect(await inside('unfinished')).toEqual([3, 0]);
      expect(await ledger.read(rows[1]?.id ?? '')).toMatchObject({ reserved: 20, state: 'requested' });
    });

    test.each([
      ['a file too many', { owner: { files: 2 } }],
      ['a byte too many', { owner: { files: 9 }, tenant: { bytes: 59 } }],
      ['one unfinished too many', { owner: {}, unfinished: { files: 2 } }],
    ])('writes none of them for %s', async (_what, limits) => {
      const { recordAll, toRow, countsOf, inside, areThere } = await setup(limits);
      const rows = [toRow(10), toRow(20), toRow(30)];
      expect(await recordAll(rows, { counts: await countsOf() })).toBe(false);
      expect(await areThere(rows)).toEqual([false, false, false]);
      for (const counter of Object.keys(limits) as ('owner' | 'tenant')[])
        expect(await inside(counter)).toEqual([0, 0]);
    });

    test('writes none of them where one has been recorded before, and takes nothing', async () => {
      const { recordAll, toRow, countsOf, inside, areThere, ledger } = await setup({ owner: {} });
      const rows = [toRow(10), toRow(20)];
      await ledger.record(rows[1] ?? toRow(0), { counts: await countsOf() });
      expect(await recordAll(rows, { counts: await countsOf() })).toBe(false);
      expect(await areThere(rows)).toEqual([false, true]);
      expect(await inside()).toEqual([1, 20]);
    });

    test('takes nothing by limits that were changed since they were seen', async () => {
      const { recordAll, toRow, countsOf, inside, counters, idOf } = await setup({ owner: { files: 5 } });
      const counts = await countsOf();
      await counters.setLimits(idOf('owner'), { files: 1 });
      expect(await recordAll([toRow(1), toRow(2)], { counts })).toBe(false);
      expect(await inside()).toEqual([0, 0]);
    });

    test.each([
      [{ uploads: 2, bytes: 30 }, true, [2, 30]],
      [{ uploads: 1 }, false, [0, 0]],
      [{ bytes: 29 }, false, [0, 0]],
      [{ uploads: 9, revokedAt: 700 }, false, [0, 0]],
      [{ uploads: 9, expiresAt: 900 }, false, [0, 0]],
    ])('under a grant of %j is %s', async (terms, isWritten, [uploads, bytes]) => {
      const { recordAll, toRow, grants, areThere } = await setup({});
      const grant = aGrant(terms);
      await grants.record(grant);
      const rows = [toRow(10, { grantId: grant.id }), toRow(20, { grantId: grant.id })];
      expect(await recordAll(rows, { grant })).toBe(isWritten);
      expect(await areThere(rows)).toEqual([isWritten, isWritten]);
      expect(await grants.read(grant.id)).toMatchObject({ takenUploads: uploads, takenBytes: bytes });
    });

    test('lets each be settled by itself afterwards', async () => {
      const { recordAll, toRow, countsOf, inside, ledger } = await setup({ owner: {}, unfinished: {} });
      const rows = [toRow(10), toRow(20)];
      await recordAll(rows, { counts: await countsOf() });
      const [first = toRow(0)] = rows;
      expect((await ledger.move(first, 'aborted', {})).moved).toBe(true);
      expect(await inside('owner')).toEqual([1, 20]);
      expect(await inside('unfinished')).toEqual([1, 0]);
    });

    test('goes beyond no limit, however many are recorded at once', async () => {
      const { recordAll, toRow, countsOf, inside, areThere } = await setup({ owner: { files: 7 } });
      const counts = await countsOf();
      const groups = Array.from({ length: 6 }, () => [toRow(1), toRow(2)]);
      const ends = await Promise.allSettled(groups.map((rows) => recordAll(rows, { counts })));
      const written = ends.filter((end) => end.status === 'fulfilled' && end.value).length;
      expect(written).toBeLessThanOrEqual(3);
      expect(await inside()).toEqual([2 * written, 3 * written]);
      expect((await areThere(groups.flat())).filter(Boolean)).toHaveLength(2 * written);
    });
  });
}
