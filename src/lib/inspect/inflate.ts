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

/** Is told, at the end, how many of the packed bytes were data; others may follow. */
type OnEnd = (used: number) => void;

/** Deflate without a frame, as zip has it (RFC 1951). */
export function unpackDeflate(packed: AsyncIterable<Uint8Array>, onEnd?: OnEnd): AsyncIterable<Uint8Array> {
  return through(packed, createInflateRaw(OPTIONS), onEnd);
}

/** gzip, of as many members as there are (RFC 1952). */
export function unpackGzip(packed: AsyncIterable<Uint8Array>, onEnd?: OnEnd): AsyncIterable<Uint8Array> {
  return through(packed, createGunzip(OPTIONS), onEnd);
}

/** One frame of Zstandard (RFC 8878), whose window is no larger than 2 to the given power. */
export function unpackZstdFrame(
  packed: AsyncIterable<Uint8Array>,
  windowLog: number,
): AsyncIterable<Uint8Array> {
  const options: ZstdOptions = {
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: windowLog },
  };
  return through(packed, createZstdDecompress(options));
}

const OPTIONS: ZlibOptions = { chunkSize: CHUNK_BYTES };

async function* through(
  packed: AsyncIterable<Uint8Array>,
  unpacker: Transform & { readonly bytesWritten: number },
  onEnd?: OnEnd,
): AsyncGenerator<Uint8Array> {
  const source = createSource(packed);
  const stream: Duplex = pipeline(source.chunks, unpacker, () => {
    // The loop below is told.
  });
  try {
    for await (const chunk of stream) yield chunk;
    onEnd?.(unpacker.bytesWritten);
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
