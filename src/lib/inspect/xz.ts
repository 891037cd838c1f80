import { crc32 } from 'node:zlib';
import { startsWith, viewOf } from '../sniff/bytes.ts';
import { toDictionaryBytes, unpackLzma2 } from './lzma2.ts';
import { Damage, type Reader } from './reader.ts';
import { type Budget, Unreadable } from './tally.ts';

const MAGIC = '\xfd7zXZ\0';
const FOOTER = 'YZ';
const LZMA2 = 0x21;
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

/** xz (section 2 of the format): streams one after the other, each of blocks and an index. */
export async function* unpackXz(packed: Reader, windows: Budget): AsyncGenerator<Uint8Array> {
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) await skipPadding(packed);
    const head = await packed.take(12);
    if (!isFirst && head.length === 0) return;
    if (head.length < 12 || !startsWith(head, MAGIC)) {
      throw new Damage(isFirst ? 'does not unpack' : 'has something else behind its end');
    }
    const checkBytes = CHECK_BYTES[((head[7] ?? 0) & 15) as 0];
    for (;;) {
      const start = packed.position();
      const [size = 0] = await packed.demand(1);
      if (size === 0) break;
      const dictionaryBytes = readBlockHeader(size, await packed.demand((size + 1) * 4 - 1));
      yield* unpackLzma2(packed, dictionaryBytes, windows);
      await packed.demand((start - packed.position()) & 3);
      await packed.demand(checkBytes);
    }
    await skipIndex(packed);
    if (!startsWith(await packed.demand(12), FOOTER, 10)) throw new Damage('does not unpack');
  }
}

/** Reads what follows a block's first byte; returns the length of its dictionary. */
function readBlockHeader(size: number, header: Uint8Array): number {
  const checked = Buffer.concat([Buffer.from([size]), header.subarray(0, -4)]);
  if (crc32(checked) !== viewOf(header).getUint32(header.length - 4, true))
    throw new Damage('does not unpack');
  const flags = header[0] ?? 0;
  const fields = header.subarray(1, -4);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = fields[at] ?? 0;
      at++;
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
  };
  if ((flags & 0x40) !== 0) number();
  if ((flags & 0x80) !== 0) number();
  const id = number();
  number();
  if ((flags & 3) !== 0 || id !== LZMA2) throw new Unreadable('is packed by a filter that is not read');
  return toDictionaryBytes(fields[at] ?? 0xff);
}

async function skipIndex(packed: Reader): Promise<void> {
  const start = packed.position() - 1;
  const records = await readNumber(packed);
  for (let record = 0; record < records; record++) {
    await readNumber(packed);
    await readNumber(packed);
  }
  await packed.demand((start - packed.position()) & 3);
  await packed.demand(4);
}

async function readNumber(packed: Reader): Promise<number> {
  let value = 0;
  for (let weight = 1; weight < 2 ** 63; weight *= 128) {
    const [byte = 0] = await packed.demand(1);
    value += (byte & 0x7f) * weight;
    if (byte < 0x80) return value;
  }
  throw new Damage('does not unpack');
}

async function skipPadding(packed: Reader): Promise<void> {
  for (;;) {
    const word = await packed.peek(4);
    if (word.length < 4 || word.some((byte) => byte !== 0)) return;
    await packed.demand(4);
  }
}
