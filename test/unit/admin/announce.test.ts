import { randomUUID } from 'node:crypto';
import type { AdminPage } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import { expect, test } from 'vitest';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createAdminWorld, NOW } from './world.ts';

const MINUTE = 60_000;

async function setup(uploads: readonly Upload[]) {
  const world = await createAdminWorld(uploads);
  return {
    ...world,
    /** An object that has been in incoming for so long. */
    arrive: (key: string, ageMs = 10 * MINUTE) => {
      world.objects.places.incoming.set(key, { bytes: Buffer.from('abc'), modifiedAt: NOW - ageMs });
    },
  };
}

test('announces the uploads that are named and have arrived, and says of each other why not', async () => {
  const [waiting, absent] = [aRequest({ state: 'verifying' }), aRequest()];
  const unknown = randomUUID();
  const { ask, announced, arrive } = await setup([waiting, absent]);
  arrive(waiting.key);
  expect(await ask({ command: 'announce', ids: [waiting.id, absent.id, unknown, 'photo.jpg'] })).toEqual({
    counts: { announced: 1, 'not there': 1, unknown: 2 },
    items: [
      { id: 'photo.jpg', outcome: 'unknown', detail: 'This is not the id of an upload.' },
      { id: unknown, outcome: 'unknown', detail: 'There is no such row.' },
      { id: absent.id, outcome: 'not there', detail: 'It is requested, with nothing in incoming.' },
      { id: waiting.id, outcome: 'announced', detail: 'It is verifying.' },
    ],
  });
  expect(announced).toEqual([waiting.key]);
});

test('leaves a row alone that it cannot read, and tells of it', async () => {
  const upload = aRequest();
  const { ask, announced, arrive, ledger } = await setup([upload]);
  ledger.rows.set(upload.id, { upload, schema: 99 });
  arrive(upload.key);
  const page = await ask({ command: 'announce', ids: [upload.id] });
  expect(page).toMatchObject({
    counts: { unreadable: 1 },
    items: [{ id: upload.id, outcome: 'unreadable' }],
  });
  expect(announced).toEqual([]);
});

test('announces whatever has waited in incoming for longer than it is told, whoever it belongs to', async () => {
  const uploads = [aRequest(), aRequest({ state: 'rejected' })];
  const { ask, announced, arrive } = await setup(uploads);
  for (const { key } of uploads) arrive(key);
  arrive('a/strangers/key');
  arrive('recent', 4 * MINUTE);
  const page = (await ask({ command: 'announce', stuckForSeconds: 300 })) as AdminPage;
  expect(page.counts).toEqual({ announced: 3, recent: 1 });
  expect(announced.toSorted()).toEqual(['a/strangers/key', ...uploads.map(({ key }) => key)].toSorted());
});

test('counts what it would announce, and announces nothing, in a dry run', async () => {
  const upload = aRequest();
  const { ask, announced, arrive } = await setup([upload]);
  arrive(upload.key);
  for (const call of [
    { command: 'announce', ids: [upload.id], dryRun: true },
    { command: 'announce', stuckForSeconds: 300, dryRun: true },
  ] as const) {
    expect(await ask(call)).toMatchObject({ counts: { announced: 1 } });
  }
  expect(announced).toEqual([]);
});

test.each([
  ['named', (ids: readonly string[]) => ({ command: 'announce', ids }) as const],
  ['stuck', () => ({ command: 'announce', stuckForSeconds: 300 }) as const],
])(
  'announces 250 %s uploads once each, a page at a time, from the cursor of the page before',
  async (_name, toCall) => {
    const uploads = Array.from({ length: 250 }, () => aRequest());
    const { ask, askAll, announced, arrive } = await setup(uploads);
    for (const { key } of uploads) arrive(key);
    const call = toCall(uploads.map(({ id }) => id));
    const first = (await ask(call, 1)) as AdminPage;
    expect([first.counts, announced.length]).toEqual([{ announced: 100 }, 100]);
    announced.length = 0;
    expect((await askAll(call)).counts).toEqual({ announced: 250 });
    expect(new Set(announced)).toEqual(new Set(uploads.map(({ key }) => key)));
    expect(announced).toHaveLength(250);
  },
);

test('notes an upload whose announcement fails, and goes on with the others', async () => {
  const uploads = [aRequest(), aRequest()];
  const { ask, arrive, deps } = await setup(uploads);
  for (const { key } of uploads) arrive(key);
  const announce = deps.announce;
  deps.announce = async ({ key }) => {
    if (key === uploads[0]?.key) throw new Error('the queue is away');
    return announce({ key });
  };
  expect(await ask({ command: 'announce', ids: uploads.map(({ id }) => id) })).toMatchObject({
    counts: { failed: 1, announced: 1 },
    items: expect.arrayContaining([
      { id: uploads[0]?.id, outcome: 'failed', detail: 'Error: the queue is away' },
    ]),
  });
});

test.each(['-1', 'abc', '1.5'])('refuses the cursor %j, which no list gave', async (cursor) => {
  const { ask } = await setup([]);
  await expect(ask({ command: 'announce', ids: ['x'], cursor })).rejects.toThrow('the cursor is not one');
});
