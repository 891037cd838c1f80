import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';

/** The algorithms that every function may need, as the SDK spells them. */
export type CommonAlgorithm = 'CRC64NVME' | 'CRC32' | 'CRC32C' | 'SHA512' | 'SHA256' | 'SHA1' | 'MD5';

/** Bytes in, a digest out, one chunk in memory at a time. */
export type Hasher = {
  readonly update: (bytes: Uint8Array) => void;
  readonly digest: () => Promise<Uint8Array>;
};

/** Computes here what S3 computes of an object. */
export function createHasher(algorithm: CommonAlgorithm): Hasher {
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
