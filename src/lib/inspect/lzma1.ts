import { viewOf } from '../sniff/bytes.ts';
import { createLzma, SYMBOL_MAX_BYTES, toLzmaProperties } from './lzma.ts';
import { Damage, type Reader } from './reader.ts';
import type { Budget } from './tally.ts';

const PACKED_BYTES = 64 * 1024;
const CHUNK_BYTES = 128 * 1024;

/**
 * LZMA without a frame, as 7z and zip have it.
 * @param properties five bytes
 * @param size bytes once it is unpacked; Infinity where the stream marks its own end
 */
export async function* unpackLzma(
  packed: Reader,
  properties: Uint8Array,
  size: number,
  windows: Budget,
): AsyncGenerator<Uint8Array> {
  if (properties.length < 5) throw new Damage('does not unpack');
  const lzma = createLzma(Math.min(viewOf(properties).getUint32(1, true), size), windows);
  try {
    lzma.reset(toLzmaProperties(properties[0] ?? 0xff));
    lzma.start(await packed.demand(5));
    for (let left = size; left > 0; ) {
      const bytes = await packed.peek(PACKED_BYTES);
      lzma.give(bytes);
      const chunk = lzma.unpack(
        Math.min(left, CHUNK_BYTES),
        bytes.length < PACKED_BYTES ? 0 : SYMBOL_MAX_BYTES,
      );
      const used = lzma.used();
      await packed.demand(used);
      if (chunk === undefined) {
        if (left !== Number.POSITIVE_INFINITY) throw new Damage('is cut off');
        return;
      }
      left -= chunk.length;
      yield Buffer.from(chunk);
    }
  } finally {
    lzma.close();
  }
}
