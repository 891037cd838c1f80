import { randomUUID } from 'node:crypto';
import type { ShownUpload } from '@sluice/contract/admin';
import { STATES } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { describe, expect, test } from 'vitest';
import { toAdvice } from '../../../src/lib/admin/advice.ts';
import type { Place } from '../../../src/lib/upload/ports.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { createAdminWorld, NOW } from './world.ts';

async function setup(upload?: Upload, at: readonly Place[] = []) {
  const id = upload?.id ?? randomUUID();
  const key = upload?.key ?? `acme/${id}`;
  const world = await createAdminWorld(upload === undefined ? [] : [upload]);
  for (const place of at) {
    world.objects.places[place].set(key, { bytes: Buffer.from('abc'), modifiedAt: NOW });
  }
  const show = async (named?: string) =>
    (await world.ask({ command: 'show', id, ...(named !== undefined && { key: named }) })) as ShownUpload;
  return { ...world, id, key, show };
}

/** What the advice says, and its commands. */
function words({ advice }: Pick<ShownUpload, 'advice'>): string {
  return advice.map(({ text, commands }) => [text, ...commands].join('\n')).join('\n');
}

describe('an upload that is shown', () => {
  test('has its row, its objects in all buckets, its messages and what was searched', async () => {
    const upload = aRequest({ state: 'verifying' });
    const { show, deadLetters, id, key } = await setup(upload, ['incoming', 'quarantine']);
    deadLetters.add('arrivals', '{"Records":[]}', `{"key":"${key}"}`);
    const shown = await show();
    expect(shown).toMatchObject({
      id,
      key,
      state: 'verifying',
      owner: { tenant: 'acme', subject: 'ada' },
      row: upload,
      objects: [
        { place: 'incoming', key, isLatest: true, size: 3, modifiedAt: '2026-11-20T09:15:00.000Z' },
        { place: 'quarantine', key },
      ],
      messages: [{ queue: 'arrivals', messageId: 'arrivals-2' }],
      searched: { arrivals: { messages: 2, isAll: true }, events: { messages: 0, isAll: true } },
    });
    expect(words(shown)).toContain('sluice admin redrive arrivals');
    expect(words(shown)).toContain(`sluice admin announce ${id}`);
  });

  test('is found by its key where its row is lost', async () => {
    const { show, key } = await setup(undefined, ['store']);
    expect((await show()).objects).toEqual([]);
    const shown = await show(key);
    expect(shown.objects).toMatchObject([{ place: 'store', key }]);
    expect(words(shown)).toContain('sluice admin restore');
  });

  test('has no row where this version cannot read it, and says so', async () => {
    const upload = aRequest();
    const { show, ledger } = await setup(upload);
    ledger.rows.set(upload.id, { upload, schema: 99 });
    const shown = await show(upload.key);
    expect(shown).not.toHaveProperty('row');
    expect(shown.unreadable).toContain('its schema is a newer one');
    expect(words(shown)).toContain('deploy the version that wrote it');
  });

  test('names the parts that nobody has completed', async () => {
    const upload = aRequest({ transport: 'multipart' });
    const { ask } = await createAdminWorld([upload], {
      unfinished: [{ key: upload.key, uploadId: 'u1', startedAt: NOW }],
    });
    expect(await ask({ command: 'show', id: upload.id })).toMatchObject({
      unfinished: [{ uploadId: 'u1', startedAt: '2026-11-20T09:15:00.000Z' }],
    });
  });

  test('changes nothing by being shown', async () => {
    const upload = aRequest({ state: 'accepted' });
    const { show, ledger, objects, announced } = await setup(upload, ['store']);
    const before = structuredClone([[...ledger.rows], [...objects.places.store.keys()]]);
    await show();
    expect([[...ledger.rows], [...objects.places.store.keys()]]).toEqual(before);
    expect(announced).toEqual([]);
  });
});

