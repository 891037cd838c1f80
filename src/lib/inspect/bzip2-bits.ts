import { Damage } from './reader.ts';

/** Bits, the highest of each byte first. */
export type Bits = {
  /** The next bits as a number; at most 32. */
  readonly read: (count: number) => number;
  /** The next bits as a number, which stay there; at most 24, and zeros beyond the end. */
  readonly peek: (count: number) => number;
  /** Leaves out bits that were peeked at. */
  readonly drop: (count: number) => void;
  /** bits that were read, from the start of the bytes */
  readonly position: () => number;
};

/** Reads bits from bytes; damage beyond their end. */
export function createBits(bytes: Uint8Array, offset: number): Bits {
  let at = 0;
  let held = 0;
  let heldBits = 0;

  function peek(count: number): number {
    while (heldBits < count) {
      held = ((held << 8) | (bytes[at] ?? 0)) >>> 0;
      at++;
      heldBits += 8;
    }
    return (held >>> (heldBits - count)) & ((1 << count) - 1);
  }

  function drop(count: number): void {
    heldBits -= count;
    if (at * 8 - heldBits > bytes.length * 8) throw new Damage('is cut off');
  }

  function read(count: number): number {
    if (count > 24) return read(count - 16) * 0x10000 + read(16);
    const value = peek(count);
    drop(count);
    return value;
  }

  read(offset);
  return { read, peek, drop, position: () => at * 8 - heldBits };
}
