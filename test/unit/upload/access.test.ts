import { type Caller, SCOPES } from '@sluice/contract/caller';
import { STATES, type State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { type Aim, isWithinReach, ownerFor, readUpload, toUser } from '../../../src/lib/upload/access.ts';
import type { AddressRequest } from '../../../src/lib/upload/address.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { downloadUpload } from '../../../src/lib/upload/download.ts';
import { completeUpload, readOpenMultipart } from '../../../src/lib/upload/multipart.ts';
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
    countArrivals: async () => 0,
    rowRetentionInSeconds: 60,
    policies,
    sign: async ({ key }: AddressRequest) => {
      signed.push(key);
      return { url: `https://s3/${key}`, expiresAt: new Date(6_000) };
    },
  };
  return { deps, ledger, objects, upload, signed };
}

// Each differs from who may in one thing; of some, a name begins with the other's.
const STRANGERS: readonly Caller[] = [
  { kind: 'user', tenant: 'tenant2', subject: 'ada' },
  { kind: 'user', tenant: 'tenant1', subject: 'eve' },
  { kind: 'user', tenant: 'tenant10', subject: 'ada' },
  { kind: 'user', tenant: 'tenant', subject: '1ada' },
  { kind: 'grant', tenant: 'tenant1', subject: 'ada', grantId: 'another' },
  {
    kind: 'service',
    client: 'ada',
    scopes: SCOPES.filter((scope) => scope !== 'tenants'),
    tenant: 'tenant10',
  },
  { kind: 'service', client: 'ada', scopes: SCOPES.filter((scope) => scope !== 'tenants'), tenant: 'tenant' },
  { kind: 'service', client: 'ada', scopes: SCOPES.filter((scope) => scope !== 'tenants') },
];

