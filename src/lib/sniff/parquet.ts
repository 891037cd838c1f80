import { startsWith, viewOf } from './bytes.ts';
import { createPieces, type Source } from './source.ts';
import type { Flaw } from './zip-end.ts';

const PARQUET = 'application/vnd.apache.parquet';
const MAGIC_BYTES = 4;
// The length of the footer, then the magic once more; a footer that is encrypted has a magic of its own.
const END_BYTES = 8;

/** True when the bytes begin as a Parquet file does, encrypted or not. */
export const isParquet = (prefix: Uint8Array): boolean =>
  startsWith(prefix, 'PAR1') || startsWith(prefix, 'PARE');

/**
 * Holds the end of a Parquet file against its beginning: without a footer, no reader opens it. Reads eight bytes more,
 * and none where something else was declared.
 */
export const readParquet = async (source: Source, declared: string): Promise<readonly string[] | Flaw> => {
  if (declared !== PARQUET) return [PARQUET];
  const { size, at, load } = createPieces(source);
  await load(size - END_BYTES, END_BYTES);
  const start = at(0, MAGIC_BYTES);
  const end = at(size - END_BYTES, END_BYTES);
  if (start === undefined || end === undefined || !start.every((byte, n) => byte === end[MAGIC_BYTES + n])) {
    return { flaw: 'its end is missing: it is cut off, or something stands behind it' };
  }
  const footerBytes = viewOf(end).getUint32(0, true);
  return footerBytes > 0 && footerBytes + MAGIC_BYTES + END_BYTES <= size
    ? [PARQUET]
    : { flaw: 'its footer is longer than the file' };
};
