import type { CreateHash } from './platform.ts';

// The checksum that S3 keeps of a whole object however it was sent, which no SHA is. Neither browsers nor
// Node have it. The connection layer takes it from the AWS SDK, which it has anyway; the client has no
// dependency, and pages pay by the byte. The polynomial is NVMe's, its bits reflected, in two halves:
// JavaScript's integers have 32 bits, and BigInts are slow.
const POLYNOMIAL_HIGH = 0x9a6c9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;

const STEP = 8;

type Tables = { readonly high: Int32Array; readonly low: Int32Array };

/** For each of eight positions of a byte and each of its values, what it does to the checksum. */
function makeTables(): Tables {
  const high = new Int32Array(STEP * 256);
  const low = new Int32Array(STEP * 256);
  for (let byte = 0; byte < 256; byte++) {
    let [h, l] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const odd = -(l & 1);
      l = ((l >>> 1) | (h << 31)) ^ (odd & POLYNOMIAL_LOW);
      h = (h >>> 1) ^ (odd & POLYNOMIAL_HIGH);
    }
    high[byte] = h;
    low[byte] = l;
  }
  // The same byte, one position further from the end: one more step of the division.
  for (let index = 256; index < STEP * 256; index++) {
    const [h, l] = [at(high, index - 256), at(low, index - 256)];
    high[index] = (h >>> 8) ^ at(high, l & 255);
    low[index] = ((l >>> 8) | (h << 24)) ^ at(low, l & 255);
  }
  return { high, low };
}

// 16 KiB, and made only for those who ask for a checksum.
let tables: Tables | undefined;

/** A CRC-64/NVME that takes its input a chunk at a time. */
export const createCrc64Nvme: CreateHash = () => {
  tables ??= makeTables();
  const { high, low } = tables;
  let h = -1;
  let l = -1;

  const update = (chunk: Uint8Array): void => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    const whole = chunk.length - (chunk.length % STEP);
    for (let offset = 0; offset < whole; offset += STEP) {
      const first = l ^ view.getInt32(offset, true);
      const second = h ^ view.getInt32(offset + 4, true);
      // Eight bytes at once, the first one the furthest from the end.
      const a = 1792 + (first & 255);
      const b = 1536 + ((first >>> 8) & 255);
      const c = 1280 + ((first >>> 16) & 255);
      const d = 1024 + (first >>> 24);
      const e = 768 + (second & 255);
      const f = 512 + ((second >>> 8) & 255);
      const g = 256 + ((second >>> 16) & 255);
      const i = second >>> 24;
      h =
        at(high, a) ^
        at(high, b) ^
        at(high, c) ^
        at(high, d) ^
        at(high, e) ^
        at(high, f) ^
        at(high, g) ^
        at(high, i);
      l =
        at(low, a) ^ at(low, b) ^ at(low, c) ^ at(low, d) ^ at(low, e) ^ at(low, f) ^ at(low, g) ^ at(low, i);
    }
    for (let offset = whole; offset < chunk.length; offset++) {
      const index = (l ^ view.getUint8(offset)) & 255;
      l = ((l >>> 8) | (h << 24)) ^ at(low, index);
      h = (h >>> 8) ^ at(high, index);
    }
  };

  const digest = (): Uint8Array => {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, ~h);
    view.setInt32(4, ~l);
    return bytes;
  };

  return { update, digest };
};

// All indices are within bounds by construction; the compiler cannot know.
function at(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
