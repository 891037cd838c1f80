import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { IncompleteReadError } from '../errors/answer.ts';

/** One piece of an upload. */
export type SourcePart = {
  /** From 1. */
  readonly number: number;
  /** Valid until the buffer that was given to `read` is given again. */
  readonly bytes: Uint8Array;
};

/** Hands out the parts of one upload, each once, in order; undefined at the end. */
export type PartSource = {
  readonly totalBytes: number | undefined;
  /**
   * Fills `buffer`, whose length is the part size, or points elsewhere. May be called while an earlier call
   * is under way.
   */
  readonly read: (buffer: Buffer) => Promise<SourcePart | undefined>;
};

/** Parts of bytes at hand: nothing is copied. */
export function bytesSource(bytes: Uint8Array): PartSource {
  let number = 0;
  return {
    totalBytes: bytes.length,
    async read({ length }) {
      const start = number * length;
      // The empty object has one part, an empty one.
      if (start >= bytes.length && number > 0) return undefined;
      number += 1;
      return { number, bytes: bytes.subarray(start, start + length) };
    },
  };
}

/**
 * Parts of an open file as long as it is now. A file that shrinks under the upload is an
 * `IncompleteReadError`.
 */
export async function fileSource(file: FileHandle): Promise<PartSource> {
  const { size } = await file.stat();
  let number = 0;
  return {
    totalBytes: size,
    async read(buffer) {
      const start = number * buffer.length;
      if (start >= size && number > 0) return undefined;
      number += 1;
      const own = number;
      const wanted = Math.min(buffer.length, size - start);
      let filled = 0;
      while (filled < wanted) {
        const { bytesRead } = await file.read(buffer, filled, wanted - filled, start + filled);
        if (bytesRead === 0)
          throw new IncompleteReadError({ message: `the file ended before its ${size} bytes` });
        filled += bytesRead;
      }
      return { number: own, bytes: buffer.subarray(0, wanted) };
    },
  };
}

/** Parts of a stream, read one after the other and only as fast as parts are sent. */
export function streamSource(stream: Readable): PartSource {
  const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const fill = async (buffer: Buffer): Promise<SourcePart | undefined> => {
    let filled = 0;
    while (filled < buffer.length) {
      if (rest.length === 0) {
        const { done, value } = await chunks.next();
        if (done) break;
        rest = toBuffer(value);
      }
      const copied = rest.copy(buffer, filled);
      rest = rest.subarray(copied);
      filled += copied;
    }
    if (filled === 0 && number > 0) return undefined;
    number += 1;
    return { number, bytes: buffer.subarray(0, filled) };
  };
  return {
    totalBytes: undefined,
    read(buffer) {
      const mine = turn.then(() => fill(buffer));
      turn = mine.catch(() => {});
      return mine;
    },
  };
}

function toBuffer(chunk: unknown): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError('only streams of bytes or text can be uploaded');
}
