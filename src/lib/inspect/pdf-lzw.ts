const CLEAR = 256;
const END = 257;
const MOST_CODES = 4096;

/** LZW as PDF and TIFF have it (ISO 32000-1, section 7.4.4), with codes that grow a step early. */
export function decodeLzw(bytes: Buffer, mostBytes: number): Buffer {
  const out = Buffer.alloc(Math.min(mostBytes, 64 * 1024 * 1024));
  // A code is the text of another one and a byte more: where it begins in what is unpacked, and its length.
  const starts = new Uint32Array(MOST_CODES);
  const lengths = new Uint32Array(MOST_CODES);
  let filled = 0;
  let codes = 258;
  let width = 9;
  let bits = 0;
  let bitCount = 0;
  let last: { readonly start: number; readonly length: number } | undefined;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffffff;
    bitCount += 8;
    if (bitCount < width) continue;
    const code = (bits >> (bitCount - width)) & ((1 << width) - 1);
    bitCount -= width;
    if (code === END) break;
    if (code === CLEAR) {
      codes = 258;
      width = 9;
      last = undefined;
      continue;
    }
    if (code > codes || (code === codes && last === undefined) || code === CLEAR) break;
    const start = filled;
    if (code < 256) {
      if (filled >= out.length) break;
      out[filled++] = code;
    } else {
      const from = code < codes ? (starts[code] ?? 0) : (last?.start ?? 0);
      const length = code < codes ? (lengths[code] ?? 0) : (last?.length ?? 0) + 1;
      if (filled + length > out.length) break;
      // One by one: what is copied may still be being written.
      for (let index = 0; index < length; index++) out[filled++] = out[from + index] ?? 0;
    }
    if (last && codes < MOST_CODES) {
      starts[codes] = last.start;
      lengths[codes] = last.length + 1;
      codes++;
    }
    if (codes + 1 >= 1 << width && width < 12) width++;
    last = { start, length: filled - start };
  }
  return out.subarray(0, filled);
}