describe('the advice', () => {
  const HOUR = 3_600_000;
  const waiting = { expiresAt: NOW + HOUR, dueAt: NOW + 2 * HOUR };

  test.each<[string, Partial<Upload>, readonly Place[], string]>([
    ['nothing sent yet', waiting, [], 'may send it until 2026-11-20T10:15:00.000Z'],
    [
      'nothing sent in time',
      { expiresAt: NOW - 1, dueAt: NOW + HOUR },
      [],
      'It expires at 2026-11-20T10:15:00',
    ],
    ['arrived and not judged', waiting, ['incoming'], 'sluice admin announce'],
    [
      'a worker that died',
      { ...waiting, state: 'verifying' },
      ['store'],
      'The sweep mends the row at 2026-11-20T11',
    ],
    ['accepted', { state: 'accepted' }, ['store'], 'All is well'],
    ['accepted and lost', { state: 'accepted' }, [], 'Bring the object back from a backup'],
    ['rejected', { state: 'rejected', reason: 'type_mismatch' }, ['quarantine'], 'sluice admin rejudge'],
    ['rejected long ago', { state: 'rejected' }, [], 'the client has to upload it again'],
    ['scanned', { ...waiting, state: 'scanning' }, ['incoming'], 'is asked again at 2026-11-20T11:15:00'],
    [
      'held',
      { state: 'held', detail: 'clamav is silent.' },
      ['incoming'],
      'clamav is silent. Mend the scanner',
    ],
    ['held', { state: 'held' }, ['incoming'], 'sluice admin rejudge'],
    ['held for too long', { state: 'held' }, [], 'has left incoming: it expires'],
    [
      'recalled',
      { state: 'recalled', detail: 'Eicar was found.' },
      ['quarantine'],
      'Eicar was found. Nobody',
    ],
    ['recalled', { state: 'recalled' }, ['quarantine'], 'sluice admin audit'],
    ['given up', { state: 'aborted' }, [], 'It is aborted. Nothing is left to do.'],
    [
      'expired',
      { state: 'expired', detail: 'Nothing had arrived.' },
      [],
      'It is expired. Nothing had arrived.',
    ],
    ['deleted, with something left', { state: 'deleted' }, ['store'], 'store still has an object of it'],
  ])('says what to do about %s', async (_name, changes, at, expected) => {
    const { show } = await setup(aRequest(changes), at);
    expect(words(await show())).toContain(expected);
  });

  test.each(STATES)(
    'says something of every state, and names the upload in its commands: %s',
    async (state) => {
      for (const at of [[], ['incoming'], ['store'], ['quarantine']] as const) {
        const { show, id } = await setup(aRequest({ state }), at);
        const { advice } = await show();
        expect(advice.length).toBeGreaterThan(0);
        for (const { text, commands } of advice) {
          expect(text).toMatch(/^[A-Z].*\.$/s);
          for (const command of commands)
            expect(command).toMatch(new RegExp(`${id}|reconcile|delete-object`));
        }
      }
    },
  );

  test('of parts that have arrived is to wait for the client', () => {
    const upload = aRequest({ ...waiting, transport: 'multipart' });
    const advice = toAdvice(
      { id: upload.id, upload, unreadable: undefined, objects: [], hasUnfinished: true, messages: [] },
      NOW,
    );
    expect(words({ advice })).toContain('the client has not completed the upload');
  });

  test('of an object that is hidden behind a marker is to remove the marker', () => {
    const upload = aRequest({ state: 'accepted' });
    const store = { place: 'store', key: upload.key } as const;
    const objects = [
      { ...store, isLatest: true, isMarker: true, size: 0, versionId: 'm1' },
      { ...store, isLatest: false, size: 3, versionId: 'v1' },
    ];
    const known = { id: upload.id, upload, unreadable: undefined, hasUnfinished: false, messages: [] };
    expect(words({ advice: toAdvice({ ...known, objects }, NOW) })).toContain("--version-id 'm1'");
  });

  test.each<[readonly Place[], string]>([
    [['incoming'], 'sluice admin announce'],
    [['quarantine'], 'There is no row.'],
    [[], 'Nothing is known of it'],
  ])('of an id without a row, with objects in %j', async (at, expected) => {
    const { show, key } = await setup(undefined, at);
    expect(words(await show(key))).toContain(expected);
  });
});
