import { inflateRawSync } from 'node:zlib';
import type { ZipEntry } from '../sniff/zip-directory.ts';
import { unpackBzip2 } from './bzip2.ts';
import { unpackDeflate } from './inflate.ts';
import { unpackLzma } from './lzma1.ts';
import { createReader, Damage, type Reader } from './reader.ts';
import { type Budget, Unreadable } from './tally.ts';
import { unpackXz } from './xz.ts';
import { unpackZstd } from './zstd.ts';

// Of these there may be a hundred thousand: a stream for each would take longer than the unpacking.
const SMALL = { packedBytes: 64 * 1024, unpackedBytes: 1024 ** 2 } as const;

type Unpack = (packed: Reader, entry: ZipEntry, windows: Budget) => AsyncIterable<Uint8Array>;

/** By the numbers of section 4.4.5 of APPNOTE.TXT. */
const UNPACK: Readonly<Record<number, Unpack>> = {
  0: (packed) => packed.chunks(),
  8: inflate,
  12: (packed, _entry, windows) => unpackBzip2(packed, windows),
  14: unpackZipLzma,
  93: (packed, _entry, windows) => unpackZstd(packed, windows),
  95: (packed, _entry, windows) => unpackXz(packed, windows),
};

/** The content of an entry, whatever its method. */
export async function* unpackZipEntry(
  packed: AsyncIterable<Uint8Array>,
  entry: ZipEntry,
  windows: Budget,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const unpack = UNPACK[entry.method];
  if (unpack === undefined) throw new Unreadable(`is packed by method ${entry.method}`);
  yield* unpack(createReader(packed, signal), entry, windows);
}

async function* inflate(packed: Reader, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  if (entry.compressed > SMALL.packedBytes || entry.unpacked > SMALL.unpackedBytes) {
    let used = entry.compressed;
    yield* unpackDeflate(packed.chunks(), (bytes) => {
      used = bytes;
    });
    check(used, entry);
    return;
  }
  const whole = await packed.take(entry.compressed);
  const unpacked = inflateSmall(whole, entry);
  if (unpacked === undefined) yield* unpackDeflate(one(whole));
  else {
    yield unpacked.buffer;
    check(unpacked.engine.bytesWritten, entry);
  }
}

/** Undefined if it is larger than it says. */
function inflateSmall(packed: Uint8Array, entry: ZipEntry): Inflated | undefined {
  try {
    return inflateWithInfo(packed, entry);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'ERR_BUFFER_TOO_LARGE') throw new Damage('does not unpack');
    return undefined;
  }
}

type Inflated = { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };

/** With `info`, Node also returns the engine, which its types do not know. */
function inflateWithInfo(packed: Uint8Array, { unpacked }: ZipEntry): Inflated {
  return inflateRawSync(packed, {
    maxOutputLength: SMALL.unpackedBytes,
    // Node's own would be 16 KiB for each of a hundred thousand.
    chunkSize: Math.max(64, Math.min(unpacked, 16 * 1024)),
    info: true,
  }) as unknown as Inflated;
}

function check(used: number, { compressed }: ZipEntry): void {
  if (used < compressed) throw new Damage('has something behind its packed data');
}

/** A version, the length of the properties, the properties, and a stream that may mark its own end. */
async function* unpackZipLzma(packed: Reader, entry: ZipEntry, windows: Budget): AsyncGenerator<Uint8Array> {
  const [, , low = 0, high = 0] = await packed.demand(4);
  const properties = await packed.demand(high * 256 + low);
  yield* unpackLzma(
    packed,
    properties,
    entry.hasEndMark ? Number.POSITIVE_INFINITY : entry.unpacked,
    windows,
  );
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
