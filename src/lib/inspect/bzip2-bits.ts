import { Damage } from './reader.ts';

/** Bits, the highest of each byte first. */
export type Bits = {
  /** The next bits as a number; at most 32. */
  readonly read: (count: number) => number;
  /** bits that were read, from the start of the bytes */
  readonly position: () => number;
};

/** Reads bits from bytes; damage beyond their end. */
export function createBits(bytes: Uint8Array, offset: number): Bits {
  let at = 0;
  let held = 0;
  let heldBits = 0;

  function read(count: number): number {
    if (count > 24) return read(count - 16) * 0x10000 + read(16);
    while (heldBits < count) {
      if (at >= bytes.length) throw new Damage('is cut off');
      held = ((held << 8) | (bytes[at] as number)) >>> 0;
      at++;
      heldBits += 8;
    }
    heldBits -= count;
    const value = held >>> heldBits;
    held &= (1 << heldBits) - 1;
    return value;
  }

  read(offset);
  return { read, position: () => at * 8 - heldBits };
}
