import { inflateRawSync } from 'node:zlib';
import type { ZipEntry } from '../sniff/zip-directory.ts';
import { unpackDeflate } from './inflate.ts';
import { Damage } from './reader.ts';
import { type Tally, Unreadable } from './tally.ts';

// Of these there may be a hundred thousand: a stream for each would take longer than the unpacking.
const SMALL = { packedBytes: 64 * 1024, unpackedBytes: 1024 ** 2 } as const;

const OTHERS: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'xz',
  98: 'PPMd',
};

/** The content of an entry, whatever its method. */
export async function* unpackZipEntry(
  packed: AsyncIterable<Uint8Array>,
  entry: ZipEntry,
  _tally: Tally,
): AsyncGenerator<Uint8Array> {
  if (entry.method === 0) yield* packed;
  else if (entry.method === 8) yield* inflate(packed, entry);
  else throw new Unreadable(`is packed by ${OTHERS[entry.method] ?? `method ${entry.method}`}`);
}

async function* inflate(packed: AsyncIterable<Uint8Array>, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  if (entry.compressed > SMALL.packedBytes || entry.unpacked > SMALL.unpackedBytes) {
    yield* unpackDeflate(packed);
    return;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of packed) chunks.push(chunk);
  const whole = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  try {
    yield inflateRawSync(whole, { maxOutputLength: SMALL.unpackedBytes });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'ERR_BUFFER_TOO_LARGE') throw new Damage('does not unpack');
    // It is larger than it says.
    yield* unpackDeflate(one(whole));
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
