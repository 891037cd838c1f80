import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { Xxh3_64, Xxh3_128, Xxh64 } from '@aws-sdk/checksums/xxh';

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

/** Bytes in, a digest out, one chunk in memory at a time. */
export interface Hasher {
  readonly update: (bytes: Uint8Array) => void;
  readonly digest: () => Promise<Uint8Array>;
}

/** Computes here what S3 computes of an object. */
export function createHasher(algorithm: ChecksumAlgorithm): Hasher {
  switch (algorithm) {
    case 'CRC32': {
      let value = 0;
      return {
        update: (bytes) => {
          value = crc32(bytes, value);
        },
        digest: async () => uint32(value),
      };
    }
    case 'CRC32C':
      return new Crc32c();
    case 'CRC64NVME':
      return new Crc64Nvme();
    case 'XXHASH64':
      return new Xxh64();
    case 'XXHASH3':
      return new Xxh3_64();
    case 'XXHASH128':
      return new Xxh3_128();
    default: {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => hash.update(bytes), digest: async () => hash.digest() };
    }
  }
}

/** A CRC32 as the four bytes that its base64 form is made of. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
