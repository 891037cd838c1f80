import type { AdminPage } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import type { Place } from '../../../src/lib/upload/ports.ts';
import { aGrant } from '../../contract/grants.contract.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { type Crash, Killed } from '../../fakes/crashing.ts';
import { createAdminWorld, HOUR, NOW } from './world.ts';

const DAY = 24 * HOUR;
const ADA = { tenant: 'acme', subject: 'ada' } as const;

const IN_EVERY_STATE: readonly [Partial<Upload>, readonly Place[]][] = [
  [{ state: 'requested' }, []],
  [{ state: 'requested' }, ['incoming']],
  [{ state: 'accepted', epoch: 1 }, ['store']],
  [{ state: 'accepted', epoch: 2 }, ['store', 'quarantine']],
  [{ state: 'rejected', epoch: 1 }, ['quarantine']],
  [{ state: 'expired' }, []],
  [{ state: 'aborted' }, ['incoming']],
  [{ state: 'deleted', epoch: 1 }, []],
];

async function setup(changes: Partial<Upload> = {}, crash?: Crash) {
  const world = await createAdminWorld([], { ...(crash && { crash }) });
  const add = async (more: Partial<Upload>, places: readonly Place[] = []) => {
    const upload = aRequest({ expiresAt: NOW - DAY, settledAt: NOW - DAY, ...changes, ...more });
    await world.ledger.record(upload);
    for (const place of places) {
      world.objects.places[place].set(upload.key, {
        bytes: Buffer.from('abc'),
        headers: { contentType: 'x', contentDisposition: 'x', metadata: { 'upload-id': upload.id } },
        modifiedAt: NOW - DAY,
      });
    }
    return upload;
  };
  const mine: Upload[] = [];
  for (const [more, places] of IN_EVERY_STATE) mine.push(await add(more, places));
  const others = [
    await add({ subject: 'bob', state: 'accepted' }, ['store']),
    await add({ tenant: 'acme2', state: 'accepted' }, ['store']),
  ];
  world.grants.rows.set('g1', aGrant({ id: 'g1', ...ADA }));
  world.grants.rows.set('g2', aGrant({ id: 'g2', tenant: 'acme', subject: 'bob' }));
  const keysLeft = () => Object.values(world.objects.places).flatMap((place) => [...place.keys()]);
  return { ...world, mine, others, keysLeft };
}

test('removes an owner’s rows, objects in all buckets and grants, whatever their state, and nobody else’s', async () => {
  const { ask, ledger, grants, others, keysLeft } = await setup();
  const page = (await ask({ command: 'erase', ...ADA })) as AdminPage;
  expect(page.counts).toEqual({ uploads: 6, later: 2, objects: 6, grants: 1 });
  expect(keysLeft().toSorted()).toEqual(others.map(({ key }) => key).toSorted());
  expect([...grants.rows.keys()]).toEqual(['g2']);
  // What was ended just now may still get a copy of a worker's: its row stays, and says nothing of the file.
  const left = [...ledger.rows.values()]
    .map(({ upload }) => upload)
    .filter(({ subject, tenant }) => subject === 'ada' && tenant === 'acme');
  expect(
    left.every(({ filename, metadata }) => filename === 'erased' && Object.keys(metadata).length === 0),
  ).toBe(true);
  expect(page.notes?.join('\n')).toContain(
    'Point-in-time recovery of the tables holds the rows until 2026-12-25',
  );
});

test('leaves nothing once it is done again an hour later', async () => {
  const { ask, ledger, others, pass } = await setup();
  await ask({ command: 'erase', ...ADA });
  pass(HOUR + 1);
  expect(((await ask({ command: 'erase', ...ADA })) as AdminPage).counts).toEqual({ uploads: 2 });
  expect([...ledger.rows.keys()].toSorted()).toEqual(others.map(({ id }) => id).toSorted());
});

test('keeps a row as long as bytes may come under its signature', async () => {
  const { ask, ledger, mine } = await setup({ expiresAt: NOW + 60_000 });
  const page = (await ask({ command: 'erase', ...ADA })) as AdminPage;
  expect(page.counts).toMatchObject({ later: mine.length });
  expect(page.items[0]?.detail).toBe('Its row stays until 2026-11-20T10:16:00.000Z.');
  for (const { id } of mine) expect(ledger.rows.get(id)?.upload.state).not.toBe('accepted');
});

test('leaves an upload alone that is being verified, and says to come again', async () => {
  const { ask, ledger, objects } = await createAdminWorld([aRequest({ state: 'verifying' })]);
  const [{ upload } = { upload: aRequest() }] = [...ledger.rows.values()];
  objects.put(upload.key, 'abc');
  expect(await ask({ command: 'erase', ...ADA })).toMatchObject({ counts: { running: 1 } });
  expect(objects.places.incoming.has(upload.key)).toBe(true);
});

