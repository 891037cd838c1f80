import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnreadableRow } from '../../../src/lib/upload/faults.ts';
import { parseRow, ROW_SCHEMA } from '../../../src/lib/upload/row.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const FULL = aRequest({
  state: 'accepted',
  epoch: 2,
  versionId: 'v1',
  maxBytes: 9,
  checksum: { algorithm: 'crc32', value: 'AAAAAA==' },
  multipart: { uploadId: 'u', plan: { size: 3, partSize: 3, partCount: 1 } },
  settledAt: 4_000,
  evidence: {
    etag: 'e',
    versionId: 'v1',
    size: 3,
    detectedType: 'image/jpeg',
    checksum: { algorithm: 'crc32', value: 'AAAAAA==' },
  },
  servedType: 'image/jpeg',
  reason: 'type_mismatch',
  detail: 'd',
  readers: 'tenant',
  readersRevision: 2,
  reference: 'order 1',
  grantId: 'g',
  reserved: 3,
});

describe('a row', () => {
  test('gives back every field that was written, and passes over those that are not known', () => {
    expect(parseRow({ ...FULL, schema: ROW_SCHEMA, ownerKey: 'k', invented: true })).toEqual(FULL);
  });

  test('of 0.1.0, which has no schema, is read', () => {
    expect(parseRow(aRequest())).toMatchObject({ state: 'requested' });
  });

  test.each(['readers', 'readersRevision', 'reference', 'grantId', 'reserved'] as const)(
    'from before there was a field %s is read without it',
    (field) => {
      const { [field]: _none, ...rest } = FULL;
      expect(parseRow({ ...FULL, [field]: undefined })).toStrictEqual(rest);
    },
  );

  test.each([
    ['of a newer schema', { schema: ROW_SCHEMA + 1 }, 'newer'],
    ['whose schema is no number', { schema: 'x' }, 'newer'],
    ['in a state that is not known', { state: 'dreaming' }, 'state'],
    ['whose key is of another upload', { key: aRequest().key }, 'key'],
    ['without an epoch', { epoch: undefined }, 'epoch'],
    ['without the time it was made', { createdAt: undefined }, 'createdAt'],
    ['with a negative time', { expiresAt: -1 }, 'expiresAt'],
    ['with a time that is text', { dueAt: '5' }, 'dueAt'],
    ['with metadata that are no texts', { metadata: { a: 1 } }, 'metadata'],
    ['with a malformed multipart upload', { multipart: {} }, 'multipart'],
    ['with a malformed plan', { multipart: { uploadId: 'u', plan: { size: 1 } } }, 'multipart'],
    ['with an unknown transport', { transport: 'pigeon' }, 'transport'],
    ['with malformed evidence', { evidence: { etag: 'e' } }, 'evidence'],
    ['with readers that there are none of', { readers: 'everyone' }, 'readers'],
    ['whose readers were changed half a time', { readersRevision: 0.5 }, 'readersRevision'],
    ['with a reference that is no text', { reference: 7 }, 'reference'],
    ['with a grant that is no text', { grantId: ['g'] }, 'grantId'],
    ['for which something else than bytes is reserved', { reserved: { bytes: 3 } }, 'reserved'],
  ])('%s is unreadable, and says what is wrong', (_case, changes, named) => {
    expect(() => parseRow({ ...FULL, ...changes })).toThrow(named);
  });

  test('of any shape is read or is unreadable, and says nothing of its values', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(FULL), 'schema'), fc.anything(), {
          minKeys: 1,
          maxKeys: 4,
        }),
        (changes) => {
          try {
            parseRow({ ...FULL, ...changes });
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableRow);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
