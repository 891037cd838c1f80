/** Numbers from a seed, the same ones each time (mulberry32). */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

// What lengths, counts and places go wrong with.
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

type Change = (bytes: Buffer, random: (below: number) => number) => Buffer;

const CHANGES: readonly Change[] = [
  function bit(bytes, random) {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  },
  function byte(bytes, random) {
    bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  function number(bytes, random) {
    if (bytes.length < 4) return bytes;
    const at = random(bytes.length - 3);
    const value = NUMBERS[random(NUMBERS.length)] ?? 0;
    if (random(2) === 0) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt32BE(value, at);
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random(bytes.length));
  },
  function without(bytes, random) {
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(64))]);
  },
  function twice(bytes, random) {
    const at = random(bytes.length);
    const end = at + random(512);
    const part = bytes.subarray(at, end);
    return Buffer.concat([
      bytes.subarray(0, end),
      ...Array.from({ length: 1 + random(8) }, () => part),
      bytes.subarray(end),
    ]);
  },
  function moved(bytes, random) {
    const [from, to] = [random(bytes.length), random(bytes.length)];
    bytes.copy(bytes, to, from, from + random(256));
    return bytes;
  },
];

/** A file with some damage, told by its seed alone. */
export function mutate(original: Uint8Array, seed: number): Buffer {
  const random = createRandom(seed);
  let bytes = Buffer.from(original);
  for (let left = 1 + random(6); left > 0 && bytes.length > 0; left--) {
    const change = CHANGES[random(CHANGES.length)];
    if (change) bytes = Buffer.from(change(bytes, random));
  }
  return bytes;
}
