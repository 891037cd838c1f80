import { createHash, randomUUID } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { chunksOf } from './chunks.ts';
import { SluiceError } from './errors.ts';
import { frameForm } from './form.ts';
import type { CreateHash, Delivery, Platform, Receipt, Send } from './platform.ts';
import { toNetworkError } from './unreachable.ts';

// From this size on S3 is asked first (`Expect: 100-continue`), so that a refusal costs no bytes. A server
// that does not know the question gets them after a second.
const ASK_FIRST_BYTES = 1024 * 1024;
const UNANSWERED_MS = 1_000;
// S3's errors are short XML.
const ANSWER_CHARACTERS = 64 * 1024;

/** By node:http, because fetch tells no progress of a body and hides an answer that comes before its end. */
const send: Send = async (delivery, { signal, onSent }) => {
  signal.throwIfAborted();
  const url = new URL(delivery.url);
  // What a listener throws is no failure of the connection, which would have the file sent again.
  let mistake: { readonly error: unknown } | undefined;
  const { headers, body } = frame(delivery, (bytes) => {
    try {
      onSent(bytes);
    } catch (error) {
      mistake = { error };
      throw error;
    }
  });
  const asksFirst = delivery.source.size >= ASK_FIRST_BYTES;
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: delivery.method,
    headers: { ...headers, ...(asksFirst && { expect: '100-continue' }) },
    signal,
  });
  try {
    const receipt = handled(receive(request));
    if (asksFirst) request.flushHeaders();
    if (!asksFirst || (await wantsBody(request))) {
      // An answer may come before the last byte, and is taken when it does.
      await Promise.race([receipt, handled(pipeline(body, request))]);
    }
    return await receipt;
  } catch (thrown) {
    signal.throwIfAborted();
    if (mistake) throw mistake.error;
    throw thrown instanceof SluiceError
      ? thrown
      : toNetworkError(`The connection to ${url.host} broke`, thrown);
  } finally {
    if (!request.writableFinished) request.destroy();
  }
};

/** A promise whose rejection is nobody's fault when another one was awaited first. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function receive(request: ClientRequest): Promise<Receipt> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      readText(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    if (text.length < ANSWER_CHARACTERS) text += chunk;
  }
  return text;
}

/** False when the answer is there already, or the connection is gone. */
function wantsBody(request: ClientRequest): Promise<boolean> {
  return new Promise((resolve) => {
    const say = (wanted: boolean) => () => {
      clearTimeout(timer);
      resolve(wanted);
    };
    const timer = setTimeout(say(true), UNANSWERED_MS);
    request.once('continue', say(true)).once('response', say(false)).once('close', say(false));
  });
}

function frame(
  delivery: Delivery,
  onSent: (bytes: number) => void,
): { headers: Record<string, string>; body: AsyncIterable<Uint8Array> } {
  const { source } = delivery;
  if (delivery.method === 'PUT') return { headers: { ...delivery.headers }, body: counted(source, onSent) };
  const boundary = `sluice-${randomUUID()}`;
  const { before, after } = frameForm(delivery.fields, delivery.filename, boundary);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(before.length + source.size + after.length),
    },
    body: (async function* () {
      yield before;
      yield* counted(source, onSent);
      yield after;
    })(),
  };
}

async function* counted(
  source: Delivery['source'],
  onSent: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunksOf(source)) {
    yield chunk;
    // The socket has asked for more, so this chunk is on its way.
    bytes += chunk.length;
    onSent(bytes);
  }
}

const createSha256: CreateHash = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
};

// Enough that the wait for one answer is hidden by the others' bytes; more connections share the same line.
export const platform: Platform = { send, createSha256, concurrency: 6 };
