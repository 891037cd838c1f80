import { STATES, type State } from '@sluice/contract/state';
import { describe, expect, test } from 'vitest';
import type { AddressRequest } from '../../../src/lib/upload/address.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { downloadUpload } from '../../../src/lib/upload/download.ts';
import { readUpload } from '../../../src/lib/upload/read.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { toTenant } from '../../../src/lib/upload/tenant.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';
import { createMemoryMultipart } from '../../fakes/memory-multipart.ts';
import { createMemoryObjects } from '../../fakes/memory-objects.ts';
import { RAISED } from '../../fakes/sweep-report.ts';

const HOUR = 3_600_000;

async function setup(state: State = 'accepted') {
  const ledger = createMemoryLedger();
  const objects = createMemoryObjects();
  const upload = aRequest({
    state,
    epoch: state === 'requested' ? 0 : 1,
    tenant: 'tenant1',
    ...(state === 'rejected' && { reason: 'type_mismatch' }),
  });
  await ledger.record(upload);
  const signed: string[] = [];
  const deps = {
    ledger,
    objects,
    multipart: createMemoryMultipart(objects),
    now: () => 5_000,
    newId: () => 'w',
    rowRetentionInSeconds: 60,
    policies,
    sign: async ({ key }: AddressRequest) => {
      signed.push(key);
      return { url: `https://s3/${key}`, expiresAt: new Date(6_000) };
    },
  };
  return { deps, ledger, objects, upload, signed };
}

// Each differs from the owner (tenant1, ada) in one thing; the last two are prefixes of it and the reverse.
const STRANGERS = [
  { tenant: 'tenant2', subject: 'ada' },
  { tenant: 'tenant1', subject: 'eve' },
  { tenant: 'tenant10', subject: 'ada' },
  { tenant: 'tenant', subject: '1ada' },
];

describe('an upload', () => {
  test('is read by its owner', async () => {
    const { ledger, upload } = await setup();
    expect(await readUpload(ledger, upload, upload.id)).toEqual(upload);
  });

  test.each(STRANGERS)('answers %j exactly as one that does not exist, on every route', async (stranger) => {
    const { deps, upload, signed, objects } = await setup();
    const refusalsOf = async (id: string) =>
      Promise.all(
        [
          readUpload(deps.ledger, stranger, id),
          downloadUpload(deps, stranger, id),
          deleteUpload(deps, stranger, id),
        ].map((call) =>
          call.catch((error: { code: string; message: string }) => [error.code, error.message]),
        ),
      );
    const foreign = await refusalsOf(upload.id);
    expect(foreign).toEqual(await refusalsOf('00000000-0000-4000-8000-000000000000'));
    expect(foreign).toEqual(await refusalsOf('../../etc/passwd'));
    expect(foreign[0]).toEqual(['upload_not_found', 'There is no such upload.']);
    expect(signed).toEqual([]);
    expect(objects.calls).toEqual([]);
  });

  test('of a malformed id costs no read of the ledger', async () => {
    const { ledger, upload } = await setup();
    ledger.read = () => Promise.reject(new Error('was asked'));
    await expect(readUpload(ledger, upload, 'a'.repeat(10_000))).rejects.toMatchObject({
      code: 'upload_not_found',
    });
  });
});

describe('a download', () => {
  const expected: Record<State, string> = {
    requested: 'not_verified_yet',
    verifying: 'not_verified_yet',
    accepted: 'granted',
    rejected: 'upload_rejected',
    expired: 'upload_ended',
    aborted: 'upload_ended',
    deleted: 'upload_ended',
  };

  test.each(STATES)('of an upload that is %s is granted only if it was accepted', async (state) => {
    const { deps, upload, signed } = await setup(state);
    const outcome = await downloadUpload(deps, upload, upload.id).then(
      () => 'granted',
      (error: { code: string; extras: { state: string } }) => {
        expect(error.extras.state).toBe(state);
        return error.code;
      },
    );
    expect(outcome).toBe(expected[state]);
    expect(signed).toEqual(state === 'accepted' ? [upload.key] : []);
  });

  test('of a rejected upload tells the reason', async () => {
    const { deps, upload } = await setup('rejected');
    await expect(downloadUpload(deps, upload, upload.id)).rejects.toMatchObject({
      extras: { reason: 'type_mismatch' },
    });
  });
});

