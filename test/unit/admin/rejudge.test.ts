import { randomUUID } from 'node:crypto';
import type { AdminPage } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import { rejudgeWhere } from '../../../src/lib/admin/rejudge.ts';
import type { QuotaSettings } from '../../../src/lib/quota/rules.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, Killed } from '../../fakes/crashing.ts';
import { createMemoryAdminLedger } from '../../fakes/memory-admin-ledger.ts';
import { createMemoryBuckets } from '../../fakes/memory-buckets.ts';
import { RAISED } from '../../fakes/sweep-report.ts';
import { createAdminWorld, HOUR, NOW } from './world.ts';

const HONEST = 'a,b\n1,2\n';

/** An upload that would be accepted by the policies of today. */
function aTable(changes: Partial<Upload> = {}): Upload {
  return aRequest({
    policy: 'data',
    contentType: 'text/csv',
    filename: 'a.csv',
    size: HONEST.length,
    ...changes,
  });
}

/** The same, wrongly rejected two hours ago, and kept in quarantine. */
function rejected(changes: Partial<Upload> = {}): Upload {
  return aTable({
    state: 'rejected',
    epoch: 1,
    settledAt: NOW - 2 * HOUR,
    reason: 'type_not_allowed',
    detail: 'The policy takes no text.',
    evidence: { etag: 'e', size: HONEST.length },
    ...changes,
  });
}

async function setup(uploads: readonly Upload[], crash?: Crash, quotas?: Partial<QuotaSettings>) {
  const world = await createAdminWorld(uploads, { ...(crash && { crash }), ...(quotas && { quotas }) });
  for (const { id, key, state } of uploads) {
    if (state !== 'rejected') continue;
    world.objects.places.quarantine.set(key, {
      bytes: Buffer.from(HONEST),
      headers: {
        contentType: 'application/octet-stream',
        contentDisposition: 'attachment',
        metadata: { 'upload-id': id, reason: 'type_not_allowed' },
      },
      modifiedAt: NOW - 2 * HOUR,
    });
  }
  const sweepLater = async () => {
    world.pass(HOUR);
    const announce = async () => undefined; // it is verified in any case
    const alive = { ledger: world.ledger, objects: world.objects, multipart: world.multipart, announce };
    await sweep({ ...world.deps, ...alive }, new AbortController().signal, RAISED);
  };
  return { ...world, sweepLater };
}

test('has a wrongly rejected file verified again, which accepts it by the policy of today', async () => {
  const upload = rejected();
  const world = await setup([upload]);
  expect(await world.ask({ command: 'rejudge', ids: [upload.id] })).toEqual({
    counts: { 'judged again': 1 },
    items: [{ id: upload.id, outcome: 'judged again', detail: 'The policy takes no text.' }],
  });
  const row = world.ledger.rows.get(upload.id)?.upload;
  expect(row).toMatchObject({ state: 'verifying', epoch: 2 });
  for (const stale of ['settledAt', 'reason', 'detail', 'evidence', 'servedType']) {
    expect(row).not.toHaveProperty(stale);
  }
  expect(world.objects.places.store.has(upload.key)).toBe(false);
  await world.verifyAll();
  expect(world.state(upload.id)).toBe('accepted');
  expect([...world.objects.places.store.keys()]).toEqual([upload.key]);
  await world.sweepLater(); // the last look
  expect(world.objects.places.quarantine.size).toBe(0);
});

test('leaves it to verification to reject it again', async () => {
  const upload = rejected({ size: 1 });
  const world = await setup([upload]);
  await world.ask({ command: 'rejudge', ids: [upload.id] });
  await world.verifyAll();
  expect(world.ledger.rows.get(upload.id)?.upload).toMatchObject({
    state: 'rejected',
    reason: 'size_mismatch',
  });
  expect([...world.objects.places.quarantine.keys()]).toEqual([upload.key]);
});

test('says of each other upload why it is not judged again', async () => {
  const accepted = aTable({ state: 'accepted' });
  const gone = rejected();
  const world = await setup([accepted, gone, aTable({ state: 'verifying' })]);
  world.objects.places.quarantine.delete(gone.key);
  const underWay =
    [...world.ledger.rows.values()].find(({ upload }) => upload.state === 'verifying')?.upload.id ?? '';
  const unknown = randomUUID();
  const page = await world.ask({ command: 'rejudge', ids: [accepted.id, gone.id, underWay, unknown, 'x'] });
  expect((page as AdminPage).counts).toEqual({ unknown: 2, 'not rejected': 1, 'under way': 1, gone: 1 });
  expect(world.state(gone.id)).toBe('rejected');
});

test('takes no copy that names another upload', async () => {
  const [upload, other] = [rejected(), rejected()];
  const world = await setup([upload, other]);
  const stray = world.objects.places.quarantine.get(other.key);
  if (stray) world.objects.places.quarantine.set(upload.key, stray);
  expect(await world.ask({ command: 'rejudge', ids: [upload.id] })).toMatchObject({ counts: { gone: 1 } });
  expect(world.state(upload.id)).toBe('rejected');
});

test('leaves a row alone that it cannot read', async () => {
  const upload = rejected();
  const world = await setup([upload]);
  world.ledger.rows.set(upload.id, { upload, schema: 99 });
  expect(await world.ask({ command: 'rejudge', ids: [upload.id] })).toMatchObject({
    counts: { unreadable: 1 },
  });
  expect(await world.ask({ command: 'rejudge', where: {} })).toMatchObject({ counts: { unreadable: 1 } });
  expect(world.objects.places.quarantine.has(upload.key)).toBe(true);
});

