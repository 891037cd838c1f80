import { unpackBzip2 } from './bzip2.ts';
import { unpackDeflate } from './inflate.ts';
import { unpackLzma } from './lzma1.ts';
import { toDictionaryBytes, unpackLzma2 } from './lzma2.ts';
import { createReader, Damage, type Reader } from './reader.ts';
import type { Coder, Folder } from './seven-zip-header.ts';
import { type Budget, Unreadable } from './tally.ts';
import { unpackZstd } from './zstd.ts';

type Unpack = (packed: Reader, coder: Coder, windows: Budget) => AsyncIterable<Uint8Array>;

const AES = '06f10701';

const UNPACK: Readonly<Record<string, Unpack>> = {
  '00': (packed) => packed.chunks(),
  '030101': (packed, { properties, unpackedBytes }, windows) =>
    unpackLzma(packed, properties, unpackedBytes, windows),
  '21': (packed, { properties }, windows) =>
    unpackLzma2(packed, toDictionaryBytes(properties[0] ?? 0xff), windows),
  '040108': (packed) => unpackDeflate(packed.chunks()),
  '040202': (packed, _coder, windows) => unpackBzip2(packed, windows),
  '04f71101': (packed, _coder, windows) => unpackZstd(packed, windows),
};

// They change the addresses in programs, for better packing: neither lengths, nor how files begin.
const FILTERS: ReadonlySet<string> = new Set([
  '03030103',
  '03030205',
  '03030401',
  '03030501',
  '03030701',
  '03030805',
  '04',
  '05',
  '06',
  '07',
  '08',
  '09',
  '0a',
  '0b',
]);

/** True if a folder opens only with a password. */
export function isEncrypted({ coders }: Folder): boolean {
  return coders.some(({ method }) => method === AES);
}

/** What comes out of a folder of one packed stream; addresses in programs stay as the packing made them. */
export async function* unpackFolder(
  packed: AsyncIterable<Uint8Array>,
  folder: Folder,
  windows: Budget,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const readers: Reader[] = [];
  try {
    let stream = packed;
    for (const coder of inOrder(folder)) {
      if (FILTERS.has(coder.method)) continue;
      const unpack = UNPACK[coder.method];
      if (unpack === undefined) throw new Unreadable(`is packed by the method ${coder.method}`);
      const reader = createReader(stream, signal);
      readers.push(reader);
      stream = unpack(reader, coder, windows);
    }
    yield* stream;
  } finally {
    for (const reader of readers.reverse()) await reader.close();
  }
}

/** The coders from the packed stream on. */
function inOrder({ coders, pairs, packedInputs }: Folder): readonly Coder[] {
  if (coders.some(({ inputs, outputs }) => inputs !== 1 || outputs !== 1)) {
    throw new Unreadable('is packed in several streams');
  }
  const order: Coder[] = [];
  let next = packedInputs[0];
  while (next !== undefined && order.length < coders.length) {
    const coder = coders[next];
    if (coder === undefined) break;
    order.push(coder);
    const output = next;
    next = pairs.find((pair) => pair.output === output)?.input;
  }
  if (order.length < coders.length) throw new Damage('has a header that contradicts itself');
  return order;
}
