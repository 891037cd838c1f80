import { startsWith, viewOf } from '../sniff/bytes.ts';
import { unpackZstdFrame } from './inflate.ts';
import { Damage, type Reader } from './reader.ts';
import { type Budget, Unreadable } from './tally.ts';

const MAGIC = '\x28\xb5\x2f\xfd';
const HEADER_MAX_BYTES = 18;
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES: readonly number[] = [0, 2, 4, 8];
const RLE = 1;
const RESERVED = 3;

/**
 * Zstandard (RFC 8878): frames one after the other, and what is to be skipped between them. Each frame says
 * how much memory it needs, which is lent from the budget before anything is unpacked.
 */
export async function* unpackZstd(packed: Reader, windows: Budget): AsyncGenerator<Uint8Array> {
  for (;;) {
    const head = await packed.peek(HEADER_MAX_BYTES);
    if (head.length === 0) return;
    if (head.length >= 8 && viewOf(head).getUint32(0, true) >>> 4 === 0x184d2a5) {
      const length = viewOf(head).getUint32(4, true);
      await packed.demand(8);
      if ((await packed.skip(length)) < length) throw new Damage('is cut off');
    } else {
      const frame = readFrameHeader(head);
      if (!windows.lend(frame.windowBytes))
        throw new Unreadable(`needs ${frame.windowBytes} bytes of memory`);
      try {
        yield* unpackZstdFrame(
          readFrame(packed, frame),
          Math.max(10, Math.ceil(Math.log2(frame.windowBytes))),
        );
      } finally {
        windows.giveBack(frame.windowBytes);
      }
    }
  }
}

type FrameHeader = { readonly bytes: number; readonly windowBytes: number; readonly hasChecksum: boolean };

function readFrameHeader(head: Uint8Array): FrameHeader {
  if (!startsWith(head, MAGIC)) throw new Damage('has something else than a frame in it');
  const descriptor = head[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  const sizeFlag = descriptor >>> 6;
  const sizeBytes = isSingle && sizeFlag === 0 ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
  const dictionaryAt = isSingle ? 5 : 6;
  const sizeAt = dictionaryAt + dictionaryBytes;
  const bytes = sizeAt + sizeBytes;
  if (head.length < bytes) throw new Damage('is cut off');
  if (head.subarray(dictionaryAt, sizeAt).some((byte) => byte !== 0)) {
    throw new Unreadable('needs a dictionary that it does not have');
  }
  const hasChecksum = (descriptor & 4) !== 0;
  if (isSingle) {
    const size = head.subarray(sizeAt, bytes).reduceRight((sum, byte) => sum * 256 + byte, 0);
    return { bytes, windowBytes: size + (sizeBytes === 2 ? 256 : 0), hasChecksum };
  }
  const base = 2 ** (10 + ((head[5] ?? 0) >>> 3));
  return { bytes, windowBytes: base + (base / 8) * ((head[5] ?? 0) & 7), hasChecksum };
}

/** The bytes of one frame, block by block, and nothing behind it: Node's decoder stops there in silence. */
async function* readFrame(packed: Reader, { bytes, hasChecksum }: FrameHeader): AsyncGenerator<Uint8Array> {
  yield await packed.demand(bytes);
  for (let isLast = false; !isLast; ) {
    const [a = 0, b = 0, c = 0] = await packed.peek(3);
    const header = a | (b << 8) | (c << 16);
    isLast = (header & 1) === 1;
    const kind = (header >>> 1) & 3;
    if (kind === RESERVED) throw new Damage('does not unpack');
    yield await packed.demand(3 + (kind === RLE ? 1 : header >>> 3));
  }
  if (hasChecksum) yield await packed.demand(4);
}