test.each([
  [{}, ['a', 'b', 'c', 'd']],
  [{ policy: 'data' }, ['a', 'b', 'd']],
  [{ since: NOW - 3 * HOUR }, ['a', 'b', 'c']],
  [{ reason: 'type_not_allowed' }, ['a', 'c', 'd']],
  [{ policy: 'data', since: NOW - 3 * HOUR, reason: 'type_not_allowed' }, ['a']],
])('finds what was rejected as %j, and changes nothing in a dry run', async (where, expected) => {
  const named = {
    a: rejected(),
    b: rejected({ reason: 'type_mismatch' }),
    c: rejected({ policy: 'images' }),
    d: rejected({ settledAt: NOW - 9 * HOUR }),
    e: aTable({ state: 'accepted' }),
  };
  const world = await setup(Object.values(named));
  const before = structuredClone([...world.ledger.rows]);
  const page = (await world.ask({ command: 'rejudge', where, dryRun: true })) as AdminPage;
  const names = new Map(Object.entries(named).map(([name, { id }]) => [id, name]));
  expect(page.items.map(({ id }) => names.get(id)).toSorted()).toEqual(expected);
  expect([...world.ledger.rows]).toEqual(before);
  expect(world.objects.places.incoming.size).toBe(0);
});

test('walks through the table in parts, which together are all of it', async () => {
  const uploads = Array.from({ length: 40 }, () => rejected());
  const world = await setup(uploads);
  let found = 0;
  for (const number of [0, 1, 2]) {
    const page = await world.askAll({ command: 'rejudge', where: {}, segment: { number, of: 3 } });
    found += page.counts['judged again'] ?? 0;
  }
  expect(found).toBe(40);
});

test('judges fifty in a step, so that a slow store does not end the call in its middle', async () => {
  const world = await setup(Array.from({ length: 120 }, () => rejected()));
  const first = (await world.ask({ command: 'rejudge', where: {} }, 1)) as AdminPage;
  expect(first.counts).toEqual({ 'judged again': 50 });
  expect(first.cursor).toBeDefined();
  const rest = await world.ask({ command: 'rejudge', where: {}, cursor: first.cursor ?? '' });
  expect((rest as AdminPage).counts).toEqual({ 'judged again': 70 });
});

test('tells verification of an object that was in incoming before', async () => {
  const upload = rejected();
  const world = await setup([upload]);
  world.objects.put(upload.key, HONEST);
  await world.ask({ command: 'rejudge', ids: [upload.id] });
  expect(world.announced).toEqual([upload.key]);
});

test('takes from the quotas of today again, and is refused where there is nothing left', async () => {
  const [first, second] = [rejected(), rejected()];
  const world = await setup([first, second], undefined, {
    counted: ['tenant'],
    owner: { files: 1 },
    unfinished: 0,
  });
  const page = (await world.ask({ command: 'rejudge', ids: [first.id, second.id] })) as AdminPage;
  expect(page.counts).toEqual({ 'judged again': 1, failed: 1 });
  expect(page.items.find(({ outcome }) => outcome === 'failed')?.detail).toContain(
    'None is left of the quota',
  );
  await world.verifyAll();
  expect([first.id, second.id].map(world.state).toSorted()).toEqual(['accepted', 'rejected']);
  const tallies = [...world.grants.tallies].map(([id, { files, bytes }]) => [id.split('#')[0], files, bytes]);
  expect(tallies.toSorted()).toEqual([
    ['owner', 1, HONEST.length],
    ['tenant', 1, HONEST.length],
  ]);
});

test('a worker of before the rejudgement commits nothing after it', async () => {
  const upload = rejected();
  const world = await setup([upload]);
  await world.ask({ command: 'rejudge', ids: [upload.id] });
  const late = { ...upload, state: 'verifying' } as const;
  const { moved } = await world.ledger.move(late, 'rejected', { settledAt: NOW });
  expect(moved).toBe(false);
});

test('killed at any call and asked again, or swept, ends with one verdict and one object', async () => {
  for (const goesOn of ['asked again', 'swept'] as const) {
    for (let call = 1, isDone = false; !isDone; call += 1) {
      for (const when of ['before', 'after'] as const) {
        const upload = rejected();
        const world = await setup([upload], { call, when });
        await world.ask({ command: 'rejudge', where: {} }).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        isDone = world.calls() < call;
        const at = `${goesOn}, killed ${when} call ${call}`;
        if (goesOn === 'asked again') {
          const deps = {
            ...world.deps,
            ledger: world.ledger,
            objects: world.objects,
            table: createMemoryAdminLedger(world.ledger, world.grants),
            buckets: createMemoryBuckets(world.objects),
            announce: async () => undefined,
            signal: () => new AbortController().signal,
          };
          await rejudgeWhere(deps, {}, false)(undefined);
        } else await world.sweepLater();
        await world.verifyAll();
        const state = world.state(upload.id);
        expect(['accepted', 'rejected'], at).toContain(state);
        if (goesOn === 'asked again') expect(state, at).toBe('accepted');
        const home = state === 'accepted' ? 'store' : 'quarantine';
        expect(world.objects.places[home].has(upload.key), at).toBe(true);
        expect(world.objects.places.incoming.size, at).toBe(0);
        if (state === 'rejected') expect(world.objects.places.store.size, at).toBe(0);
      }
    }
  }
});
