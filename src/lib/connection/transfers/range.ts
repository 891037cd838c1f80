import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { classify } from '../classify.ts';
import { AbortedError } from '../errors/aborted-error.ts';
import { ChecksumMismatchError } from '../errors/checksum-mismatch-error.ts';
import { ResponseStreamingError } from '../errors/response-streaming-error.ts';
import { RetriesExceededError } from '../errors/retries-exceeded-error.ts';
import { type SourceObject, toInput } from './source-object.ts';

/** Some bytes of an object, both ends included. */
export interface ByteRange {
  readonly index: number;
  readonly first: number;
  readonly last: number;
}

/** Reads ranges of one object. */
export interface RangeReader {
  readonly client: S3Client;
  readonly source: SourceObject;
  readonly attempts: number;
  readonly signal: AbortSignal;
}

/** Cuts an object into ranges. The empty object has none. */
export function toRanges(bytes: number, rangeBytes: number): ByteRange[] {
  return Array.from({ length: Math.ceil(bytes / rangeBytes) }, (_, index) => ({
    index,
    first: index * rangeBytes,
    last: Math.min((index + 1) * rangeBytes, bytes) - 1,
  }));
}

/**
 * Reads one range and gives its bytes in order, each once: when the body breaks off, asks again for what is missing.
 *
 * Throws `RetriesExceededError` after `attempts` broken bodies; `PreconditionFailedError` when the object is no longer the
 * one that was looked up; and whatever cannot be helped by asking again.
 */
export async function* readRange(reader: RangeReader, { first, last }: ByteRange): AsyncGenerator<Buffer> {
  let next = first;
  for (let attempt = 1; next <= last; attempt += 1) {
    try {
      for await (const chunk of await open(reader, next, last)) {
        yield chunk;
        next += chunk.length;
      }
      // Some bodies end early without an error; the next round asks for the rest.
      if (next <= last) throw new ResponseStreamingError({ message: `the body ended before byte ${last}` });
    } catch (error) {
      // An abort breaks the body like a broken connection does.
      if (reader.signal.aborted)
        throw new AbortedError({ message: 'the download was aborted', cause: error });
      const cause = classify(error);
      // A wrong checksum comes after the last byte: those are given away already, so asking again cannot mend them.
      if (!cause.retryable || cause instanceof ChecksumMismatchError) throw cause;
      if (attempt >= reader.attempts) {
        const { bucket, key } = reader.source.name;
        throw new RetriesExceededError({ bucket, key, range: { first, last }, attempts: attempt, cause });
      }
      await setTimeout(Math.random() * 100 * 2 ** attempt, undefined, { signal: reader.signal });
    }
  }
}

async function open(
  { client, source, signal }: RangeReader,
  first: number,
  last: number,
): Promise<AsyncIterable<Buffer>> {
  const isWhole = first === 0 && last === source.bytes - 1;
  const { Body, ContentRange } = await client.send(
    new GetObjectCommand({
      ...toInput(source.name),
      IfMatch: source.etag,
      // For the whole object no range: then the SDK checks the checksum, whichever it is.
      ...(!isWhole && { Range: `bytes=${first}-${last}` }),
    }),
    { abortSignal: signal },
  );
  if (!isWhole && !ContentRange?.startsWith(`bytes ${first}-`)) {
    throw new ResponseStreamingError({
      message: `asked for bytes ${first}-${last}, got ${ContentRange ?? 'no range'}`,
    });
  }
  if (!(Body instanceof Readable)) throw new ResponseStreamingError({ message: 'the answer has no body' });
  return Body;
}
