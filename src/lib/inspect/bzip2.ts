import { startsWith } from '../sniff/bytes.ts';
import { createBits } from './bzip2-bits.ts';
import { type Block, readBlock } from './bzip2-block.ts';
import { Damage, type Reader } from './reader.ts';
import { type Budget, Unreadable } from './tally.ts';

// More than the longest block can be: 900,001 symbols of 20 bits, and the tables before them.
const BLOCK_MAX_BYTES = 2.5 * 1024 ** 2;
const CHUNK_BYTES = 128 * 1024;
const BLOCK = 0x314159;
const BLOCK_REST = 0x265359;
const END = 0x177245;
const END_REST = 0x385090;

/** bzip2: streams one after the other, each of blocks that are unpacked on their own. */
export async function* unpackBzip2(packed: Reader, windows: Budget): AsyncGenerator<Uint8Array> {
  for (let isFirst = true; ; isFirst = false) {
    const head = await packed.peek(4);
    if (!isFirst && head.length === 0) return;
    const level = (head[3] ?? 0) - 0x30;
    if (!startsWith(head, 'BZh') || level < 1 || level > 9) {
      throw new Damage(isFirst ? 'does not unpack' : 'has something else behind its end');
    }
    await packed.demand(4);
    const most = level * 100_000;
    // A number of 32 bits for each byte of a block, and the packed block itself.
    const bytes = most * 4 + BLOCK_MAX_BYTES;
    if (!windows.lend(bytes)) throw new Unreadable(`needs ${bytes} bytes of memory`);
    try {
      yield* unpackStream(packed, new Uint32Array(most));
    } finally {
      windows.giveBack(bytes);
    }
  }
}

async function* unpackStream(packed: Reader, table: Uint32Array): AsyncGenerator<Uint8Array> {
  // Blocks begin at any bit: those of the last byte that are not read yet.
  let offset = 0;
  for (;;) {
    const bits = createBits(await packed.peek(BLOCK_MAX_BYTES), offset);
    const mark = [bits.read(24), bits.read(24)];
    if (mark[0] === END && mark[1] === END_REST) {
      bits.read(32);
      await packed.demand(Math.ceil(bits.position() / 8));
      return;
    }
    if (mark[0] !== BLOCK || mark[1] !== BLOCK_REST) throw new Damage('does not unpack');
    yield* toChunks(readBlock(bits, table), table);
    offset = bits.position() % 8;
    await packed.demand(Math.floor(bits.position() / 8));
  }
}

/** Undoes the first step of packing: four equal bytes are followed by how many more of them there are. */
function* toChunks({ start, length }: Block, table: Uint32Array): Generator<Uint8Array> {
  let chunk = Buffer.alloc(CHUNK_BYTES);
  let at = 0;
  let place = start;
  let before = -1;
  let equal = 0;
  for (let taken = 0; taken < length; taken++) {
    const entry = table[place] as number;
    const byte = entry & 0xff;
    place = entry >>> 8;
    let times = 1;
    if (equal === 4) {
      times = byte;
      equal = 0;
    } else {
      equal = byte === before ? equal + 1 : 1;
      before = byte;
    }
    if (at + times > CHUNK_BYTES) {
      yield chunk.subarray(0, at);
      chunk = Buffer.alloc(CHUNK_BYTES);
      at = 0;
    }
    if (times === 1) chunk[at] = before;
    else chunk.fill(before, at, at + times);
    at += times;
  }
  if (at > 0) yield chunk.subarray(0, at);
}
