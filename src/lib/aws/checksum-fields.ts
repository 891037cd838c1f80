import { type ChecksumExtent, hasKnownExtent } from '@sluice/connection/transfers/checksum-extent';
import { CHECKSUM_ALGORITHMS, type Checksum, type ChecksumAlgorithm } from '@sluice/contract/checksum';

const FIELDS = {
  sha256: 'ChecksumSHA256',
  sha1: 'ChecksumSHA1',
  crc32: 'ChecksumCRC32',
  crc32c: 'ChecksumCRC32C',
  crc64nvme: 'ChecksumCRC64NVME',
} as const satisfies Record<ChecksumAlgorithm, string>;

/** The SDK's names for the checksums of an object, a part or a copy. */
export type ChecksumFields = { readonly [Field in (typeof FIELDS)[ChecksumAlgorithm]]?: string | undefined };

/** One checksum in the SDK's form. */
export function checksumFields({ algorithm, value }: Checksum): ChecksumFields {
  return {
    [FIELDS[algorithm]]: value,
  };
}

/**
 * The checksums in an answer that cover all the bytes. "<digest>-<parts>" is left out, because it is a
 * checksum of the parts' checksums. A checksum that may be either is left out too.
 */
export function toChecksums(answer: ChecksumFields & ChecksumExtent): Checksum[] {
  return CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const value = answer[FIELDS[algorithm]];
    const isOfAll = value !== undefined && !value.includes('-') && hasKnownExtent(value, answer);
    return isOfAll ? [{ algorithm, value }] : [];
  });
}
