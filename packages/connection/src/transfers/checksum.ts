import { crc32 } from 'node:zlib';
import { ChecksumMismatchError } from '../errors/answer.ts';
import { createAnyHasher } from './any-hasher.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from './checksum-algorithms.ts';
import { bareETag } from './etag.ts';
import { uint32 } from './hasher.ts';

/** A checksum as S3 reports it. */
export type StoredChecksum = {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, without the number of parts that may follow it. */
  readonly value: string;
  /** Over the bytes, or over the checksums of its parts; some stores do not say which. */
  readonly over: 'bytes' | 'parts' | 'either';
};

/** Checksums as the SDK takes them, and gives them. */
export type ChecksumValues = { readonly [Name in `Checksum${ChecksumAlgorithm}`]?: string | undefined };

/** What an answer may say of checksums. */
type ChecksumFields = ChecksumValues & {
  readonly ChecksumType?: string | undefined;
  readonly ETag?: string | undefined;
};

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

/** The checksum of some bytes, in the field that it is sent in. */
export async function checksumValues(
  algorithm: ChecksumAlgorithm,
  bytes: Uint8Array,
): Promise<ChecksumValues> {
  const value = algorithm === 'CRC32' ? crc32Base64(bytes) : await digestBase64(algorithm, [bytes]);
  return { [`Checksum${algorithm}`]: value };
}

/** What S3 answers for an object made of parts with these checksums. */
export async function compositeOf(algorithm: ChecksumAlgorithm, parts: readonly string[]): Promise<string> {
  const digests = parts.map((value) => Buffer.from(value, 'base64'));
  return `${await digestBase64(algorithm, digests)}-${parts.length}`;
}

async function digestBase64(algorithm: ChecksumAlgorithm, pieces: readonly Uint8Array[]): Promise<string> {
  const hasher = createAnyHasher(algorithm);
  for (const piece of pieces) hasher.update(piece);
  return Buffer.from(await hasher.digest()).toString('base64');
}

/** The strongest checksum that S3 has for an object, if any. */
export function storedChecksum(answer: ChecksumFields): StoredChecksum | undefined {
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const text = answer[`Checksum${algorithm}`];
    if (text) return { algorithm, value: text.replace(/-\d+$/, ''), over: overOf(text, answer) };
  }
  return undefined;
}

/**
 * S3 ends the checksum of checksums in `-<parts>`, and names its type; others do one of the two, or neither.
 */
function overOf(text: string, { ChecksumType, ETag = '' }: ChecksumFields): StoredChecksum['over'] {
  if (/-\d+$/.test(text) || ChecksumType === 'COMPOSITE') return 'parts';
  const mayBeOfParts = /-\d+$/.test(bareETag(ETag));
  return ChecksumType === undefined && mayBeOfParts ? 'either' : 'bytes';
}

/**
 * Passes bytes through and throws `ChecksumMismatchError` at their end when they are not what S3 keeps.
 * `partBytes` are the sizes of the object's parts, in order; needed for a checksum of checksums only.
 */
export async function* verified(
  source: AsyncIterable<Buffer>,
  { algorithm, value, over }: StoredChecksum,
  partBytes: readonly number[],
): AsyncGenerator<Buffer> {
  const bytes = over === 'parts' ? undefined : createAnyHasher(algorithm);
  const parts = over === 'bytes' ? undefined : hashParts(algorithm, partBytes);
  for await (const piece of source) {
    bytes?.update(piece);
    await parts?.update(piece);
    yield piece;
  }
  const digests = await Promise.all([bytes?.digest(), parts?.digest()]);
  const computed = digests.flatMap((digest) => (digest ? Buffer.from(digest).toString('base64') : []));
  if (computed.includes(value)) return;
  throw new ChecksumMismatchError({
    message: `${algorithm} is ${computed.join(' or ')}, S3 keeps ${value}`,
  });
}

function hashParts(algorithm: ChecksumAlgorithm, partBytes: readonly number[]) {
  const whole = createAnyHasher(algorithm);
  const sizes = partBytes.values();
  let part = createAnyHasher(algorithm);
  let left = sizes.next().value ?? 0;
  return {
    async update(bytes: Buffer) {
      let rest = bytes;
      while (rest.length >= left) {
        part.update(rest.subarray(0, left));
        rest = rest.subarray(left);
        whole.update(await part.digest());
        part = createAnyHasher(algorithm);
        left = sizes.next().value ?? Number.POSITIVE_INFINITY;
      }
      part.update(rest);
      left -= rest.length;
    },
    digest: () => whole.digest(),
  };
}
