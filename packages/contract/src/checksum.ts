/** The checksum algorithms that S3 computes, stores and compares, by the names that Sluice's API uses. */
export const CHECKSUM_ALGORITHMS = ['sha256', 'sha1', 'crc32', 'crc32c', 'crc64nvme'] as const;

export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/**
 * A checksum of a whole object; `value` is base64 of the raw digest, as in S3's `x-amz-checksum-*` headers.
 */
export type Checksum = { readonly algorithm: ChecksumAlgorithm; readonly value: string };

/** One of several checksums of the same bytes: the preferred one where it is known, else the first. */
export function toChecksum(
  checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>,
  preferred?: ChecksumAlgorithm,
): Checksum | undefined {
  const algorithm = [preferred, ...CHECKSUM_ALGORITHMS].find((name) => name !== undefined && checksums[name]);
  const value = algorithm && checksums[algorithm];
  return algorithm && value ? { algorithm, value } : undefined;
}

const DIGEST_BYTES: Record<ChecksumAlgorithm, number> = {
  sha256: 32,
  sha1: 20,
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
};

/** True when `value` is canonical base64 of a digest of the algorithm's length. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, value: string): boolean {
  const digest = Buffer.from(value, 'base64');
  return digest.length === DIGEST_BYTES[algorithm] && digest.toString('base64') === value;
}
