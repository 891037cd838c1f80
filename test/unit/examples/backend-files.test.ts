import type { EventData } from '@sluice/contract/event';
import { expect, test } from 'vitest';
import { type Notice, openFiles } from '../../../examples/backend/files.ts';

const data: EventData = {
  id: '99c01ff1-9034-7860-853b-0c599608d062',
  state: 'accepted',
  tenant: 'acme',
  subject: 'ada',
  policy: 'images',
  filename: 'photo.jpeg',
  servedName: 'photo.jpg',
  contentType: 'image/jpeg',
  size: 12_000,
  metadata: {},
  readers: 'owner',
  createdAt: '2026-11-26T20:00:00.000Z',
  settledAt: '2026-11-26T20:00:01.000Z',
};
const accepted: Notice = { type: 'upload.accepted', timestamp: '2026-11-26T20:00:01.000Z', data };
const deleted: Notice = {
  type: 'upload.deleted',
  timestamp: '2026-11-26T21:00:00.000Z',
  data: { ...data, state: 'deleted' },
};

const row = {
  id: data.id,
  name: 'photo.jpg',
  type: 'image/jpeg',
  size: 12_000,
  owner: 'ada',
  acceptedAt: '2026-11-26T20:00:01.000Z',
};

function rowsAfter(...notices: readonly Notice[]) {
  const files = openFiles(':memory:');
  for (const notice of notices) files.take(notice);
  const rows = files.newest().map((file) => ({ ...file }));
  files.close();
  return rows;
}

test('an accepted file has one row, however often it is told of', () => {
  expect(rowsAfter(accepted, accepted, accepted)).toEqual([row]);
});

test('a deleted file has none, whichever notice comes first', () => {
  expect(rowsAfter(accepted, deleted)).toEqual([]);
  expect(rowsAfter(deleted, accepted)).toEqual([]);
  expect(rowsAfter(accepted, deleted, accepted)).toEqual([]);
});

test('what is neither accepted nor deleted has no row', () => {
  expect(
    rowsAfter({ ...accepted, type: 'upload.rejected' }, { ...accepted, type: 'upload.expired' }),
  ).toEqual([]);
});
