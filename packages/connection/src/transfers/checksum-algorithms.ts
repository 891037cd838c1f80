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
