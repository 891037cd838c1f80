import { createKnownFiles, type Refusal } from '@sluice/console/known-files';
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
  const known = createKnownFiles();
  return { known, keys: (state?: State) => known.items(state).map(({ key }) => key) };
}

test('shows what was not sent before what has arrived, each newest first', () => {
  const { known, keys } = setup();
  known.putUploads([
    upload({ id: 'older', createdAt: '2026-11-22T10:00:00.000Z' }),
    upload({ id: 'newer', createdAt: '2026-11-22T11:00:00.000Z' }),
  ]);
  known.putRefusal(refusal('first'));
  known.putRefusal(refusal('second'));
  expect(keys()).toEqual(['second', 'first', 'newer', 'older']);
});

test('forgets what was not sent once it is dropped, and not with the uploads', () => {
  const { known, keys } = setup();
  known.putRefusal(refusal('kept'));
  known.putRefusal(refusal('dropped'));
  known.putUploads([upload({ id: 'u1' })]);
  known.dropRefusal('dropped');
  known.clearUploads();
  expect(keys()).toEqual(['kept']);
});

test('shows only uploads of the state that is asked for, and what was not sent besides', () => {
  const { known, keys } = setup();
  known.putUploads([upload({ id: 'good' }), upload({ id: 'bad', state: 'rejected' })]);
  known.putRefusal(refusal('refused'));
  expect(keys('rejected')).toEqual(['refused', 'bad']);
});

test.each<readonly [State, State, State]>([
  ['requested', 'verifying', 'verifying'],
  ['accepted', 'verifying', 'accepted'],
  ['verifying', 'requested', 'verifying'],
  ['accepted', 'deleted', 'deleted'],
  ['deleted', 'accepted', 'deleted'],
  ['requested', 'aborted', 'aborted'],
])('keeps the later state when %s is known and an answer says %s', (before, told, kept) => {
  const { known } = setup();
  known.putUploads([upload({ id: 'u1', state: before })]);
  known.putUploads([upload({ id: 'u1', state: told })]);
  expect(known.items(undefined)[0]?.upload?.state).toBe(kept);
});

test('is unsettled while an upload is bound to change', () => {
  const { known } = setup();
  known.putUploads([upload({ id: 'u1', state: 'verifying' })]);
  expect(known.isUnsettled()).toBe(true);
  known.putUploads([upload({ id: 'u1' })]);
  expect(known.isUnsettled()).toBe(false);
});
