import { Xxh3_64, Xxh3_128, Xxh64 } from '@aws-sdk/checksums/xxh';
import type { ChecksumAlgorithm } from './checksum-algorithms.ts';
import { createHasher, type Hasher } from './hasher.ts';

/**
 * `createHasher` for all of them. Apart, since XXHash is 14 KB that the bundles of the functions have no use
 * for.
 */
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
