import { crc32 } from 'node:zlib';
import { ChecksumMismatchError } from '../errors/checksum-mismatch-error.ts';
import { type ChecksumExtent, hasKnownExtent } from './checksum-extent.ts';
import { type ChecksumAlgorithm, createHasher, uint32 } from './hasher.ts';

/** A checksum as S3 reports it: over the whole object, or over the checksums of its parts, then ending in `-<parts>`. */
export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

/** Every checksum field that S3 may answer with, strongest first. */
interface ChecksumFields extends ChecksumExtent {
  readonly ChecksumSHA256?: string | undefined;
  readonly ChecksumSHA1?: string | undefined;
  readonly ChecksumCRC64NVME?: string | undefined;
  readonly ChecksumCRC32C?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
}

/** The CRC32 of some bytes in the form of `x-amz-checksum-crc32`. */
export function crc32Base64(bytes: Uint8Array): string {
  return crc32ToBase64(crc32(bytes));
}

/** A finished CRC32 in that form. */
export function crc32ToBase64(value: number): string {
  return uint32(value).toString('base64');
}

/** What S3 answers for an object made of parts with these CRC32s. */
export function compositeCrc32(partChecksums: readonly string[]): string {
  const joined = Buffer.concat(partChecksums.map((value) => Buffer.from(value, 'base64')));
  return `${crc32Base64(joined)}-${partChecksums.length}`;
}

/** The checksum that S3 has for an object, if any. */
export function storedChecksum(answer: ChecksumFields): StoredChecksum | undefined {
  const found = (['SHA256', 'SHA1', 'CRC64NVME', 'CRC32C', 'CRC32'] as const)
    .map((algorithm) => ({ algorithm, value: answer[`Checksum${algorithm}`] }))
    .find(({ value }) => value !== undefined && hasKnownExtent(value, answer));
  return found?.value === undefined ? undefined : { algorithm: found.algorithm, value: found.value };
}

/**
 * Passes bytes through and throws `ChecksumMismatchError` at their end when they are not what S3 keeps. `partBytes` are the
 * sizes of the object's parts, in order; needed for a checksum of checksums only.
 */
export async function* verified(
  source: AsyncIterable<Buffer>,
  stored: StoredChecksum,
  partBytes: readonly number[],
): AsyncGenerator<Buffer> {
  const isComposite = stored.value.includes('-');
  const whole = createHasher(stored.algorithm);
  const sizes = isComposite ? partBytes.values() : [Number.POSITIVE_INFINITY].values();
  let part = isComposite ? createHasher(stored.algorithm) : whole;
  let left = sizes.next().value ?? 0;
  for await (const bytes of source) {
    let rest: Buffer = bytes;
    while (rest.length >= left) {
      part.update(rest.subarray(0, left));
      rest = rest.subarray(left);
      whole.update(await part.digest());
      part = createHasher(stored.algorithm);
      left = sizes.next().value ?? Number.POSITIVE_INFINITY;
    }
    part.update(rest);
    left -= rest.length;
    yield bytes;
  }
  const computed = Buffer.from(await whole.digest()).toString('base64');
  const expected = isComposite ? stored.value.slice(0, stored.value.lastIndexOf('-')) : stored.value;
  if (computed !== expected) {
    throw new ChecksumMismatchError({ message: `${stored.algorithm} is ${computed}, S3 keeps ${expected}` });
  }
}
