import { createLzma, type Lzma, type LzmaProperties, toLzmaProperties } from './lzma.ts';
import { Damage, type Reader } from './reader.ts';
import type { Budget } from './tally.ts';

/** The length of a dictionary as LZMA2 has it in one byte. */
export function toDictionaryBytes(byte: number): number {
  if (byte > 40) throw new Damage('does not unpack');
  return byte === 40 ? 0xffffffff : (2 | (byte & 1)) * 2 ** ((byte >>> 1) + 11);
}

/** LZMA2: chunks of at most 2 MiB, each with its own length, until one that says that there are no more. */
export async function* unpackLzma2(
  packed: Reader,
  dictionaryBytes: number,
  windows: Budget,
): AsyncGenerator<Uint8Array> {
  const lzma = createLzma(dictionaryBytes, windows);
  let needs: 'dictionary' | 'properties' | 'nothing' = 'dictionary';
  let properties: LzmaProperties = { lc: 0, lp: 0, pb: 0 };
  try {
    for (;;) {
      const [control = 0] = await packed.demand(1);
      if (control === 0) return;
      if (control === 1 || control >= 0xe0) {
        lzma.forget();
        if (needs === 'dictionary') needs = 'properties';
      }
      if (needs === 'dictionary' || (control > 2 && control < 0x80)) throw new Damage('does not unpack');
      if (control < 0x80) {
        const [high = 0, low = 0] = await packed.demand(2);
        const bytes = await packed.demand(high * 256 + low + 1);
        lzma.copy(bytes);
        yield bytes;
        continue;
      }
      const [a = 0, b = 0, c = 0, d = 0] = await packed.demand(4);
      const unpackedBytes = (control & 0x1f) * 0x10000 + a * 256 + b + 1;
      if (control >= 0xc0) {
        const [byte = 0] = await packed.demand(1);
        properties = toLzmaProperties(byte);
        if (properties.lc + properties.lp > 4) throw new Damage('does not unpack');
        needs = 'nothing';
      }
      if (needs === 'properties') throw new Damage('does not unpack');
      if (control >= 0xa0) lzma.reset(properties);
      const bytes = await packed.demand(c * 256 + d + 1);
      lzma.start(bytes);
      lzma.give(bytes.subarray(5));
      yield* toChunks(lzma, unpackedBytes);
    }
  } finally {
    lzma.close();
  }
}

function* toChunks(lzma: Lzma, unpackedBytes: number): Generator<Uint8Array> {
  for (let left = unpackedBytes; left > 0; ) {
    const chunk = lzma.unpack(left, 0);
    // A mark of the end, which LZMA2 does not have.
    if (chunk === undefined || chunk.length === 0) throw new Damage('does not unpack');
    left -= chunk.length;
    yield Buffer.from(chunk);
  }
}
