import { STATES } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_STATES, toUploadEvent } from '../../../src/lib/event/to-upload-event.ts';
import { parseRow } from '../../../src/lib/upload/row.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const ID = '0b6a3f6e-52d4-4c0a-9a39-7f1f0f6f2d10';
const SETTLED = Date.parse('2026-11-20T09:15:00Z');
const SOURCE = 'urn:sluice:test';

function setup(changes: Partial<Upload> = {}) {
  const before = aRequest({ id: ID, state: 'verifying' });
  const after: Upload = {
    ...before,
    state: 'accepted',
    servedType: 'image/jpeg',
    settledAt: SETTLED,
    ...changes,
  };
  return { before, after, changedAt: SETTLED + 1_000 };
}

describe('a change of state', () => {
  test('into accepted is an event that says all that an app needs, and nothing that opens anything', () => {
    const evidence = {
      etag: 'e',
      size: 3,
      versionId: 'v',
      checksum: { algorithm: 'sha256', value: 'abc=' },
    } as const;
    const change = setup({
      evidence,
      reference: 'order-7',
      grantId: 'g-1',
      readers: 'tenant',
      filename: 'photo',
      multipart: { uploadId: 'UPLOAD-ID-OF-S3' },
    });
    expect(toUploadEvent(change, SOURCE)).toEqual({
      specversion: '1.0',
      id: `${ID}.accepted`,
      source: SOURCE,
      type: 'upload.accepted',
      subject: ID,
      time: '2026-11-20T09:15:00.000Z',
      datacontenttype: 'application/json',
      data: {
        id: ID,
        state: 'accepted',
        tenant: 'acme',
        subject: 'ada',
        policy: 'images',
        reference: 'order-7',
        grantId: 'g-1',
        filename: 'photo',
        servedName: 'photo.jpg',
        contentType: 'image/jpeg',
        size: 3,
        checksum: { algorithm: 'sha256', value: 'abc=' },
        metadata: { album: 'spring' },
        readers: 'tenant',
        createdAt: '1970-01-01T00:00:01.000Z',
        settledAt: '2026-11-20T09:15:00.000Z',
      },
    });
  });

  test.each(Object.entries(EVENT_STATES))('into %s is %s, however it came about', (state, type) => {
    const { before, after, changedAt } = setup();
    for (const earlier of [before, undefined, { ...before, state: 'requested' as const }]) {
      const event = toUploadEvent(
        { before: earlier, after: { ...after, state: state as never }, changedAt },
        SOURCE,
      );
      expect(event).toMatchObject({ id: `${ID}.${state}`, type, data: { state } });
    }
  });

  test.each(STATES.filter((state) => !Object.hasOwn(EVENT_STATES, state)))(
    'into %s is no event: nobody can act on it',
    (state) => {
      const { before, after, changedAt } = setup();
      const earlier: Upload = { ...before, state: state === 'verifying' ? 'requested' : 'verifying' };
      expect(
        toUploadEvent({ before: earlier, after: { ...after, state }, changedAt }, SOURCE),
      ).toBeUndefined();
    },
  );

  test('into rejected says why, and shows the declared type', () => {
    const change = setup({
      state: 'rejected',
      reason: 'type_mismatch',
      detail: 'It is a PDF.',
      servedType: 'x/y',
    });
    const { data } = toUploadEvent(change, SOURCE) ?? {};
    expect(data).toMatchObject({
      reason: 'type_mismatch',
      detail: 'It is a PDF.',
      contentType: 'image/jpeg',
    });
    expect(data).not.toHaveProperty('servedName');
  });

  test('of a row without the time of its verdict has the time of the change', () => {
    const { after, ...change } = setup();
    const { settledAt: _settledAt, ...unsettled } = after;
    expect(toUploadEvent({ ...change, after: unsettled }, SOURCE)?.time).toBe('2026-11-20T09:15:01.000Z');
  });
});

describe('a change within a state', () => {
  test('of who may read an accepted file is an event of its own, once for each revision', () => {
    const { after, changedAt } = setup();
    const shared: Upload = { ...after, readers: 'anyone', readersRevision: 2 };
    expect(
      toUploadEvent({ before: { ...after, readersRevision: 1 }, after: shared, changedAt }, SOURCE),
    ).toMatchObject({
      id: `${ID}.readers.2`,
      type: 'upload.readers_changed',
      time: '2026-11-20T09:15:01.000Z',
      data: { readers: 'anyone', state: 'accepted' },
    });
    expect(toUploadEvent({ before: shared, after: shared, changedAt }, SOURCE)).toBeUndefined();
  });

  test('of who may read a file that is not accepted is none: its acceptance says it', () => {
    const { before, changedAt } = setup();
    const shared: Upload = { ...before, readers: 'anyone', readersRevision: 1 };
    expect(toUploadEvent({ before, after: shared, changedAt }, SOURCE)).toBeUndefined();
  });

  test.each(STATES)('of anything else in a row that is %s is none', (state) => {
    const { after, changedAt } = setup({ state, readersRevision: 3 });
    const { dueAt: _dueAt, ...postponed } = { ...after, epoch: 9, forgetAt: 5, detail: 'explained' };
    expect(toUploadEvent({ before: after, after: postponed, changedAt }, SOURCE)).toBeUndefined();
  });
});

test('an event follows from the rows alone: made again it is the same, to the letter', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string(), fc.string()),
      (filename, metadata) => {
        const change = setup({ filename, metadata });
        const [first, second] = [
          toUploadEvent(change, SOURCE),
          toUploadEvent(structuredClone(change), SOURCE),
        ];
        expect(JSON.stringify(second)).toBe(JSON.stringify(first));
        // Whatever the names are, they are values: nothing of them becomes a field.
        expect(JSON.parse(JSON.stringify(first))).toMatchObject({ id: `${ID}.accepted`, subject: ID });
      },
    ),
    { numRuns: 30 },
  );
});

test('an event holds no field of the row that others have no business with, of later versions neither', () => {
  const { after, ...change } = setup({ fingerprint: 'digest-of-the-request' });
  const row = { ...after, secretOfALaterVersion: 'whsec_x', uploadUrl: 'https://x?X-Amz-Signature=1' };
  const text = JSON.stringify(toUploadEvent({ ...change, after: parseRow(row) }, SOURCE));
  for (const hidden of ['whsec_x', 'X-Amz-Signature', after.key, after.fingerprint, after.correlationId]) {
    expect(text).not.toContain(hidden);
  }
  // Without the check of rows as well, only what is named is taken.
  expect(JSON.stringify(toUploadEvent({ ...change, after: row }, SOURCE))).toBe(text);
});
