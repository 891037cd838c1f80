import type { CreateHash } from './platform.ts';

// FIPS 180-4, for browsers alone: their crypto.subtle wants a whole file in memory, and Node has its own.
// Signed words throughout: V8 keeps them as integers, unsigned ones become doubles half of the time.
const BLOCK = 64;

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

// The standard's constants are the roots of primes: to compute them takes microseconds, to carry them half a
// kilobyte.
function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime > 0)) primes.push(n);
  return primes;
}

/** The first 32 bits behind the point. */
function fractionBits(value: number): number {
  return ((value % 1) * 2 ** 32) | 0;
}

/** A SHA-256 that takes its input a chunk at a time. */
export const createSha256: CreateHash = () => {
  const primes = firstPrimes(64);
  const constants = Int32Array.from(primes, (prime) => fractionBits(Math.cbrt(prime)));
  const state = Int32Array.from(primes.slice(0, 8), (prime) => fractionBits(Math.sqrt(prime)));
  const schedule = new Int32Array(64);
  const rest = new Uint8Array(BLOCK);
  let restLength = 0;
  let totalBytes = 0;

  const compress = (bytes: Uint8Array, offset: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, BLOCK);
    for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(i * 4);
    for (let i = 16; i < 64; i++) {
      const early = at(schedule, i - 15);
      const late = at(schedule, i - 2);
      const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
      const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
      schedule[i] = (at(schedule, i - 16) + s0 + at(schedule, i - 7) + s1) | 0;
    }
    let a = at(state, 0);
    let b = at(state, 1);
    let c = at(state, 2);
    let d = at(state, 3);
    let e = at(state, 4);
    let f = at(state, 5);
    let g = at(state, 6);
    let h = at(state, 7);
    for (let i = 0; i < 64; i++) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(constants, i) + at(schedule, i)) | 0;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      // One by one: a swap by destructuring makes an array each time, which halves the speed.
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (at(state, i) + word) | 0;
  };

  const update = (chunk: Uint8Array): void => {
    totalBytes += chunk.length;
    let offset = 0;
    if (restLength > 0) {
      offset = Math.min(BLOCK - restLength, chunk.length);
      rest.set(chunk.subarray(0, offset), restLength);
      restLength += offset;
      if (restLength < BLOCK) return;
      compress(rest, 0);
      restLength = 0;
    }
    for (; offset + BLOCK <= chunk.length; offset += BLOCK) compress(chunk, offset);
    rest.set(chunk.subarray(offset));
    restLength = chunk.length - offset;
  };

  const digest = (): Uint8Array => {
    const bits = BigInt(totalBytes) * 8n;
    const padding = new Uint8Array((restLength < 56 ? 56 : 120) - restLength + 8);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    update(padding);
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    for (const [i, word] of state.entries()) view.setInt32(i * 4, word);
    return bytes;
  };

  return { update, digest };
};

// All indices are within bounds by construction; the compiler cannot know.
function at(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