test('waits for an upload that is being verified, and removes what becomes of it', async () => {
  const { ask, ledger, objects, deps } = await createAdminWorld([aRequest({ state: 'verifying' })]);
  const [{ upload } = { upload: aRequest() }] = [...ledger.rows.values()];
  objects.put(upload.key, 'abc');
  let looks = 0;
  deps.settle = async () => {
    looks += 1;
    const rejected = { ...upload, state: 'rejected', epoch: 1, settledAt: NOW } as const;
    if (looks === 3) ledger.rows.set(upload.id, { upload: rejected });
  };
  const first = (await ask({ command: 'erase', ...ADA }, 2)) as AdminPage;
  expect([first.counts, first.cursor]).toEqual([{}, `running:1:${upload.id}`]);
  const rest = await ask({ command: 'erase', ...ADA, cursor: first.cursor ?? '' });
  expect((rest as AdminPage).counts).toEqual({ later: 1, objects: 1 });
  expect(looks).toBe(3);
});

test('ends an upload whose scanners do not answer', async () => {
  const { ask, ledger, objects } = await createAdminWorld([aRequest({ state: 'scanning', epoch: 1 })]);
  const [{ upload } = { upload: aRequest() }] = [...ledger.rows.values()];
  objects.put(upload.key, 'abc');
  expect(await ask({ command: 'erase', ...ADA })).toMatchObject({ counts: { later: 1, objects: 1 } });
  expect(objects.places.incoming.has(upload.key)).toBe(false);
  expect(ledger.rows.get(upload.id)?.upload.state).toBe('aborted');
});

test('forgets an upload in parts an hour after its end, though the addresses of its parts hold for days', async () => {
  const inParts = { transport: 'multipart', expiresAt: NOW + 4 * DAY } as const;
  const { ask, ledger, pass } = await createAdminWorld([aRequest(inParts)]);
  expect(await ask({ command: 'erase', ...ADA })).toMatchObject({ counts: { later: 1 } });
  pass(HOUR + 1);
  expect(await ask({ command: 'erase', ...ADA })).toMatchObject({ counts: { uploads: 1 } });
  expect(ledger.rows.size).toBe(0);
});

test('leaves a row alone that it cannot read, with its objects', async () => {
  const { ask, ledger, mine, objects } = await setup();
  const accepted = mine[2] ?? aRequest();
  ledger.rows.set(accepted.id, { upload: accepted, schema: 99 });
  expect(((await ask({ command: 'erase', ...ADA })) as AdminPage).counts).toMatchObject({ unreadable: 1 });
  expect(objects.places.store.has(accepted.key)).toBe(true);
});

test('erases a whole tenant', async () => {
  const { ask, keysLeft, others, grants } = await setup();
  await ask({ command: 'erase', tenant: 'acme' });
  expect(keysLeft()).toEqual([others[1]?.key]);
  expect(grants.rows.size).toBe(0);
});

test('counts and removes nothing in a dry run', async () => {
  const { ask, ledger, grants, keysLeft } = await setup();
  const before = structuredClone([[...ledger.rows], keysLeft(), [...grants.rows]]);
  const page = (await ask({ command: 'erase', ...ADA, dryRun: true })) as AdminPage;
  expect(page.counts).toEqual({ uploads: 8, objects: 6, grants: 1 });
  expect([[...ledger.rows], keysLeft(), [...grants.rows]]).toEqual(before);
});

test('killed at any call and begun again, leaves nothing of the owner’s', async () => {
  for (let call = 1, isDone = false; !isDone; call += 1) {
    const world = await setup({}, { call, when: call % 2 === 0 ? 'before' : 'after' });
    await world.ask({ command: 'erase', ...ADA }).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    isDone = world.calls() < call;
    const alive = await createAdminWorld();
    for (const [id, row] of world.ledger.rows) alive.ledger.rows.set(id, row);
    for (const [id, grant] of world.grants.rows) alive.grants.rows.set(id, grant);
    for (const place of ['incoming', 'store', 'quarantine'] as const) {
      for (const [key, object] of world.objects.places[place]) alive.objects.places[place].set(key, object);
    }
    await alive.ask({ command: 'erase', ...ADA });
    alive.pass(2 * HOUR);
    await alive.ask({ command: 'erase', ...ADA });
    const at = `killed at call ${call}`;
    expect([...alive.ledger.rows.keys()].toSorted(), at).toEqual(world.others.map(({ id }) => id).toSorted());
    const keys = Object.values(alive.objects.places).flatMap((place) => [...place.keys()]);
    expect(keys.toSorted(), at).toEqual(world.others.map(({ key }) => key).toSorted());
    expect([...alive.grants.rows.keys()], at).toEqual(['g2']);
  }
});
