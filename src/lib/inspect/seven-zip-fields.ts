import { Damage } from './reader.ts';

/** The fields of a header of 7z, one after the other. */
export type Fields = {
  readonly byte: () => number;
  readonly bytes: (length: number) => Uint8Array;
  readonly number: () => number;
  /** How many of something follow, each of which takes a bit or more somewhere in the header. */
  readonly count: () => number;
  readonly flags: (length: number) => readonly boolean[];
  /** Flags that are left out if all of them are set. */
  readonly someFlags: (length: number) => readonly boolean[];
};

/** Reads fields; damage where one is cut off, or cannot be. */
export function createFields(bytes: Uint8Array): Fields {
  let at = 0;
  function take(length: number): Uint8Array {
    if (length > bytes.length - at) throw new Damage('has a header that is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  }
  const byte = () => take(1)[0] ?? 0;
  function number(): number {
    const first = byte();
    let value = 0;
    let mask = 0x80;
    for (let weight = 1; mask > 0 && (first & mask) !== 0; weight *= 256, mask >>= 1)
      value += byte() * weight;
    const high = first & (mask - 1);
    const whole = mask === 0 ? value : value + high * 256 ** Math.clz32(mask << 24);
    if (!Number.isSafeInteger(whole)) throw new Damage('has a number that cannot be');
    return whole;
  }
  function count(): number {
    const value = number();
    if (value > bytes.length * 8) throw new Damage('has a number that cannot be');
    return value;
  }
  function flags(length: number): readonly boolean[] {
    const bits = take(Math.ceil(length / 8));
    return Array.from({ length }, (_, index) => (((bits[index >> 3] ?? 0) << (index & 7)) & 0x80) !== 0);
  }
  const someFlags = (length: number) => (byte() === 0 ? flags(length) : Array.from({ length }, () => true));
  return { byte, bytes: take, number, count, flags, someFlags };
}
