import { viewOf } from '../sniff/bytes.ts';
import { type InspectedFile, PIECE_BYTES } from './file.ts';

/** Any bytes of a file, read in pieces of which the last ones are kept. */
export type Window = {
  /** bytes */
  readonly size: number;
  /** exactly these bytes; undefined if they are not all within the file. At most PIECE_BYTES. */
  readonly at: (start: number, length: number) => Promise<Uint8Array | undefined>;
  /** the same as numbers of any width */
  readonly view: (start: number, length: number) => Promise<DataView | undefined>;
  /** those of these bytes that are within the file */
  readonly upTo: (start: number, length: number) => Promise<Uint8Array>;
};

const KEPT = 4;

/**
 * Reads a file where it is asked for, a piece at a time: whoever follows a structure from place to place
 * finds the next one in a piece that is there, mostly. Jumps cost no more than `pieceBytes`.
 */
export function createWindow(
  { size, read }: Pick<InspectedFile, 'size' | 'read'>,
  pieceBytes = 64 * 1024,
): Window {
  let pieces: { readonly start: number; readonly bytes: Uint8Array }[] = [];
  const at: Window['at'] = async (start, length) => {
    if (!Number.isSafeInteger(start) || start < 0 || length < 0 || start + length > size) return undefined;
    if (length > PIECE_BYTES) return undefined;
    if (length === 0) return new Uint8Array();
    const known = pieces.find(
      (piece) => start >= piece.start && start + length <= piece.start + piece.bytes.length,
    );
    if (known) return known.bytes.subarray(start - known.start, start - known.start + length);
    const bytes = await read({ start, length: Math.min(Math.max(length, pieceBytes), size - start) });
    pieces = [{ start, bytes }, ...pieces.slice(0, KEPT - 1)];
    return bytes.subarray(0, length);
  };
  return {
    size,
    at,
    async view(start, length) {
      const bytes = await at(start, length);
      return bytes && viewOf(bytes);
    },
    async upTo(start, length) {
      if (start >= size) return new Uint8Array();
      return (await at(start, Math.min(length, size - start))) ?? new Uint8Array();
    },
  };
}
