import { PREFIX_BYTES, type Source } from '../../src/lib/sniff/source.ts';

/**
 * An object in memory, and every piece of it that was read after its prefix: what a type costs can be read
 * off.
 */
export function sourceOf(
  bytes: Uint8Array,
): Source & { readonly reads: { readonly start: number; readonly length: number }[] } {
  const reads: { start: number; length: number }[] = [];
  return {
    size: bytes.length,
    prefix: bytes.subarray(0, PREFIX_BYTES),
    reads,
    async read({ start, length }) {
      if (start < 0 || length < 1 || start + length > bytes.length) {
        throw new Error(`there are no bytes ${start} to ${start + length} of ${bytes.length}`);
      }
      reads.push({ start, length });
      return bytes.subarray(start, start + length);
    },
  };
}