describe('a deletion', () => {
  const expected: Record<State, string> = {
    requested: 'aborted',
    verifying: 'verification_running',
    accepted: 'deleted',
    rejected: 'rejected_not_deletable',
    expired: 'expired',
    aborted: 'aborted',
    deleted: 'deleted',
  };

  test.each(STATES)('of an upload that is %s ends as the state graph allows', async (state) => {
    const { deps, upload } = await setup(state);
    const outcome = await deleteUpload(deps, upload, upload.id).then(
      (after) => after.state,
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe(expected[state]);
  });

  // S3 may make a copy that its worker has given up for one by parts: after the owner's deletion it stayed
  // for good.
  test('removes the stored object, and what lands there later by one last look of the sweep', async () => {
    const { deps, upload, objects, ledger } = await setup();
    const copy = { bytes: Buffer.from('abc') };
    objects.places.store.set(upload.key, copy);
    await deleteUpload(deps, upload, upload.id);
    expect(objects.places.store.size).toBe(0);
    expect(ledger.rows.get(upload.id)?.upload.dueAt).toBe(5_000 + HOUR);
    objects.places.store.set(upload.key, copy);
    const sweepAt = (at: number) =>
      sweep(
        { ...deps, policies, announce: async () => {}, now: () => at },
        new AbortController().signal,
        RAISED,
      );
    await sweepAt(4_999 + HOUR);
    expect(objects.places.store.size).toBe(1);
    await sweepAt(5_000 + HOUR);
    expect(objects.places.store.size).toBe(0);
    expect(ledger.rows.get(upload.id)?.upload.dueAt).toBeUndefined();
  });

  test('leaves nothing due of an upload that no worker has had in hand', async () => {
    const { deps, upload, ledger } = await setup('requested');
    await deleteUpload(deps, upload, upload.id);
    expect(ledger.rows.get(upload.id)?.upload.dueAt).toBeUndefined();
  });
});

// The row became aborted, and its file stayed in the store for good, where nobody could read or remove it.
describe('a deletion by a row that a backup has put back to requested', () => {
  const restored = async (id?: string) => {
    const world = await setup('requested');
    const { objects, upload } = world;
    objects.places.store.set(upload.key, {
      bytes: Buffer.from('abc'),
      headers: {
        contentType: 'image/jpeg',
        contentDisposition: 'attachment',
        metadata: { 'upload-id': id ?? upload.id },
      },
    });
    return world;
  };

  test('finds the accepted file in the store, and removes it', async () => {
    const { deps, upload, objects, ledger } = await restored();
    expect(await deleteUpload(deps, upload, upload.id)).toMatchObject({ state: 'deleted' });
    expect(objects.places.store.size).toBe(0);
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({ state: 'deleted', servedType: 'image/jpeg' });
  });

  test('leaves what is of another upload where it is', async () => {
    const { deps, upload, objects } = await restored('another');
    expect(await deleteUpload(deps, upload, upload.id)).toMatchObject({ state: 'aborted' });
    expect(objects.places.store.size).toBe(1);
  });

  test('finds it, too, when the sweep is bringing the row up to date', async () => {
    const { deps, upload, objects, ledger } = await restored();
    const lease = { key: upload.key, worker: 'sweep', now: 0, leaseEndsAt: 90_000, dueAt: 90_000 };
    await ledger.claim(upload.id, lease);
    await expect(deleteUpload(deps, upload, upload.id)).rejects.toMatchObject({
      code: 'verification_running',
    });
    expect(objects.places.store.size).toBe(1);
  });
});

describe('a tenant’s name', () => {
  test.each(['acme', 'tenant-1', '64917ceb-0670-417e-9c92-9ecdc5534b46'])('stands as it is: %s', (claim) => {
    expect(toTenant(claim)).toBe(claim);
  });

  test.each(['ACME', 'a/b', '../x', 'é', '', 'a'.repeat(64), 'h-abc', '-a', 'a b', 'auth0|123'])(
    'is made fit for a key without meeting another: %j',
    (claim) => {
      expect(toTenant(claim)).toMatch(/^h-[0-9a-f]{40}$/);
      expect(toTenant(claim)).not.toBe(toTenant(`${claim} `));
    },
  );
});
