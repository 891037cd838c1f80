import type { AdminPage } from '@sluice/contract/admin';
import type { Scanner } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { takeRescan } from '../../../src/lib/upload/recall.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { STORE, toResult } from '../../fakes/scanners.ts';
import { createAdminWorld, HOUR, NOW } from './world.ts';

async function setup(demanded: readonly Scanner[] = ['inspection', 'clamav', 'guardduty']) {
  const world = await createAdminWorld([], { demanded });
  const add = async (changes: Partial<Upload> = {}, isThere = true) => {
    const upload = aRequest({
      policy: 'data',
      state: 'accepted',
      settledAt: NOW - HOUR,
      servedType: 'text/csv',
      ...changes,
    });
    await world.ledger.record(upload);
    if (isThere) {
      world.objects.places.store.set(upload.key, {
        bytes: Buffer.from('abc'),
        headers: { contentType: 'x', contentDisposition: 'x', metadata: { 'upload-id': upload.id } },
      });
    }
    return upload;
  };
  return { ...world, add };
}

describe('a rescan', () => {
  test('asks the configured scanners that look for harm about the very file in the store', async () => {
    const { ask, add, scanners, objects } = await setup();
    const upload = await add();
    expect(((await ask({ command: 'rescan', ids: [upload.id] })) as AdminPage).counts).toEqual({ asked: 1 });
    const facts = await objects.facts('store', upload.key);
    expect(scanners.asked).toEqual([
      expect.objectContaining({
        scanner: 'clamav',
        uploadId: upload.id,
        bucket: STORE,
        key: upload.key,
        etag: facts?.etag,
        size: 3,
        contentType: 'text/csv',
        attempt: 1,
      }),
    ]);
  });

  test('changes nothing itself; a scanner that finds harm has the file recalled', async () => {
    const { ask, add, scanners, deps, ledger, objects } = await setup();
    const upload = await add();
    await ask({ command: 'rescan', where: {} });
    expect(ledger.rows.get(upload.id)?.upload).toEqual(upload);
    const [request] = scanners.asked;
    if (request === undefined) throw new Error('a scanner was asked');
    await takeRescan(deps, toResult(request), new AbortController().signal);
    expect(ledger.rows.get(upload.id)?.upload.state).toBe('accepted');
    const harm = toResult(request, { outcome: 'infected', threats: ['Eicar'] });
    await takeRescan(deps, harm, new AbortController().signal);
    expect(ledger.rows.get(upload.id)?.upload.state).toBe('recalled');
    expect(objects.places.store.size).toBe(0);
  });

  test('finds what was accepted by a policy since a time, and asks nobody in a dry run', async () => {
    const { ask, add, scanners } = await setup();
    await add();
    await add({ settledAt: NOW - 9 * HOUR });
    await add({ policy: 'images' });
    await add({ state: 'rejected' });
    await add({}, false);
    const call = { command: 'rescan', where: { since: NOW - 2 * HOUR } } as const;
    expect(((await ask({ ...call, dryRun: true })) as AdminPage).counts).toEqual({
      asked: 1,
      'no scanner': 1,
      'file missing': 1,
    });
    expect(scanners.asked).toEqual([]);
    await ask(call);
    expect(scanners.asked).toHaveLength(1);
    expect(((await ask({ command: 'rescan', where: { policy: 'data' } })) as AdminPage).counts).toMatchObject(
      {
        asked: 2,
      },
    );
  });

  test('says of each other upload why it is not scanned', async () => {
    const { ask, add, ledger } = await setup();
    const [rejected, newer] = [await add({ state: 'rejected' }), await add()];
    ledger.rows.set(newer.id, { upload: newer, schema: 99 });
    const page = await ask({ command: 'rescan', ids: [rejected.id, newer.id, 'x'] });
    expect((page as AdminPage).counts).toEqual({ 'not accepted': 1, unreadable: 1, unknown: 1 });
  });
});

describe('an upload that is held', () => {
  test('goes on once it is asked for, with what failed forgotten, and is not judged by the operator', async () => {
    const scan = { outcome: 'failed', etag: 'e', at: NOW, attempt: 5 } as const;
    const { ask, add, ledger, announced } = await setup();
    const held = await add(
      { state: 'held', epoch: 1, scans: { clamav: scan }, evidence: { etag: 'e', size: 3 } },
      false,
    );
    expect(((await ask({ command: 'rejudge', ids: [held.id], dryRun: true })) as AdminPage).counts).toEqual({
      'judged again': 1,
    });
    expect(ledger.rows.get(held.id)?.upload.state).toBe('held');
    await ask({ command: 'rejudge', where: { policy: 'data', since: 0 } });
    expect(ledger.rows.get(held.id)?.upload).toMatchObject({ state: 'verifying', scans: {} });
    expect(announced).toEqual([held.key]);
  });
});
