import { randomUUID } from 'node:crypto';
import type { Scan } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { toKey } from '../../src/lib/upload/key.ts';
import type { Ledger, ListQuery } from '../../src/lib/upload/ports.ts';

/** An upload that nothing has happened to yet. */
export function aRequest(changes: Partial<Upload> = {}): Upload {
  const id = changes.id ?? randomUUID();
  const tenant = changes.tenant ?? 'acme';
  return {
    id,
    tenant,
    subject: 'ada',
    policy: 'images',
    transport: 'put',
    key: toKey(tenant, id),
    state: 'requested',
    epoch: 0,
    filename: 'photo.jpg',
    contentType: 'image/jpeg',
    size: 3,
    metadata: { album: 'spring' },
    createdAt: 1_000,
    expiresAt: 2_000,
    dueAt: 3_000,
    correlationId: randomUUID(),
    fingerprint: 'f',
    ...changes,
  };
}

function ownerOf({ tenant, subject }: Upload) {
  return { tenant, subject };
}

function lease(upload: Upload, now: number, worker = 'w1') {
  return {
    key: upload.key,
    worker,
    now,
    leaseEndsAt: now + 100,
    dueAt: now + 200,
    dueBetween: [now + 150, now + 300] as const,
  };
}

/** Everything that is due by then, in all shards. */
async function dueBy(ledger: Ledger, now: number): Promise<Upload[]> {
  const rows: Upload[] = [];
  for (const shard of ledger.dueShards) {
    for await (const { uploads } of ledger.due(shard, now)) rows.push(...uploads);
  }
  return rows;
}

/** The ids on all pages of a list. */
async function idsOf(ledger: Ledger, query: ListQuery): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await ledger.list({ ...query, ...(cursor !== undefined && { cursor }) });
    ids.push(...page.uploads.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}

