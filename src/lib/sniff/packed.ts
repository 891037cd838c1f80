import { constants, crc32, gunzipSync } from 'node:zlib';
import { startsWith, toLatin1, viewOf } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';

// Enough to know that the data unpacks, and too little for a bomb.
const UNPACKED_MAX_BYTES = 65_536;

/**
 * Reads gzip (RFC 1952). Its known data has to unpack, because its header alone is too little: other files
 * can begin like it. At most 64 KiB are unpacked, and nobody looks at them.
 */
export function probeGzip({ prefix, isWhole }: Bytes): Signature | undefined {
  const [a, b, method, flags = 0xff] = prefix;
  if (a !== 0x1f || b !== 0x8b || method !== 8 || (flags & 0xe0) !== 0) return undefined;
  const type = 'application/gzip';
  try {
    gunzipSync(prefix, {
      maxOutputLength: UNPACKED_MAX_BYTES,
      ...(!isWhole && { finishFlush: constants.Z_SYNC_FLUSH }),
    });
    return { types: [type] };
  } catch (error) {
    // There was more output than that: it unpacks.
    if (isCode(error, 'ERR_BUFFER_TOO_LARGE')) return { types: [type] };
    return { beginsAs: type, flaw: 'its data is cut off or damaged' };
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/**
 * Reads bzip2: its first block is marked with the digits of π; an empty file has the digits of its root,
 * which mark the end.
 */
export function probeBzip2({ prefix }: Bytes): Signature | undefined {
  if (!/^BZh[1-9]/.test(toLatin1(prefix.subarray(0, 4)))) return undefined;
  return startsWith(prefix, '1AY&SY', 4) || startsWith(prefix, '\x17rE8P\x90', 4)
    ? { types: ['application/x-bzip2'] }
    : undefined;
}

/** Reads xz, whose header has a checksum of its own (section 2.1.1 of the format). */
export function probeXz({ prefix }: Bytes): Signature | undefined {
  if (!startsWith(prefix, '\xfd7zXZ\0')) return undefined;
  const type = 'application/x-xz';
  const isHeader = prefix.length >= 32 && crc32(prefix.subarray(6, 8)) === viewOf(prefix).getUint32(8, true);
  return isHeader ? { types: [type] } : { beginsAs: type, flaw: 'its header is damaged' };
}

/** Reads Zstandard (RFC 8878): a frame, or frames to skip before one. */
export function probeZstd({ prefix, size }: Bytes): Signature | undefined {
  const type = 'application/zstd';
  const view = viewOf(prefix);
  for (let at = 0, skipped = 0; ; skipped++) {
    if (startsWith(prefix, '\x28\xb5\x2f\xfd', at)) {
      const descriptor = prefix[at + 4] ?? 0xff;
      return (descriptor & 8) === 0 ? { types: [type] } : undefined;
    }
    const isSkippable = at + 8 <= prefix.length && view.getUint32(at, true) >>> 4 === 0x184d2a5;
    // If the first real frame is beyond the prefix, only the frame to skip can be checked.
    if (!isSkippable) return skipped > 0 && at >= prefix.length && at < size ? { types: [type] } : undefined;
    at += 8 + view.getUint32(at + 4, true);
    if (at > size) return { beginsAs: type, flaw: 'its first frame is longer than the file' };
  }
}

/** Reads 7z: its start header has a checksum, and says where the end header is. */
export function probeSevenZip({ prefix, size }: Bytes): Signature | undefined {
  if (!startsWith(prefix, '7z\xbc\xaf\x27\x1c')) return undefined;
  const beginsAs = 'application/x-7z-compressed';
  const view = viewOf(prefix);
  if (prefix.length < 32 || crc32(prefix.subarray(12, 32)) !== view.getUint32(8, true)) {
    return { beginsAs, flaw: 'its header is damaged' };
  }
  const end = 32n + view.getBigUint64(12, true) + view.getBigUint64(20, true);
  return end <= BigInt(size)
    ? { types: [beginsAs] }
    : { beginsAs, flaw: 'its end is missing: it is cut off' };
}

const BLOCK_BYTES = 512;
const CHECKSUM = { at: 148, length: 8 } as const;

/**
 * Reads tar by the checksum of its first header, which every kind has, also those from before POSIX: their
 * digits are padded with blanks or zeros, and some added the bytes up as signed numbers.
 */
export function probeTar({ prefix, size }: Bytes): Signature | undefined {
  const header = prefix.subarray(0, BLOCK_BYTES);
  if (header.length < BLOCK_BYTES || header[0] === 0) return undefined;
  const field = /^[ \0]*([0-7]{1,7})[ \0]/.exec(
    `${toLatin1(header.subarray(CHECKSUM.at, CHECKSUM.at + CHECKSUM.length))} `,
  )?.[1];
  if (field === undefined) return undefined;
  let unsigned = 0;
  let signed = 0;
  header.forEach((byte, at) => {
    const isChecksum = at >= CHECKSUM.at && at < CHECKSUM.at + CHECKSUM.length;
    const value = isChecksum ? 0x20 : byte;
    unsigned += value;
    signed += value > 0x7f ? value - 0x100 : value;
  });
  const said = Number.parseInt(field, 8);
  if (said !== unsigned && said !== signed) return undefined;
  const type = 'application/x-tar';
  // Links and folders have a size too, but no data.
  const hasData = ['0', '\0', '7', 'L', 'K', 'x', 'g'].includes(String.fromCharCode(header[156] ?? 0));
  const bytes = /^[ \0]*([0-7]+)/.exec(toLatin1(header.subarray(124, 136)))?.[1];
  return hasData && bytes !== undefined && BLOCK_BYTES + Number.parseInt(bytes, 8) > size
    ? { beginsAs: type, flaw: 'its first file is longer than the archive' }
    : { types: [type] };
}
