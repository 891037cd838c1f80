import { Xxh3_64, Xxh3_128, Xxh64 } from '@aws-sdk/checksums/xxh';
import { createHasher, type Hasher } from './hasher.ts';

/** The algorithms whose results S3 keeps with objects, as the SDK spells them, the strongest first. */
export const CHECKSUM_ALGORITHMS = [
  'SHA512',
  'SHA256',
  'SHA1',
  'MD5',
  'XXHASH128',
  'XXHASH3',
  'XXHASH64',
  'CRC64NVME',
  'CRC32C',
  'CRC32',
] as const;

export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** `createHasher` for all of them. Apart, since XXHash is 14 KB that the bundles of the functions have no use for. */
export function createAnyHasher(algorithm: ChecksumAlgorithm): Hasher {
  switch (algorithm) {
    case 'XXHASH64':
      return new Xxh64();
    case 'XXHASH3':
      return new Xxh3_64();
    case 'XXHASH128':
      return new Xxh3_128();
    default:
      return createHasher(algorithm);
  }
}
