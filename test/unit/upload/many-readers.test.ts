// What is read and changed of many uploads, by every kind of caller: the same as of one.
import type { Caller } from '@sluice/contract/caller';
import { READERS } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import { isOf, readUpload, readUploads, toUser } from '../../../src/lib/upload/access.ts';
import { UnreadableRow } from '../../../src/lib/upload/faults.ts';
import { listShared, shareUpload } from '../../../src/lib/upload/readers.ts';
import { policies } from '../../../src/policies.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createMemoryLedger } from '../../fakes/memory-ledger.ts';

// Of some, a name begins with another's.
const TENANTS = ['acme', 'acme1', 'acm'];
const OWNERS = TENANTS.flatMap((tenant) => ['ada', 'ada1'].map((subject) => ({ tenant, subject })));
const CALLERS: readonly Caller[] = [
  ...OWNERS.map(toUser),
  ...OWNERS.map((owner) => ({ kind: 'grant' as const, ...owner, grantId: 'g1' })),
  ...TENANTS.map((tenant) => ({ kind: 'service' as const, client: 'ada', scopes: [], tenant })),
  { kind: 'service', client: 'ada', scopes: ['tenants'] },
  { kind: 'service', client: 'ada', scopes: ['uploads.read'] },
];

async function setup() {
  const ledger = createMemoryLedger();
  const uploads = OWNERS.flatMap((owner) =>
    READERS.flatMap((readers) =>
      (['requested', 'accepted', 'deleted'] as const).map((state) =>
        aRequest({ ...owner, state, readers, policy: 'images' }),
      ),
    ),
  );
  for (const upload of uploads) await ledger.record(upload);
  return { ledger, uploads };
}

function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

test.each(CALLERS)('many uploads are reached by %j as each of them is by itself', async (caller) => {
  const { ledger, uploads } = await setup();
  const ids = [...uploads.map(({ id }) => id), '00000000-0000-4000-8000-000000000000', '../x', ''];
  for (const aim of ['see', 'change', 'download'] as const) {
    const find = await readUploads(ledger, caller, ids, aim);
    for (const id of ids) {
      const alone = await outcomeOf(readUpload(ledger, caller, id, aim));
      expect(await outcomeOf((async () => find(id))())).toBe(alone);
    }
  }
});

test('many uploads are one read of the ledger, which is asked for ids only', async () => {
  const { ledger, uploads } = await setup();
  const asked: (readonly string[])[] = [];
  const { readMany } = ledger;
  ledger.readMany = (ids) => {
    asked.push(ids);
    return readMany(ids);
  };
  const [first] = uploads;
  if (first === undefined) throw new Error('there is one');
  await readUploads(ledger, toUser(first), [first.id, '../x', 'a'.repeat(10_000)], 'download');
  expect(asked).toEqual([[first.id]]);
});

test('a row that cannot be read is a fault of its own, and its neighbours are read', async () => {
  const { ledger, uploads } = await setup();
  const [first, second] = uploads;
  if (first === undefined || second === undefined) throw new Error('there are two');
  ledger.rows.set(first.id, { upload: first, schema: 99 });
  const find = await readUploads(ledger, toUser(first), [first.id, second.id], 'see');
  expect(() => find(first.id)).toThrow(UnreadableRow);
  expect(find(second.id).id).toBe(second.id);
});

test.each(CALLERS)(
  'the readers of a file are changed by %j if it is its owner or its service',
  async (caller) => {
    const { ledger, uploads } = await setup();
    for (const upload of uploads.filter(({ state }) => state === 'accepted')) {
      const isMine =
        caller.kind === 'service'
          ? (caller.tenant ?? (caller.scopes.includes('tenants') ? upload.tenant : '')) === upload.tenant
          : caller.kind === 'user' && isOf(caller, upload);
      const outcome = await outcomeOf(shareUpload({ ledger, policies }, caller, upload.id, 'tenant'));
      expect(outcome, `${upload.tenant} ${upload.subject}`).toBe(isMine ? 'done' : 'upload_not_found');
    }
  },
);

test.each(OWNERS)(
  'what %j finds in the list of its tenant is what it may read, and no other',
  async (owner) => {
    const { ledger, uploads } = await setup();
    const page = await listShared({ ledger, policies }, toUser(owner), { limit: 100 });
    expect(page.uploads.map(({ id }) => id).toSorted()).toEqual(
      uploads
        .filter(
          ({ state, tenant, readers }) =>
            state === 'accepted' && tenant === owner.tenant && readers !== 'owner',
        )
        .map(({ id }) => id)
        .toSorted(),
    );
  },
);
