import type { ScanResult } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { CopyUnfinished } from '../../../src/lib/upload/faults.ts';
import { takeRescan } from '../../../src/lib/upload/recall.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { verify } from '../../../src/lib/upload/verify.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { createFakeScanners, STORE, scannedBy } from '../../fakes/scanners.ts';
import { RAISED } from '../../fakes/sweep-report.ts';

const CSV = 'name,size\nphoto,3\n';
const HOUR = 3_600_000;

/** An accepted file, and what a scan of the store may say of it. */
async function setup() {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  const forgotten: string[] = [];
  let now = 10_000;
  const upload = aRequest({ policy: 'data', contentType: 'text/csv', filename: 'a.csv', size: CSV.length });
  await ledger.record(upload);
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    scanners: createFakeScanners(),
    policies: scannedBy(),
    now: () => now,
    newId: () => 'w',
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    announce: async () => {},
    forgetCopies: async ({ id }: Pick<Upload, 'id'>) => void forgotten.push(id),
  };
  const { signal } = new AbortController();
  objects.put(upload.key, CSV);
  await verify(deps, { key: upload.key }, 1_000, signal);
  const etag = (await objects.facts('store', upload.key))?.etag ?? '';
  const result: ScanResult = {
    schema: 1,
    scanner: 'clamav',
    uploadId: upload.id,
    bucket: STORE,
    key: upload.key,
    etag,
    outcome: 'infected',
    threats: ['New-Signature'],
  };
  return {
    deps,
    objects,
    upload,
    forgotten,
    say: (changes: Partial<ScanResult> = {}) => takeRescan(deps, { ...result, ...changes }, signal),
    sweepAfter: (ms: number) => {
      now += ms;
      return sweep(deps, signal, RAISED);
    },
    row: () => ledger.rows.get(upload.id)?.upload,
    places: () =>
      (['incoming', 'store', 'quarantine'] as const).filter((place) => objects.places[place].has(upload.key)),
  };
}

describe('a scan of the store that finds harm', () => {
  test('recalls the file: nobody reads it, it is in quarantine with its reason, and CloudFront forgets it', async () => {
    const { say, row, places, objects, upload, forgotten } = await setup();
    expect((await say()).kind).toBe('recalled');
    expect(row()).toMatchObject({
      state: 'recalled',
      reason: 'infected',
      detail: 'Something harmful was found in the file by clamav: New-Signature.',
      settledAt: 10_000,
      scans: { clamav: { outcome: 'infected', threats: ['New-Signature'] } },
    });
    expect(places()).toEqual(['quarantine']);
    expect(objects.places.quarantine.get(upload.key)?.headers).toMatchObject({
      contentType: 'application/octet-stream',
      contentDisposition: 'attachment',
      metadata: { 'upload-id': upload.id, reason: 'infected', recalled: 'true' },
    });
    expect(forgotten).toEqual([upload.id]);
  });

  test.each([
    ['clean', { outcome: 'clean' }],
    ['unsupported', { outcome: 'unsupported' }],
    ['failed', { outcome: 'failed' }],
    ['of other bytes', { etag: 'other' }],
    ['of another version', { versionId: 'v9' }],
    ['of another key', { key: 'acme/other' }],
    ['of an upload that nobody knows', { uploadId: aRequest().id }],
  ] as const)('recalls nothing if it is %s', async (_what, changes) => {
    const { say, row, places } = await setup();
    const before = row();
    expect((await say(changes)).kind).toBe('ignored');
    expect([row(), places()]).toEqual([before, ['store']]);
  });

  test('recalls nothing of a file that its owner has deleted', async () => {
    const { say, deps, row } = await setup();
    await deps.ledger.move(row() as Upload, 'deleted', {});
    expect((await say()).kind).toBe('ignored');
    expect(row()?.state).toBe('deleted');
  });

  test('is due until the file is in quarantine, though it takes many runs', async () => {
    const { say, deps, row, places, sweepAfter } = await setup();
    const { copy } = deps.objects;
    deps.objects.copy = async () => {
      throw new CopyUnfinished(1, 2);
    };
    await expect(say()).rejects.toThrow('1 of 2 parts');
    expect([row()?.state, places()]).toEqual(['recalled', ['store']]);
    expect(await sweepAfter(1)).toMatchObject({ recalling: 1, removed: 0 });
    deps.objects.copy = copy;
    expect(await sweepAfter(1)).toMatchObject({ recalling: 0, removed: 1 });
    expect(places()).toEqual(['quarantine']);
  });

  test('has a copy removed that arrives in the store later, by one last look', async () => {
    const { say, objects, upload, places, row, sweepAfter } = await setup();
    const stored = objects.places.store.get(upload.key);
    await say();
    if (stored) objects.places.store.set(upload.key, stored);
    await sweepAfter(HOUR);
    expect([places(), row()?.dueAt]).toEqual([['quarantine'], undefined]);
  });
});

describe('an arrival that scanners find infected', () => {
  const setupOlder = async (bytes: string) => {
    const world = await setup();
    // A backup brought back the row from before its verdict, and the same key is filled again.
    const { ledger, objects } = world.deps;
    const stored = world.row() as Upload;
    const { versionId: _v, evidence: _e, settledAt: _s, servedType: _t, ...older } = stored;
    const versionId = objects.put(stored.key, bytes);
    const facts = await objects.facts('incoming', stored.key);
    const of = { etag: facts?.etag ?? '', ...(versionId !== undefined && { versionId }) };
    const scans = { clamav: { outcome: 'infected', at: 1, attempt: 1, ...of } } as const;
    ledger.rows.set(stored.id, { upload: { ...older, state: 'verifying', scans }, leaseEndsAt: 0 });
    const policies = scannedBy('clamav');
    await verify({ ...world.deps, policies }, { key: stored.key }, 1_000, new AbortController().signal);
    return world;
  };

  test('is recalled if the store has a copy of these very bytes, accepted before anybody scanned them', async () => {
    const { row, places, sweepAfter } = await setupOlder(CSV);
    expect(row()).toMatchObject({ state: 'recalled', reason: 'infected' });
    await sweepAfter(1);
    expect(places()).toEqual(['quarantine']);
  });

  test('takes nothing from a file that was accepted with other bytes: these are a leftover', async () => {
    const { row, places } = await setupOlder(CSV.replace('photo', 'other'));
    expect([row()?.state, places()]).toEqual(['accepted', ['store']]);
  });
});
