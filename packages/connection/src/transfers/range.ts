import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { HttpRequest } from '@smithy/types';
import { classify } from '../classify.ts';
import { ChecksumMismatchError, ResponseStreamingError } from '../errors/answer.ts';
import { AbortedError } from '../errors/connection-error.ts';
import { RetriesExceededError } from '../errors/operation.ts';
import type { ByteRange } from './byte-range.ts';
import { type Destination, pour } from './destination.ts';
import { toReadInput } from './params.ts';
import type { RangeRequest } from './range-socket.ts';
import { rangeSocketsOf } from './range-sockets.ts';
import { type SourceObject, toInput } from './source-object.ts';

/** Reads ranges of one object. */
export type RangeReader = {
  readonly client: S3Client;
  readonly source: SourceObject;
  readonly attempts: number;
  readonly signal: AbortSignal;
};

/**
 * Reads one range into a destination, each byte once: when the body breaks off, asks again for what is missing.
 *
 * Throws `RetriesExceededError` after `attempts` broken bodies; `PreconditionFailedError` when the object is no longer the
 * one that was looked up; what the destination throws; and whatever cannot be helped by asking again.
 */
export async function readRange(reader: RangeReader, range: ByteRange, into: Destination): Promise<void> {
  const { first, last, index } = range;
  const next = () => first + into.bytes();
  for (let attempt = 1; next() <= last; attempt += 1) {
    // Some bodies end early without an error.
    let failure: unknown = new ResponseStreamingError({ message: `the body ended before byte ${last}` });
    try {
      await fetchRange(reader, { index, first: next(), last }, into);
    } catch (error) {
      failure = error;
      refuseHopeless(reader, failure);
    }
    if (next() > last) return;
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
    await setTimeout(Math.random() * 100 * 2 ** attempt, undefined, { signal: reader.signal }).catch(
      (error: unknown) => refuseHopeless(reader, error),
    );
  }
}

function refuseHopeless({ signal }: RangeReader, failure: unknown): void {
  // An abort breaks the body like a broken connection does.
  if (signal.aborted) throw new AbortedError({ message: 'the download was aborted', cause: failure });
  const cause = classify(failure);
  // A wrong checksum comes after the last byte: those are given away already, so asking again cannot mend them.
  if (!cause.retryable || cause instanceof ChecksumMismatchError) throw cause;
}

async function fetchRange(
  { client, source, signal }: RangeReader,
  range: ByteRange,
  into: Destination,
): Promise<void> {
  const { first, last } = range;
  const isWhole = first === 0 && last === source.bytes - 1;
  const command = new GetObjectCommand({
    ...toInput(source.name),
    ...toReadInput(source.params),
    IfMatch: source.etag,
    // For the whole object no range: some stores give a checksum with that alone, and then the SDK checks it.
    ...(!isWhole && { Range: `bytes=${first}-${last}` }),
  });
  const body = isWhole ? undefined : receiveDirectly(command, client, { range, into, signal });
  if (isWhole && source.checksum) leaveChecksumToUs(command);
  const { Body, ContentRange } = await client
    .send(command, { abortSignal: signal })
    .catch(async (error: unknown) => {
      // The SDK may find fault with the head of an answer whose bytes are on their way already.
      await body?.stop();
      throw error;
    });
  if (body?.received()) return body.received();
  if (!isWhole && !ContentRange?.startsWith(`bytes ${first}-`)) {
    // Nobody will read it, and its socket would wait for that.
    if (Body instanceof Readable) Body.destroy();
    throw new ResponseStreamingError({
      message: `asked for bytes ${first}-${last}, got ${ContentRange ?? 'no range'}`,
    });
  }
  if (!(Body instanceof Readable)) throw new ResponseStreamingError({ message: 'the answer has no body' });
  let left = last - first + 1;
  for await (const bytes of Body) {
    left -= bytes.length;
    // They would fall into the next range.
    if (left < 0) throw new ResponseStreamingError({ message: `more bytes came than ${first}-${last}` });
    await pour(bytes, into);
  }
}

/**
 * Puts a socket of the client's own in the place of the SDK's way to the network, for this one command: the SDK signs,
 * retries and reads errors as ever. Undefined for clients that have no such sockets.
 */
function receiveDirectly(
  command: GetObjectCommand,
  client: S3Client,
  { range, into, signal }: Omit<RangeRequest, 'head'>,
) {
  const sockets = rangeSocketsOf(client);
  if (sockets === undefined) return undefined;
  const stop = new AbortController();
  let received: Promise<void> | undefined;
  command.middlewareStack.add(
    (_network, context) => async (args) => {
      // Another attempt would ask for bytes that are there already: only `readRange` knows which.
      if (received)
        throw new ResponseStreamingError({ message: 'the body began before its head was refused' });
      const request = { range, into, signal: AbortSignal.any([signal, stop.signal]) };
      // Sound: at this step it is an HTTP request.
      const answer = await sockets.fetch(args.request as HttpRequest, request);
      context.socketReused = answer.reused;
      received = answer.received;
      // The SDK would compare a checksum with the body that it does not get.
      const headers = received ? withoutChecksums(answer.headers) : answer.headers;
      return { response: { ...answer, headers } };
    },
    { step: 'deserialize', priority: 'low', name: 'receiveDirectly' },
  );
  return {
    /** Settles with the body; undefined when it did not come this way. */
    received: () => received,
    /** Ends it. When this resolves nothing more comes into the destination. */
    async stop() {
      stop.abort();
      await received?.catch(() => {});
    },
  };
}

/** The SDK refuses answers with a checksum that it cannot compute. All of them are compared here, once the bytes are there. */
function leaveChecksumToUs(command: GetObjectCommand): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (typeof response !== 'object' || response === null || !('headers' in response)) return result;
      // Sound: the response of an HTTP handler.
      response.headers = withoutChecksums(response.headers as Record<string, string>);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'leaveChecksumToUs' },
  );
}

function withoutChecksums(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum-')));
}
