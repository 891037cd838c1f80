import { createShelf, type Refusal } from '@sluice/console/shelf';
import type { State } from '@sluice/contract/state';
import { expect, test } from 'vitest';
import { upload } from './upload.ts';

function refusal(key: string): Refusal {
  return {
    key,
    file: { name: `${key}.exe`, type: '', size: 2 },
    contentType: 'application/octet-stream',
    why: 'Not taken here.',
  };
}

function setup() {
  const shelf = createShelf();
  return { shelf, keys: (state?: State) => shelf.items(state).map(({ key }) => key) };
}

test('shows what was not sent before what has arrived, each newest first', () => {
  const { shelf, keys } = setup();
  shelf.putUploads([
    upload({ id: 'older', createdAt: '2026-11-22T10:00:00.000Z' }),
    upload({ id: 'newer', createdAt: '2026-11-22T11:00:00.000Z' }),
  ]);
  shelf.putRefusal(refusal('first'));
  shelf.putRefusal(refusal('second'));
  expect(keys()).toEqual(['second', 'first', 'newer', 'older']);
});

test('forgets what was not sent once it is dropped, and not with the uploads', () => {
  const { shelf, keys } = setup();
  shelf.putRefusal(refusal('kept'));
  shelf.putRefusal(refusal('dropped'));
  shelf.putUploads([upload({ id: 'u1' })]);
  shelf.dropRefusal('dropped');
  shelf.clearUploads();
  expect(keys()).toEqual(['kept']);
});

test('shows only uploads of the state that is asked for, and what was not sent besides', () => {
  const { shelf, keys } = setup();
  shelf.putUploads([upload({ id: 'good' }), upload({ id: 'bad', state: 'rejected' })]);
  shelf.putRefusal(refusal('refused'));
  expect(keys('rejected')).toEqual(['refused', 'bad']);
});

test.each<readonly [State, State, State]>([
  ['requested', 'verifying', 'verifying'],
  ['accepted', 'verifying', 'accepted'],
  ['verifying', 'requested', 'verifying'],
  ['accepted', 'deleted', 'deleted'],
  ['deleted', 'accepted', 'deleted'],
  ['requested', 'aborted', 'aborted'],
])('keeps the later state when %s is known and an answer says %s', (known, told, kept) => {
  const { shelf } = setup();
  shelf.putUploads([upload({ id: 'u1', state: known })]);
  shelf.putUploads([upload({ id: 'u1', state: told })]);
  expect(shelf.items(undefined)[0]?.upload?.state).toBe(kept);
});

test('is unsettled while an upload is bound to change', () => {
  const { shelf } = setup();
  shelf.putUploads([upload({ id: 'u1', state: 'verifying' })]);
  expect(shelf.isUnsettled()).toBe(true);
  shelf.putUploads([upload({ id: 'u1' })]);
  expect(shelf.isUnsettled()).toBe(false);
});
