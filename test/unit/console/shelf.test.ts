import { expect, test } from 'vitest';
import type { NamedPolicy } from '../../../src/client/resource.ts';
import { createShelf } from '../../../src/console/shelf.ts';
import type { Transfer } from '../../../src/console/transfers.ts';
import type { State } from '../../../src/lib/upload/state.ts';
import { upload } from './upload.ts';

const POLICY: NamedPolicy = {
  name: 'images',
  title: 'Pictures',
  types: ['image/png'],
  minBytes: 1,
  maxBytes: 1000,
  checksum: 'optional',
  urlExpiresInSeconds: 900,
};

const transfer = (key: string, changes: Partial<Transfer> = {}): Transfer => ({
  key,
  file: new File(['x'], `${key}.png`),
  admission: { admitted: true, contentType: 'image/png', policy: POLICY },
  phase: 'sending',
  sentBytes: 0,
  ...changes,
});

const setup = () => {
  const shelf = createShelf();
  return { shelf, keys: (state?: State) => shelf.items(state).map(({ key }) => key) };
};

test('shows what is in flight before what has arrived, each newest first', () => {
  const { shelf, keys } = setup();
  shelf.putUploads([
    upload({ id: 'older', createdAt: '2026-11-22T10:00:00.000Z' }),
    upload({ id: 'newer', createdAt: '2026-11-22T11:00:00.000Z' }),
  ]);
  shelf.putTransfer(transfer('first'));
  shelf.putTransfer(transfer('second'));
  expect(keys()).toEqual(['second', 'first', 'newer', 'older']);
});

test('shows a file once while it is in flight and in the listing', () => {
  const { shelf, keys } = setup();
  shelf.putTransfer(transfer('first', { upload: upload({ id: 'u1', state: 'requested' }) }));
  shelf.putUploads([upload({ id: 'u1', state: 'verifying' })]);
  expect(keys()).toEqual(['first']);
});

test('leaves a file in its row when it has arrived', () => {
  const { shelf, keys } = setup();
  const sent = transfer('first', { upload: upload({ id: 'u1', state: 'requested' }) });
  shelf.putTransfer(sent);
  shelf.endTransfer(sent, upload({ id: 'u1' }));
  expect(keys()).toEqual(['first']);
  expect(shelf.items(undefined)[0]?.upload?.state).toBe('accepted');
});

test('forgets a cancelled file that never came to be an upload', () => {
  const { shelf, keys } = setup();
  shelf.putTransfer(transfer('first'));
  shelf.endTransfer(transfer('first'), undefined);
  expect(keys()).toEqual([]);
});

test('shows only uploads of the state that is asked for, and what is in flight besides', () => {
  const { shelf, keys } = setup();
  shelf.putUploads([upload({ id: 'good' }), upload({ id: 'bad', state: 'rejected' })]);
  shelf.putTransfer(transfer('flying'));
  expect(keys('rejected')).toEqual(['flying', 'bad']);
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

test('is unsettled while an upload is bound to change, and sending while bytes are to move', () => {
  const { shelf } = setup();
  shelf.putUploads([upload({ id: 'u1', state: 'verifying' })]);
  expect([shelf.isUnsettled(), shelf.isSending()]).toEqual([true, false]);
  shelf.putUploads([upload({ id: 'u1' })]);
  shelf.putTransfer(transfer('queued', { phase: 'queued' }));
  expect([shelf.isUnsettled(), shelf.isSending()]).toEqual([false, true]);
  shelf.putTransfer(transfer('queued', { phase: 'sent' }));
  expect(shelf.isSending()).toBe(false);
});
