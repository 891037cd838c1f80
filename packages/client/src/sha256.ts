import type { CreateHash } from './platform.ts';

// FIPS 180-4, for browsers alone: their crypto.subtle wants a whole file in memory, and Node has its own.
// Signed words throughout: V8 keeps them as integers, unsigned ones become doubles half of the time.
const K = Int32Array.from(
  [
    '428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5 d807aa98 12835b01 243185be 550c7dc3',
    '72be5d74 80deb1fe 9bdc06a7 c19bf174 e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da',
    '983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967 27b70a85 2e1b2138 4d2c6dfc 53380d13',
    '650a7354 766a0abb 81c2c92e 92722c85 a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070',
    '19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3 748f82ee 78a5636f 84c87814 8cc70208',
    '90befffa a4506ceb bef9a3f7 c67178f2',
  ].flatMap((row) => row.split(' ').map((word) => Number.parseInt(word, 16))),
);

const BLOCK = 64;

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** A SHA-256 that takes its input a chunk at a time. */
export const createSha256: CreateHash = () => {
  const state = Int32Array.of(
    0x6a09e667,
    0xbb67ae85,
    0x3c6ef372,
    0xa54ff53a,
    0x510e527f,
    0x9b05688c,
    0x1f83d9ab,
    0x5be0cd19,
  );
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
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(K, i) + at(schedule, i)) | 0;
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