describe('an upload', () => {
  test('is read by its owner', async () => {
    const { ledger, upload } = await setup();
    expect(await readUpload(ledger, toUser(upload), upload.id, 'see')).toEqual(upload);
  });

  test.each(STRANGERS)('answers %j exactly as one that does not exist, on every route', async (stranger) => {
    const { deps, upload, signed, objects } = await setup();
    const refusalsOf = async (id: string) =>
      Promise.all(
        [
          readUpload(deps.ledger, stranger, id, 'see'),
          downloadUpload(deps, stranger, id),
          deleteUpload(deps, stranger, id),
          readOpenMultipart(deps.ledger, stranger, id),
          completeUpload({ ...deps, policies }, stranger, id),
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
    await expect(readUpload(ledger, toUser(upload), 'a'.repeat(10_000), 'see')).rejects.toMatchObject({
      code: 'upload_not_found',
    });
  });
});

const TENANTS = ['acme', 'acme1', 'acme10', 'acm'];
const SUBJECTS = ['ada', 'ada1', 'acme'];
const GRANTS = ['g1', 'g10'];
const OWNERS = TENANTS.flatMap((tenant) => SUBJECTS.map((subject) => ({ tenant, subject })));
const UPLOADS = OWNERS.flatMap((owner) =>
  [undefined, ...GRANTS].flatMap((grantId) =>
    ([undefined, 'owner', 'tenant', 'anyone'] as const).flatMap((readers) =>
      (['requested', 'accepted', 'rejected'] as const).map((state) =>
        aRequest({ ...owner, state, ...(grantId && { grantId }), ...(readers && { readers }) }),
      ),
    ),
  ),
);
const CALLERS: readonly Caller[] = [
  ...OWNERS.map(toUser),
  ...OWNERS.flatMap((owner) => GRANTS.map((grantId) => ({ kind: 'grant' as const, ...owner, grantId }))),
  ...TENANTS.map((tenant) => ({ kind: 'service' as const, client: 'ada', scopes: [], tenant })),
  { kind: 'service', client: 'ada', scopes: ['tenants'] },
  { kind: 'service', client: 'ada', scopes: ['uploads.read', 'uploads.write', 'uploads.delete'] },
];

/** The pairs that an aim is right for, said a second time: by the text of what both are. */
function mayReach(caller: Caller, upload: Upload, aim: Aim): boolean {
  const { tenant, subject, grantId, state, readers } = upload;
  if (caller.kind === 'service') return caller.scopes.includes('tenants') || caller.tenant === tenant;
  const isOwn = JSON.stringify([caller.tenant, caller.subject]) === JSON.stringify([tenant, subject]);
  if (caller.kind === 'grant') return isOwn && grantId === caller.grantId && aim !== 'download';
  if (isOwn) return true;
  if (aim === 'change' || state !== 'accepted') return false;
  return readers === 'anyone' || (readers === 'tenant' && caller.tenant === tenant);
}

describe('all callers, on all uploads', () => {
  test.each(['see', 'change', 'download'] as const)('reach to %s what is theirs, and nothing else', (aim) => {
    const wrong = CALLERS.flatMap((caller) =>
      UPLOADS.filter((upload) => isWithinReach(caller, upload, aim) !== mayReach(caller, upload, aim)).map(
        (upload) => ({ caller, upload }),
      ),
    );
    expect(wrong).toEqual([]);
    const reached = CALLERS.filter((caller) => UPLOADS.some((upload) => isWithinReach(caller, upload, aim)));
    expect(reached.length).toBe(CALLERS.length - (aim === 'download' ? 25 : 1));
  });
});

describe('whose an upload is to be', () => {
  const NAMED = { tenant: 'acme', subject: 'ada' };

  test.each(CALLERS.filter(({ kind }) => kind !== 'service'))('is the caller: %j', (caller) => {
    expect(ownerFor(caller, undefined)).toEqual(expect.not.objectContaining({ kind: caller.kind }));
    expect(caller).toMatchObject(ownerFor(caller, undefined));
    expect(() => ownerFor(caller, NAMED)).toThrow(expect.objectContaining({ code: 'owner_not_allowed' }));
  });

  test.each(CALLERS.filter((caller) => caller.kind === 'service'))('is who a service names: %j', (caller) => {
    expect(() => ownerFor(caller, undefined)).toThrow(expect.objectContaining({ code: 'field_missing' }));
    for (const tenant of TENANTS) {
      const owner = { tenant, subject: 'ada' };
      if (caller.scopes.includes('tenants') || caller.tenant === tenant) {
        expect(ownerFor(caller, owner)).toEqual(owner);
      } else {
        expect(() => ownerFor(caller, owner)).toThrow(expect.objectContaining({ code: 'tenant_not_served' }));
      }
    }
  });
});

describe('a download', () => {
  const expected: Record<State, string> = {
    requested: 'not_verified_yet',
    verifying: 'not_verified_yet',
    scanning: 'not_verified_yet',
    held: 'not_verified_yet',
    accepted: 'granted',
    rejected: 'upload_rejected',
    expired: 'upload_ended',
    aborted: 'upload_ended',
    deleted: 'upload_ended',
    recalled: 'upload_recalled',
  };

  test.each(STATES)('of an upload that is %s is granted only if it was accepted', async (state) => {
    const { deps, upload, signed } = await setup(state);
    const outcome = await downloadUpload(deps, toUser(upload), upload.id).then(
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
    await expect(downloadUpload(deps, toUser(upload), upload.id)).rejects.toMatchObject({
      extras: { reason: 'type_mismatch' },
    });
  });
});

describe('a deletion', () => {
  const expected: Record<State, string> = {
    requested: 'aborted',
    verifying: 'verification_running',
    scanning: 'verification_running',
    held: 'aborted',
    accepted: 'deleted',
    rejected: 'rejected_not_deletable',
    expired: 'expired',
    aborted: 'aborted',
    deleted: 'deleted',
    recalled: 'recalled',
  };

  test.each(STATES)('of an upload that is %s ends as the state graph allows', async (state) => {
    const { deps, upload } = await setup(state);
    const outcome = await deleteUpload(deps, toUser(upload), upload.id).then(
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
    await deleteUpload(deps, toUser(upload), upload.id);
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
    await deleteUpload(deps, toUser(upload), upload.id);
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
    expect(await deleteUpload(deps, toUser(upload), upload.id)).toMatchObject({ state: 'deleted' });
    expect(objects.places.store.size).toBe(0);
    expect(ledger.rows.get(upload.id)?.upload).toMatchObject({ state: 'deleted', servedType: 'image/jpeg' });
  });

  test('leaves what is of another upload where it is', async () => {
    const { deps, upload, objects } = await restored('another');
    expect(await deleteUpload(deps, toUser(upload), upload.id)).toMatchObject({ state: 'aborted' });
    expect(objects.places.store.size).toBe(1);
  });

  test('finds it, too, when the sweep is bringing the row up to date', async () => {
    const { deps, upload, objects, ledger } = await restored();
    const lease = { key: upload.key, worker: 'sweep', now: 0, leaseEndsAt: 90_000, dueAt: 90_000 };
    await ledger.claim(upload.id, lease);
    await expect(deleteUpload(deps, toUser(upload), upload.id)).rejects.toMatchObject({
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
