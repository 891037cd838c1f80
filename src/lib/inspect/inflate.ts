import { type Duplex, pipeline, type Transform } from 'node:stream';
import {
  constants,
  createGunzip,
  createInflateRaw,
  createZstdDecompress,
  type ZlibOptions,
  type ZstdOptions,
} from 'node:zlib';
import { Damage } from './reader.ts';

// Larger pieces cost fewer turns of the loop, and no noteworthy memory.
const CHUNK_BYTES = 128 * 1024;

/** Turns the chunks of one stream into those of another. What follows the packed data is left unread. */
export type Unpack = (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Deflate without a frame, as zip has it (RFC 1951). */
export function unpackDeflate(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return through(packed, createInflateRaw(OPTIONS));
}

/** gzip, of as many members as there are (RFC 1952). What follows the last one is left out. */
export function unpackGzip(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return through(packed, createGunzip(OPTIONS));
}

/** One frame of Zstandard (RFC 8878), whose window is no larger than 2 to the given power. */
export function unpackZstd(packed: AsyncIterable<Uint8Array>, windowLog: number): AsyncIterable<Uint8Array> {
  const options: ZstdOptions = {
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: windowLog },
  };
  return through(packed, createZstdDecompress(options));
}

const OPTIONS: ZlibOptions = { chunkSize: CHUNK_BYTES };

async function* through(packed: AsyncIterable<Uint8Array>, unpacker: Transform): AsyncGenerator<Uint8Array> {
  const source = createSource(packed);
  const stream: Duplex = pipeline(source.chunks, unpacker, () => {
    // The loop below is told.
  });
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    const fault = source.fault();
    if (fault !== undefined) throw fault.error;
    if (isOfZlib(error)) throw new Damage('does not unpack');
    throw error;
  } finally {
    stream.destroy();
    await source.close();
  }
}

/**
 * A stream reads ahead of what it unpacks, and a stream that is destroyed does not wait for what it has asked
 * for. Whoever reads on after it needs both: where the reading has ended, and what it threw.
 */
function createSource(packed: AsyncIterable<Uint8Array>) {
  const iterator = packed[Symbol.asyncIterator]();
  let pending: Promise<unknown> | undefined;
  let isClosed = false;
  let fault: { readonly error: unknown } | undefined;
  async function next(): Promise<IteratorResult<Uint8Array>> {
    if (isClosed) return { done: true, value: undefined };
    const asked = iterator.next();
    pending = asked;
    try {
      return await asked;
    } catch (error) {
      fault = { error };
      throw error;
    }
  }
  return {
    chunks: { [Symbol.asyncIterator]: () => ({ next }) },
    fault: () => fault,
    async close() {
      isClosed = true;
      await Promise.allSettled([pending]);
      await iterator.return?.();
    },
  };
}

function isOfZlib(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB)/.test(String(error.code))
  );
}
