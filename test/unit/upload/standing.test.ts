import { describe, expect, test } from 'vitest';
import { isFalse, isOf, toCopyMetadata } from '../../../src/lib/upload/standing.ts';
import { aRequest } from '../../contract/ledger.contract.ts';

const upload = aRequest();
const judged = {
  size: 3,
  etag: 'e',
  md5: 'a'.repeat(32),
  modifiedAt: 0,
  metadata: {},
  checksums: { crc32: 'AAAAAA==', crc64nvme: 'AAAAAAAAAAA=' },
};

function copy(changes: Partial<typeof judged> & { checksums?: Record<string, string> }) {
  return { ...judged, metadata: toCopyMetadata(upload, judged), ...changes };
}

describe('a copy that names this upload', () => {
  test.each([
    ['has the digests that were judged', {}, 'stands'],
    ['has one checksum of them', { checksums: { crc32: 'AAAAAA==' } }, 'stands'],
    ['has another checksum', { checksums: { crc32: 'AAAAAQ==' } }, 'is false'],
    [
      'has another of several checksums',
      { checksums: { crc32: 'AAAAAA==', crc64nvme: 'AAAAAAAAAAE=' } },
      'is false',
    ],
    // Such as one under a key of KMS, in a store that does not say so.
    ['has the same checksum, and an ETag that is no MD5', { md5: 'b'.repeat(32) }, 'stands'],
    ['has another MD5 and no checksum', { md5: 'b'.repeat(32), checksums: {} }, 'is false'],
    [
      'has checksums of another kind, and another MD5',
      { md5: 'b'.repeat(32), checksums: { sha1: 'x' } },
      'is false',
    ],
    ['has nothing in common, as one by parts', { md5: undefined, checksums: { sha1: 'x' } }, 'stands'],
    [
      'is from before copies bore digests',
      { metadata: { 'upload-id': upload.id }, md5: 'b'.repeat(32) },
      'stands',
    ],
  ] as const)('and %s %s', (_what, changes, verdict) => {
    const { md5, ...rest } = copy(changes as never);
    const facts = { ...rest, ...(md5 !== undefined && { md5 }) };
    expect([isOf(facts, upload), isFalse(facts, upload)]).toEqual([
      verdict === 'stands',
      verdict === 'is false',
    ]);
  });
});

test('a copy of another upload neither stands nor is false', () => {
  const other = {
    ...judged,
    metadata: toCopyMetadata(aRequest(), judged),
    checksums: {},
    md5: 'b'.repeat(32),
  };
  expect([isOf(other, upload), isFalse(other, upload)]).toEqual([false, false]);
});
