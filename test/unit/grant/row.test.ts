import { describe, expect, test } from 'vitest';
import { GRANT_SCHEMA, parseGrantRow, UnreadableGrant } from '../../../src/lib/grant/row.ts';
import { aGrant } from '../../contract/grants.contract.ts';

function aRow(changes: object = {}) {
  const grant = aGrant({
    policy: 'images',
    types: ['image/png'],
    maxBytes: 1,
    uploads: 2,
    bytes: 3,
    reference: 'order-7',
    revokedAt: 4,
    metadata: { order: '7' },
  });
  return { grant, row: { ...grant, schema: GRANT_SCHEMA, forgetAt: 9, ...changes } };
}

describe("a grant's row", () => {
  test('is read field by field, and what is unknown is skipped', () => {
    const { grant, row } = aRow({ colour: 'red' });
    expect(parseGrantRow(row)).toEqual(grant);
  });

  // A limit that this code does not know would not be held.
  test('of a newer schema, or of none, allows nothing', () => {
    for (const schema of [GRANT_SCHEMA + 1, undefined, '1']) {
      expect(() => parseGrantRow(aRow({ schema }).row)).toThrow(UnreadableGrant);
    }
  });

  test.each(Object.keys(aRow().grant).map((name) => [name]))(
    'with a malformed %s allows nothing, and the error shows no value',
    (name) => {
      const { row } = aRow({ [name]: { s3cret: ['s3cret'] } });
      expect(() => parseGrantRow(row)).toThrow(expect.objectContaining({ name: 'UnreadableGrant' }));
      expect(() => parseGrantRow(row)).toThrow(/^(?!.*s3cret)/);
    },
  );

  test.each(['uploads', 'bytes', 'takenUploads', 'takenBytes'])(
    'with a %s below nothing allows nothing',
    (name) => {
      expect(() => parseGrantRow(aRow({ [name]: -1 }).row)).toThrow(UnreadableGrant);
    },
  );
});
