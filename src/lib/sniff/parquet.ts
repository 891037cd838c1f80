import { startsWith, viewOf } from './bytes.ts';
import type { Bytes, Signature } from './probe.ts';
import { createPieces } from './source.ts';

const PARQUET = 'application/vnd.apache.parquet';
const MAGIC_BYTES = 4;
// The length of the footer, then the magic once more; a footer that is encrypted has a magic of its own.
const END_BYTES = 8;

/**
 * Compares the end of a Parquet file with its beginning: without a footer, no reader opens it. Reads eight
 * more bytes, or none if something else was declared.
 */
export async function probeParquet(bytes: Bytes): Promise<Signature | undefined> {
  const magic = ['PAR1', 'PARE'].find((text) => startsWith(bytes.prefix, text));
  if (magic === undefined) return undefined;
  if (bytes.declared !== PARQUET) return { types: [PARQUET] };
  const { size, at, load } = createPieces(bytes);
  await load(size - END_BYTES, END_BYTES);
  const end = at(size - END_BYTES, END_BYTES);
  if (end === undefined || size < MAGIC_BYTES + END_BYTES || !startsWith(end, magic, MAGIC_BYTES)) {
    return { beginsAs: PARQUET, flaw: 'its end is missing: it is cut off, or something follows it' };
  }
  const footerBytes = viewOf(end).getUint32(0, true);
  return footerBytes > 0 && footerBytes + MAGIC_BYTES + END_BYTES <= size
    ? { types: [PARQUET] }
    : { beginsAs: PARQUET, flaw: 'its footer is longer than the file' };
}
