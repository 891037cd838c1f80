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

/** Network chunks are 64 KiB: handing them on one by one costs more than reading them. */
const BATCH_BYTES = 2 ** 20;

/**
 * Reads one range and gives its bytes in order, each once, a batch of chunks at a time: when the body breaks off, asks again
 * for what is missing.
 *
 * Throws `RetriesExceededError` after `attempts` broken bodies; `PreconditionFailedError` when the object is no longer the
 * one that was looked up; and whatever cannot be helped by asking again.
 */
export async function* readRange(reader: RangeReader, { first, last }: ByteRange): AsyncGenerator<Buffer[]> {
  let next = first;
  for (let attempt = 1; next <= last; attempt += 1) {
    let batch: Buffer[] = [];
    let bytes = 0;
    // Some bodies end early without an error.
    let failure: unknown = new ResponseStreamingError({ message: `the body ended before byte ${last}` });
    try {
      for await (const chunk of await open(reader, next, last)) {
        batch.push(chunk);
        bytes += chunk.length;
        if (bytes < BATCH_BYTES) continue;
        next += bytes;
        yield batch;
        batch = [];
        bytes = 0;
      }
    } catch (error) {
      failure = error;
      refuseHopeless(reader, failure);
    }
    // What came before a break is good.
    next += bytes;
    if (bytes > 0) yield batch;
    if (next > last) return;
    if (attempt >= reader.attempts) {
      const { bucket, key } = reader.source.name;
      throw new RetriesExceededError({
        bucket,
        key,
        range: { first, last },
        attempts: attempt,
        cause: classify(failure),
      });
    }
    await setTimeout(Math.random() * 100 * 2 ** attempt, undefined, { signal: reader.signal });
  }
}

function refuseHopeless({ signal }: RangeReader, failure: unknown): void {
  // An abort breaks the body like a broken connection does.
  if (signal.aborted) throw new AbortedError({ message: 'the download was aborted', cause: failure });
  const cause = classify(failure);
  // A wrong checksum comes after the last byte: those are given away already, so asking again cannot mend them.
  if (!cause.retryable || cause instanceof ChecksumMismatchError) throw cause;
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
