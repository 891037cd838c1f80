/** How much of the beginning of an object is read, whatever its size. */
export const PREFIX_BYTES = 8192;

/** The most that is read in one further piece. No format needs more than three pieces. */
export const PIECE_BYTES = 65_536;

/** An object. Only as much of it is read as its type needs. */
export type Source = {
  /** bytes */
  readonly size: number;
  /** the first PREFIX_BYTES, or all of a smaller object */
  readonly prefix: Uint8Array;
  /**
   * Exactly the requested bytes, all of which are within the object. What it throws is a fault, and is passed
   * on.
   */
  readonly read: (range: { readonly start: number; readonly length: number }) => Promise<Uint8Array>;
};

/** What is known of an object's bytes so far. */
export type Pieces = {
  /** bytes of the object, known or not */
  readonly size: number;
  /** The bytes from `start` on; undefined unless all of them are known. */
  readonly at: (start: number, length: number) => Uint8Array | undefined;
  /** Reads the unknown bytes of a range, as far as it is within the object. */
  readonly load: (start: number, length: number) => Promise<void>;
};

/** The pieces of an object; the prefix is the first. Nothing is read twice. */
export function createPieces({ size, prefix, read }: Source): Pieces {
  const pieces = [{ start: 0, bytes: prefix }];
  const holder = (start: number, length: number) =>
    pieces.find((piece) => start >= piece.start && start + length <= piece.start + piece.bytes.length);
  return {
    size,
    at(start, length) {
      const piece = start < 0 || length < 0 ? undefined : holder(start, length);
      return piece?.bytes.subarray(start - piece.start, start - piece.start + length);
    },
    async load(start, length) {
      const from = Math.max(0, start);
      const to = Math.min(size, start + length);
      if (to <= from || holder(from, to - from) !== undefined) return;
      const before = pieces.find((piece) => from >= piece.start && from <= piece.start + piece.bytes.length);
      const known = before === undefined ? from : before.start + before.bytes.length;
      const bytes = await read({ start: known, length: to - known });
      // Joined with the piece before it, so that data across the two is found in one piece.
      pieces.push(
        before === undefined
          ? { start: known, bytes }
          : { start: before.start, bytes: Buffer.concat([before.bytes, bytes]) },
      );
    },
  };
}
