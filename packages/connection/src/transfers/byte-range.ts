/** Some bytes of an object, both ends included. */
export type ByteRange = {
  readonly index: number;
  readonly first: number;
  readonly last: number;
};

/** Cuts an object into ranges. The empty object has none. */
export function toRanges(bytes: number, rangeBytes: number): ByteRange[] {
  return Array.from({ length: Math.ceil(bytes / rangeBytes) }, (_, index) => ({
    index,
    first: index * rangeBytes,
    last: Math.min((index + 1) * rangeBytes, bytes) - 1,
  }));
}