/** What every ledger promises. `create` gives a ledger that may hold other tests' rows. */
export function ledgerContract(name: string, create: () => Promise<Ledger>): void {
  const setup = async (changes: Partial<Upload> = {}) => {
    const ledger = await create();
    const upload = aRequest({ tenant: `t-${randomUUID()}`, ...changes });
    await ledger.record(upload);
    return { ledger, upload };
  };

  describe(`${name} as a ledger`, () => {
    test('gives a recorded row back field by field', async () => {
      const { ledger, upload } = await setup({ checksum: { algorithm: 'sha256', value: 'x' } });
      expect(await ledger.read(upload.id)).toEqual(upload);
    });

    test('knows no row that was never recorded', async () => {
      const { ledger } = await setup();
      expect(await ledger.read(randomUUID())).toBeUndefined();
    });

    test('keeps the first row when the same id is recorded by another request', async () => {
      const { ledger, upload } = await setup();
      const again = await ledger.record(aRequest({ id: upload.id, filename: 'other.jpg', createdAt: 9_000 }));
      expect(again).toEqual({ created: false, upload });
      expect((await ledger.read(upload.id))?.filename).toBe('photo.jpg');
    });

    test('lists only the rows of the owner asked for, newest first, though one tenant begins with the name of another', async () => {
      const { ledger, upload } = await setup({ createdAt: 5 });
      const newer = aRequest({ tenant: upload.tenant, createdAt: 10 });
      await ledger.record(newer);
      await ledger.record(aRequest({ tenant: `${upload.tenant}0`, createdAt: 7 }));
      await ledger.record(aRequest({ tenant: upload.tenant, subject: 'eve', createdAt: 8 }));
      const { uploads } = await ledger.list({ ...ownerOf(upload), limit: 10 });
      expect(uploads.map(({ id }) => id)).toEqual([newer.id, upload.id]);
    });

    test('pages through every row exactly once by its cursor', async () => {
      const { ledger, upload } = await setup({ createdAt: 0 });
      const ids = [upload.id];
      for (let at = 1; at < 7; at += 1) {
        const row = aRequest({ tenant: upload.tenant, createdAt: at });
        await ledger.record(row);
        ids.unshift(row.id);
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await ledger.list({ ...ownerOf(upload), limit: 3, ...(cursor && { cursor }) });
        seen.push(...page.uploads.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor);
      expect(seen).toEqual(ids);
    });

    test('lists only rows in the state asked for', async () => {
      const { ledger, upload } = await setup();
      const aborted = aRequest({ tenant: upload.tenant });
      await ledger.record(aborted);
      await ledger.move(aborted, 'aborted', {});
      const { uploads } = await ledger.list({ ...ownerOf(upload), limit: 10, state: 'aborted' });
      expect(uploads.map(({ id }) => id)).toEqual([aborted.id]);
    });

    test('finds more rows in the state asked for on the next page, where one page is too short for them', async () => {
      const { ledger, upload } = await setup({ createdAt: 0 });
      const aborted: string[] = [];
      for (let at = 1; at < 7; at += 1) {
        const row = aRequest({ tenant: upload.tenant, createdAt: at });
        await ledger.record(row);
        if (at % 2 === 0) continue;
        await ledger.move(row, 'aborted', {});
        aborted.unshift(row.id);
      }
      const query = { ...ownerOf(upload), state: 'aborted', limit: 2 } as const;
      expect(await idsOf(ledger, query)).toEqual(aborted);
    });

    test('lists the rows of a whole tenant, newest first, though another begins with its name', async () => {
      const { ledger, upload } = await setup({ createdAt: 5 });
      const of = (subject: string, createdAt: number) =>
        aRequest({ tenant: upload.tenant, subject, createdAt });
      const [older, newer] = [of('eve', 3), of('bob', 9)];
      for (const row of [older, newer, aRequest({ tenant: `${upload.tenant}0`, createdAt: 7 })]) {
        await ledger.record(row);
      }
      expect(await idsOf(ledger, { tenant: upload.tenant, limit: 2 })).toEqual([
        newer.id,
        upload.id,
        older.id,
      ]);
    });

    test('finds the rows of a reference, of the whole tenant or of one owner', async () => {
      const { ledger, upload } = await setup({ reference: 'order 1', createdAt: 5 });
      const { tenant } = upload;
      const hers = aRequest({ tenant, subject: 'eve', reference: 'order 1', createdAt: 6 });
      const others = [
        aRequest({ tenant, reference: 'order 10' }),
        aRequest({ tenant }),
        aRequest({ tenant: `${tenant}0`, reference: 'order 1' }),
      ];
      for (const row of [hers, ...others]) await ledger.record(row);
      const query = { tenant, reference: 'order 1', limit: 1 };
      expect(await idsOf(ledger, query)).toEqual([hers.id, upload.id]);
      expect(await idsOf(ledger, { ...query, subject: 'ada' })).toEqual([upload.id]);
      expect(await idsOf(ledger, { ...query, subject: 'bob' })).toEqual([]);
    });

    test('a cursor of one list reads nothing of another', async () => {
      const { ledger, upload } = await setup({ createdAt: 5 });
      const hers = aRequest({ tenant: upload.tenant, subject: 'eve', createdAt: 4 });
      for (const row of [hers, aRequest({ tenant: upload.tenant, createdAt: 3 })]) await ledger.record(row);
      const { cursor } = await ledger.list({ ...ownerOf(upload), limit: 1 });
      if (cursor === undefined) throw new Error('there is a second page');
      // Not every ledger refuses it: one may take it as a place in time.
      const ids = await ledger.list({ tenant: upload.tenant, subject: 'eve', limit: 5, cursor }).then(
        ({ uploads }) => uploads.map(({ id }) => id),
        ({ code }: { code: string }) => [code],
      );
      expect([[hers.id], ['cursor_invalid']]).toContainEqual(ids);
    });

    test('reads many rows in the order asked for, each once, and says which are missing', async () => {
      const { ledger, upload } = await setup();
      const rows = Array.from({ length: 130 }, () => aRequest({ tenant: upload.tenant }));
      await Promise.all(rows.map((row) => ledger.record(row)));
      const ids = rows.map(({ id }) => id);
      const unknown = randomUUID();
      const read = await ledger.readMany([unknown, ...ids, ids[3] ?? '']);
      expect(read).toEqual({ uploads: rows, unreadable: [], missing: [unknown] });
      expect(await ledger.readMany([])).toEqual({ uploads: [], unreadable: [], missing: [] });
    });

    test('refuses a cursor that no listing made', async () => {
      const { ledger, upload } = await setup();
      for (const query of [ownerOf(upload), { tenant: upload.tenant }]) {
        await expect(ledger.list({ ...query, limit: 3, cursor: 'bm9wZQ' })).rejects.toMatchObject({
          code: 'cursor_invalid',
        });
      }
    });

    test('gives a requested row to the first worker and raises its epoch', async () => {
      const { ledger, upload } = await setup();
      const claim = await ledger.claim(upload.id, lease(upload, 1_000));
      expect(claim).toMatchObject({
        kind: 'claimed',
        upload: { state: 'verifying', epoch: 1, dueAt: 1_200 },
      });
    });

    test.each([
      ['too soon, and is due later', 1_149, 1_200],
      ['late enough', 1_150, 1_150],
      ['soon enough', 1_300, 1_300],
      ['too late, and is due sooner', 1_301, 1_200],
    ])(
      'leaves the due time of a row alone unless it does not suit: it is due %s',
      async (_when, dueAt, due) => {
        const { ledger, upload } = await setup({ dueAt });
        const claim = await ledger.claim(upload.id, lease(upload, 1_000));
        expect(claim).toMatchObject({ kind: 'claimed', upload: { epoch: 1, dueAt: due } });
        expect(await ledger.claim(upload.id, lease(upload, 1_050))).toEqual(claim);
        expect((await dueBy(ledger, due - 1)).map(({ id }) => id)).not.toContain(upload.id);
        expect((await dueBy(ledger, due)).map(({ id }) => id)).toContain(upload.id);
      },
    );

    test('leaves the due time alone when a lease is renewed that ends before', async () => {
      const { ledger, upload } = await setup({ dueAt: 1_300 });
      const claim = await ledger.claim(upload.id, lease(upload, 1_000));
      if (claim.kind !== 'claimed') throw new Error('the worker claims it');
      expect(await ledger.renew(claim.upload, { leaseEndsAt: 1_250, dueAt: 1_290 })).toBe(true);
      expect((await ledger.read(upload.id))?.dueAt).toBe(1_300);
      expect((await ledger.claim(upload.id, lease(upload, 1_200, 'w2'))).kind).toBe('busy');
    });

    test('keeps a second worker off while the lease runs', async () => {
      const { ledger, upload } = await setup();
      await ledger.claim(upload.id, lease(upload, 1_000));
      expect((await ledger.claim(upload.id, lease(upload, 1_050, 'w2'))).kind).toBe('busy');
    });

    test('tells the worker whose reply was lost that the claim is its own', async () => {
      const { ledger, upload } = await setup();
      await ledger.claim(upload.id, lease(upload, 1_000));
      const again = await ledger.claim(upload.id, lease(upload, 1_050));
      expect(again).toMatchObject({ kind: 'claimed', upload: { epoch: 1 } });
    });

    test('lets a second worker take over once the lease has run out, and refuses what the first then writes', async () => {
      const { ledger, upload } = await setup();
      const first = await ledger.claim(upload.id, lease(upload, 1_000));
      const second = await ledger.claim(upload.id, lease(upload, 5_000, 'w2'));
      if (first.kind !== 'claimed' || second.kind !== 'claimed') throw new Error('both claims hold');
      expect(second.upload.epoch).toBe(2);
      expect((await ledger.move(first.upload, 'accepted', {})).moved).toBe(false);
      expect((await ledger.move(second.upload, 'rejected', { reason: 'size_mismatch' })).moved).toBe(true);
      expect(await ledger.read(upload.id)).toMatchObject({
        state: 'rejected',
        epoch: 2,
        reason: 'size_mismatch',
      });
    });

    test('keeps a second worker off for as long as the first renews its lease, and says when it is no longer its own', async () => {
      const { ledger, upload } = await setup();
      const first = await ledger.claim(upload.id, lease(upload, 1_000));
      if (first.kind !== 'claimed') throw new Error('the first worker claims it');
      expect(await ledger.renew(first.upload, { leaseEndsAt: 2_000, dueAt: 2_500 })).toBe(true);
      expect((await ledger.claim(upload.id, lease(upload, 1_500, 'w2'))).kind).toBe('busy');
      expect((await ledger.read(upload.id))?.dueAt).toBe(2_500);
      const second = await ledger.claim(upload.id, lease(upload, 2_001, 'w2'));
      expect(second.kind).toBe('claimed');
      expect(await ledger.renew(first.upload, { leaseEndsAt: 9_000, dueAt: 9_500 })).toBe(false);
      expect((await ledger.claim(upload.id, lease(upload, 2_200, 'w3'))).kind).toBe('claimed');
    });

    test('lets another worker take over at once when the first has released its lease', async () => {
      const { ledger, upload } = await setup();
      const first = await ledger.claim(upload.id, lease(upload, 1_000));
      if (first.kind !== 'claimed') throw new Error('the claim holds');
      await ledger.release(first.upload);
      expect((await ledger.claim(upload.id, lease(upload, 1_001, 'w2'))).kind).toBe('claimed');
    });

    test('pins another version when the lease is released with one, for the worker whose lease it is', async () => {
      const { ledger, upload } = await setup();
      const first = await ledger.claim(upload.id, { ...lease(upload, 1_000), versionId: 'v1' });
      if (first.kind !== 'claimed') throw new Error('the claim holds');
      await ledger.release(first.upload, 'v2');
      const second = await ledger.claim(upload.id, { ...lease(upload, 1_001, 'w2'), versionId: 'v3' });
      expect(second).toMatchObject({ kind: 'claimed', upload: { versionId: 'v2' } });
      await ledger.release(first.upload, 'v4');
      expect((await ledger.read(upload.id))?.versionId).toBe('v2');
    });

    test('knows no upload under a key that is not its own', async () => {
      const { ledger, upload } = await setup();
      const claim = await ledger.claim(upload.id, { ...lease(upload, 1_000), key: `other/${upload.id}` });
      expect(claim).toEqual({ kind: 'unknown' });
      expect((await ledger.claim(randomUUID(), lease(upload, 1_000))).kind).toBe('unknown');
    });

    test('gives nobody a row that is settled', async () => {
      const { ledger, upload } = await setup();
      await ledger.move(upload, 'expired', { dueAt: null });
      expect(await ledger.claim(upload.id, lease(upload, 9_000))).toMatchObject({
        kind: 'settled',
        upload: { state: 'expired' },
      });
    });

    test('counts a repeated move of the same epoch as moved, because its reply may have been lost', async () => {
      const { ledger, upload } = await setup();
      await ledger.move(upload, 'aborted', { settledAt: 4_000 });
      expect((await ledger.move(upload, 'aborted', { settledAt: 5_000 })).moved).toBe(true);
      expect((await ledger.read(upload.id))?.settledAt).toBe(4_000);
    });

    test('refuses to move a row that has moved elsewhere since it was seen, and shows it as it is', async () => {
      const { ledger, upload } = await setup();
      await ledger.move(upload, 'aborted', {});
      const late = await ledger.move(upload, 'expired', {});
      expect(late).toMatchObject({ moved: false, upload: { state: 'aborted' } });
    });

    describe('of a row that waits for its multipart upload', () => {
      const waiting = () => setup({ transport: 'multipart', beginsAt: 1_000 });
      const multipart = { uploadId: 'u1', plan: { size: 3, partSize: 3, partCount: 1 } };

      test('notes what was begun, once', async () => {
        const { ledger, upload } = await waiting();
        expect(await ledger.begin(upload, { multipart })).toBe(true);
        expect(await ledger.begin(upload, { multipart: { uploadId: 'u2' } })).toBe(false);
        const { beginsAt: _over, ...rest } = upload;
        expect(await ledger.read(upload.id)).toEqual({ ...rest, multipart });
      });

      test('lets one of several calls take over, and nothing be noted by the call before it', async () => {
        const { ledger, upload } = await waiting();
        const taken = await Promise.all(
          [5_000, 5_001, 5_002].map((beginsAt) => ledger.begin(upload, { beginsAt })),
        );
        expect(taken.filter((is) => is)).toHaveLength(1);
        expect(await ledger.begin(upload, { multipart })).toBe(false);
        const now = await ledger.read(upload.id);
        expect(now && (await ledger.begin(now, { multipart }))).toBe(true);
      });

      test('notes nothing once it has moved on, or never waited', async () => {
        const { ledger, upload } = await waiting();
        await ledger.move(upload, 'aborted', {});
        expect(await ledger.begin(upload, { multipart })).toBe(false);
        const single = await setup();
        expect(await single.ledger.begin(single.upload, { multipart })).toBe(false);
      });
    });

    test('has a row due from its due time on, until nothing is left to do', async () => {
      const { ledger, upload } = await setup({ dueAt: 3_000 });
      const isDue = async (now: number) => (await dueBy(ledger, now)).some(({ id }) => id === upload.id);
      expect(await isDue(2_999)).toBe(false);
      expect(await isDue(3_000)).toBe(true);
      await ledger.postpone(upload, 4_000);
      expect(await isDue(3_500)).toBe(false);
      expect(await isDue(4_000)).toBe(true);
      await ledger.move(upload, 'expired', { dueAt: null });
      expect(await isDue(9_000)).toBe(false);
    });

    test('has each due row in one shard, those first that have been due the longest, however many there are', async () => {
      const { ledger, upload } = await setup({ dueAt: 40_000 });
      const { tenant } = upload;
      const rows = Array.from({ length: 260 }, (_, at) =>
        aRequest({ tenant, dueAt: 40_001 + ((at * 7) % 260) }),
      );
      await Promise.all(rows.map((row) => ledger.record(row)));
      const own = new Set([upload, ...rows].map(({ id }) => id));
      const found: string[] = [];
      for (const shard of ledger.dueShards) {
        let before = 0;
        for await (const { uploads } of ledger.due(shard, 50_000)) {
          expect(uploads.length).toBeLessThanOrEqual(100);
          for (const { id, dueAt = 0 } of uploads) {
            expect(dueAt).toBeGreaterThanOrEqual(before);
            before = dueAt;
            if (own.has(id)) found.push(id);
          }
        }
      }
      expect(found.toSorted()).toEqual([...own].toSorted());
    });

    test('has a row that is put off behind those that are due before it', async () => {
      const { ledger, upload } = await setup({ dueAt: 60_000 });
      await ledger.postpone(upload, 60_002);
      const due = async (now: number) => (await dueBy(ledger, now)).some(({ id }) => id === upload.id);
      expect(await due(60_001)).toBe(false);
      expect(await due(60_002)).toBe(true);
    });

    test('has a row due again that had been done with, as when an accepted upload is deleted', async () => {
      const { ledger, upload } = await setup();
      const claim = await ledger.claim(upload.id, lease(upload, 1_000));
      if (claim.kind !== 'claimed') throw new Error('the claim holds');
      const accepted = await ledger.move(claim.upload, 'accepted', { dueAt: null });
      if (accepted.upload === undefined) throw new Error('the move holds');
      await ledger.move(accepted.upload, 'deleted', { dueAt: 5_000 });
      expect((await dueBy(ledger, 5_000)).map(({ id }) => id)).toContain(upload.id);
    });

    test('says something else of a row to people, unless it has moved on since it was seen', async () => {
      const { ledger, upload } = await setup();
      const { upload: expired } = await ledger.move(upload, 'expired', { detail: 'before' });
      await ledger.explain(upload, 'overtaken');
      expect((await ledger.read(upload.id))?.detail).toBe('before');
      if (expired) await ledger.explain(expired, 'after');
      expect(await ledger.read(upload.id)).toMatchObject({ state: 'expired', detail: 'after' });
    });

    describe('of the readers of a file', () => {
      test('writes whom it is shared with, counts each change, and changes nothing else', async () => {
        const { ledger, upload } = await setup();
        const first = await ledger.share(upload, 'tenant');
        expect(first).toEqual({
          shared: true,
          upload: { ...upload, readers: 'tenant', readersRevision: 1 },
        });
        if (first.upload === undefined) throw new Error('it is shared');
        const second = await ledger.share(first.upload, 'owner');
        expect(second).toMatchObject({ shared: true, upload: { readers: 'owner', readersRevision: 2 } });
        expect(await ledger.read(upload.id)).toEqual(second.upload);
      });

      test('writes them whatever has become of the upload since it was seen, as long as it has not ended', async () => {
        const { ledger, upload } = await setup();
        const claim = await ledger.claim(upload.id, lease(upload, 1_000));
        if (claim.kind !== 'claimed') throw new Error('the claim holds');
        expect(await ledger.share(upload, 'anyone')).toMatchObject({
          shared: true,
          upload: { state: 'verifying', epoch: 1 },
        });
        const { upload: accepted } = await ledger.move(claim.upload, 'accepted', { dueAt: null });
        expect(accepted).toMatchObject({ state: 'accepted', readers: 'anyone', readersRevision: 1 });
        if (accepted) await ledger.move(accepted, 'deleted', {});
        expect(accepted && (await ledger.share(accepted, 'owner'))).toMatchObject({
          shared: false,
          upload: { state: 'deleted', readers: 'anyone', readersRevision: 1 },
        });
      });

      test('lets one of several changes win, and shows the others the row as it is', async () => {
        const { ledger, upload } = await setup();
        const answers = await Promise.all(
          (['tenant', 'anyone', 'owner'] as const).map((readers) => ledger.share(upload, readers)),
        );
        const [won, ...more] = answers.filter(({ shared }) => shared);
        expect(more).toEqual([]);
        expect(answers.filter(({ shared }) => !shared).map((answer) => answer.upload)).toEqual(
          Array(2).fill(won?.upload),
        );
      });

      test('counts a repeated change as made, because its reply may have been lost', async () => {
        const { ledger, upload } = await setup();
        await ledger.share(upload, 'tenant');
        expect(await ledger.share(upload, 'tenant')).toMatchObject({
          shared: true,
          upload: { readersRevision: 1 },
        });
      });

      test('makes no row of one that is gone', async () => {
        const { ledger } = await setup();
        const gone = aRequest();
        expect(await ledger.share(gone, 'anyone')).toEqual({ shared: false, upload: undefined });
        expect(await ledger.read(gone.id)).toBeUndefined();
      });
    });

    describe('of what scanners say', () => {
      const CLEAN: Scan = { outcome: 'clean', etag: 'e', versionId: 'v1', at: 1_100, attempt: 1 };
      const FAILED: Scan = { ...CLEAN, outcome: 'failed', detail: 'It is down.' };

      const scanning = async () => {
        const { ledger, upload } = await setup();
        const claim = await ledger.claim(upload.id, { ...lease(upload, 1_000), versionId: 'v1' });
        if (claim.kind !== 'claimed') throw new Error('the claim holds');
        const evidence = { etag: 'e', versionId: 'v1', size: 3 };
        const { upload: row } = await ledger.move(claim.upload, 'scanning', {
          evidence,
          scans: {},
          dueAt: 2_000,
        });
        if (row === undefined) throw new Error('the move holds');
        return { ledger, row };
      };

      test('gives nobody a row that waits for its scanners, or is held, and says that it waits', async () => {
        const { ledger, row } = await scanning();
        expect(row).toMatchObject({ state: 'scanning', epoch: 1, scans: {}, dueAt: 2_000 });
        expect(await ledger.claim(row.id, lease(row, 9_000))).toEqual({ kind: 'waiting', upload: row });
        const { upload: held } = await ledger.move(row, 'held', { detail: 'why', dueAt: 5_000 });
        expect(held).toMatchObject({ state: 'held', detail: 'why' });
        expect(await ledger.claim(row.id, lease(row, 9_000))).toEqual({ kind: 'waiting', upload: held });
      });

      test('writes down what each of them says, and leaves alone what the others said', async () => {
        const { ledger, row } = await scanning();
        const threats = ['Eicar'];
        const answers = await Promise.all([
          ledger.recordScan(row, 'clamav', { ...CLEAN, outcome: 'infected', threats }),
          ledger.recordScan(row, 'inspection', CLEAN, {
            inspection: { macros: true, 'archive.names': ['a'] },
          }),
          ledger.recordScan(row, 'guardduty', FAILED, { dueAt: 3_000 }),
        ]);
        expect(answers.map(({ recorded }) => recorded)).toEqual([true, true, true]);
        expect(await ledger.read(row.id)).toEqual({
          ...row,
          scans: {
            clamav: { ...CLEAN, outcome: 'infected', threats },
            inspection: CLEAN,
            guardduty: FAILED,
          },
          inspection: { macros: true, 'archive.names': ['a'] },
          dueAt: 3_000,
        });
        expect((await dueBy(ledger, 2_999)).map(({ id }) => id)).not.toContain(row.id);
        expect((await dueBy(ledger, 3_000)).map(({ id }) => id)).toContain(row.id);
      });

      test('replaces what a scanner said before, for whoever has seen that', async () => {
        const { ledger, row } = await scanning();
        const { upload: failed } = await ledger.recordScan(row, 'clamav', FAILED);
        if (failed === undefined) throw new Error('it is recorded');
        expect(await ledger.recordScan(row, 'clamav', { ...CLEAN, at: 1_200 })).toEqual({
          recorded: false,
          upload: failed,
        });
        const again = { ...CLEAN, at: 1_300, attempt: 2 };
        expect(await ledger.recordScan(failed, 'clamav', again)).toMatchObject({
          recorded: true,
          upload: { scans: { clamav: again } },
        });
      });

      test('counts what it has written already as recorded, because its reply may have been lost', async () => {
        const { ledger, row } = await scanning();
        await ledger.recordScan(row, 'clamav', CLEAN);
        expect(await ledger.recordScan(row, 'clamav', CLEAN)).toMatchObject({
          recorded: true,
          upload: { scans: { clamav: CLEAN } },
        });
      });

      test('writes nothing into a row that does not wait any more, or waits again for another version', async () => {
        const { ledger, row } = await scanning();
        const { upload: freed } = await ledger.move(row, 'verifying', { dueAt: 2_000 });
        expect(await ledger.recordScan(row, 'clamav', CLEAN)).toEqual({ recorded: false, upload: freed });
        const claim = await ledger.claim(row.id, lease(row, 1_001, 'w2'));
        if (claim.kind !== 'claimed') throw new Error('the claim holds');
        const { upload: again } = await ledger.move(claim.upload, 'scanning', { scans: {} });
        expect(await ledger.recordScan(row, 'clamav', CLEAN)).toEqual({ recorded: false, upload: again });
        expect(await ledger.recordScan(aRequest(), 'clamav', CLEAN)).toEqual({
          recorded: false,
          upload: undefined,
        });
      });

      test('gives a row that waited to the first worker, with all that was said and nothing more to people', async () => {
        const { ledger, row } = await scanning();
        const { upload: said } = await ledger.recordScan(row, 'clamav', CLEAN);
        if (said === undefined) throw new Error('it is recorded');
        const { upload: held } = await ledger.move(said, 'held', { detail: 'why' });
        if (held === undefined) throw new Error('the move holds');
        const { upload: freed } = await ledger.move(held, 'verifying', { detail: null });
        expect(freed).toEqual({ ...said, state: 'verifying' });
        expect(await ledger.claim(row.id, lease(row, 1_001, 'w2'))).toMatchObject({
          kind: 'claimed',
          upload: { epoch: 2, versionId: 'v1', scans: { clamav: CLEAN } },
        });
      });

      test('pins another version where scanners are asked about that', async () => {
        const { ledger, upload } = await setup();
        const claim = await ledger.claim(upload.id, { ...lease(upload, 1_000), versionId: 'v1' });
        if (claim.kind !== 'claimed') throw new Error('the claim holds');
        const { upload: row } = await ledger.move(claim.upload, 'scanning', { scans: {}, versionId: 'v2' });
        expect(row?.versionId).toBe('v2');
      });
    });

    test('leaves the due time of a row alone that has changed since it was seen', async () => {
      const { ledger, upload } = await setup();
      await ledger.claim(upload.id, lease(upload, 1_000));
      await ledger.postpone(upload, null);
      expect((await ledger.read(upload.id))?.dueAt).toBe(1_200);
    });
  });
}
