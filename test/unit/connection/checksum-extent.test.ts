import { storedChecksum } from '@sluice/connection/transfers/checksum';
import { expect, test } from 'vitest';
import { toChecksums } from '../../../src/lib/aws/checksum-fields.ts';

const CRC = 'S4xwtg==';
const WHOLE = '"bc38860fdf449aa79c2d0582b6abf579"';
const IN_PARTS = '"bc38860fdf449aa79c2d0582b6abf579-2"';

// moto answers a HEAD of an object in parts with the checksum of the parts' checksums, but without its "-2":
// taken for a checksum of the bytes, it made every download of such an object fail, and every declared
// checksum wrong.
test.each([
  ['of an object sent whole', { ETag: WHOLE, ChecksumCRC32: CRC }, true],
  [
    'of an object in parts that is said to be of all of it',
    { ETag: IN_PARTS, ChecksumType: 'FULL_OBJECT' },
    true,
  ],
  ['of an object in parts that is not said to be of anything', { ETag: IN_PARTS }, false],
  ['without an ETag', {}, true],
])('a checksum %s is taken for one of the bytes only if it is known to be', (_case, answer, isKnown) => {
  const fields = { ChecksumCRC32: CRC, ...answer };
  expect(toChecksums(fields)).toEqual(isKnown ? [{ algorithm: 'crc32', value: CRC }] : []);
  // A download can compare with both: it has the bytes, and asks for the sizes of the parts.
  expect(storedChecksum(fields)).toEqual({
    algorithm: 'CRC32',
    value: CRC,
    over: isKnown ? 'bytes' : 'either',
  });
});

test("a checksum of checksums is known by its parts' number, and is none of the bytes", () => {
  const fields = { ETag: IN_PARTS, ChecksumCRC32: `${CRC}-2` };
  expect(toChecksums(fields)).toEqual([]);
  expect(storedChecksum(fields)).toEqual({ algorithm: 'CRC32', value: CRC, over: 'parts' });
});
