import { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { HttpRequest } from '@smithy/types';
import { ResponseStreamingError } from '../errors/answer.ts';
import { pour } from './destination.ts';
import { toReadInput } from './params.ts';
import type { RangeRequest } from './range-socket.ts';
import { rangeSocketsOf } from './range-sockets.ts';
import type { RemoteObject } from './remote-object.ts';
import { type SourceObject, toInput } from './source-object.ts';

/**
 * An object that was looked up in a bucket, to be read through the client that looked, or on sockets of their
 * own.
 */
export function toRemote(
  client: S3Client,
  source: SourceObject,
  { ownSockets = true }: { readonly ownSockets?: boolean } = {},
): RemoteObject {
  const { name, bytes, etag, checksum, partBytes } = source;
  return {
    shown: `s3://${name.bucket}/${name.key}`,
    name,
    identity: [name.bucket, name.key, name.versionId, etag, bytes],
    bytes,
    checksum,
    partBytes,
    fetch: (range, into, signal) => fetchRange(client, source, { range, into, signal, ownSockets }),
  };
}

/** A range on its way into a destination. */
type RangeCall = Omit<RangeRequest, 'head'> & { readonly ownSockets: boolean };

async function fetchRange(client: S3Client, source: SourceObject, call: RangeCall): Promise<void> {
  const { range, into, signal, ownSockets } = call;
  const { first, last } = range;
  const isWhole = first === 0 && last === source.bytes - 1;
  const command = new GetObjectCommand({
    ...toInput(source.name),
    ...toReadInput(source.params),
    IfMatch: source.etag,
    // For the whole object no range: some stores give a checksum with that alone, and then the SDK checks it.
    ...(!isWhole && { Range: `bytes=${first}-${last}` }),
  });
  const body = isWhole || !ownSockets ? undefined : receiveDirectly(command, client, call);
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
 * Puts a socket of the client's own in the place of the SDK's way to the network, for this one command: the
 * SDK signs, retries and reads errors as ever. Undefined for clients that have no such sockets.
 */
function receiveDirectly(command: GetObjectCommand, client: S3Client, { range, into, signal }: RangeCall) {
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

/**
 * The SDK refuses answers with a checksum that it cannot compute. All of them are compared here, once the
 * bytes are there.
 */
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
