import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { ByteRange } from './byte-range.ts';

/** How a journal names a range. */
export function lineOf({ first, last }: ByteRange): string {
  return `${first}-${last}`;
}

/**
 * The CRC32 of each range that a journal names. A last line that was cut off counts for nothing.
 */
export async function readJournal(log: FileHandle): Promise<Map<string, number>> {
  const text = await log.readFile('utf8');
  const lines = text.split('\n').slice(0, -1);
  return new Map(lines.map((line) => line.split(' ')).map(([range = '', sum]) => [range, Number(sum)]));
}

const BLOCK_BYTES = 2 ** 20;

/** The CRC32 of a range as it is on disk; undefined when the file ends before it. */
export async function readChecksum(
  file: FileHandle,
  { first, last }: ByteRange,
): Promise<number | undefined> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let checksum = 0;
  for (let at = first; at <= last; ) {
    const { bytesRead } = await file.read(block, 0, Math.min(BLOCK_BYTES, last - at + 1), at);
    if (bytesRead === 0) return undefined;
    checksum = crc32(block.subarray(0, bytesRead), checksum);
    at += bytesRead;
  }
  return checksum;
}
