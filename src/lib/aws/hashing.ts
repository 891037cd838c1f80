import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import type { ChecksumAlgorithm } from '../upload/checksum.ts';

/** Bytes in, a digest out, one chunk in memory at a time. */
export type Hashing = { update(chunk: Uint8Array): void; digest(): Promise<Uint8Array> };

/** The algorithms by which S3 checks objects, computed here for a store that recorded none. */
export const createHashing = (algorithm: ChecksumAlgorithm): Hashing => {
  switch (algorithm) {
    case 'sha256':
    case 'sha1': {
      const hash = createHash(algorithm);
      return { update: (chunk) => void hash.update(chunk), digest: async () => hash.digest() };
    }
    case 'crc32': {
      let value = 0;
      return {
        update: (chunk) => {
          value = crc32(chunk, value);
        },
        digest: async () => {
          const digest = Buffer.alloc(4);
          digest.writeUInt32BE(value);
          return digest;
        },
      };
    }
    case 'crc32c':
      return new Crc32c();
    case 'crc64nvme':
      return new Crc64Nvme();
  }
};
