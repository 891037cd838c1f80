import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { classify } from '../classify.ts';
import { ResponseStreamingError } from '../errors/answer.ts';
import { PreconditionFailedError } from '../errors/service.ts';
import { createPool, type Pool } from '../pool.ts';
import type { Settings } from '../settings/values.ts';
import type { ByteRange } from './byte-range.ts';
import type { StoredChecksum } from './checksum.ts';
import { pour } from './destination.ts';
import { requireETag } from './etag.ts';
import type { RemoteObject } from './remote-object.ts';

/**
 * Presigned URLs of GETs of one object, one after the other: they are short-lived, and a download may not be.
 */
export type ObjectUrls = {
  /** One that should be good still. */
  readonly current: () => Promise<string>;
  /** Another than the one that was refused. */
  readonly renew: (refused: string) => Promise<string>;
};

/** An object that somebody else signed for. */
export type UrlObjectRequest = {
  readonly urls: ObjectUrls;
  /** Time-outs, proxies and certificates. */
  readonly settings: Settings;
  /** what it is called in messages, which never name its URL: whoever has that can read it */
  readonly shown: string;
  /** what makes it this object and no other, besides its ETag and its size */
  readonly identity: readonly unknown[];
  /** Bytes that it must have. */
  readonly bytes?: number | undefined;
  /** The checksum of all its bytes, as the SDK spells the algorithm. */
  readonly checksum?: Omit<StoredChecksum, 'over'> | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Closes the connections that it was read through when it is disposed of. */
export type UrlObject = RemoteObject & Disposable;

/**
 * Looks an object up by a presigned URL, whose signature is good for GETs only: its first byte tells size and
 * ETag.
 *
 * Throws `PreconditionFailedError` when it has not the bytes that it must have, else what `classify`
 * understands, or what the URLs throw.
 */
export async function openUrl(request: UrlObjectRequest): Promise<UrlObject> {
  const { urls, settings, shown, identity, checksum, signal } = request;
  const pool = createPool(settings, await urls.current());
  try {
    const { bytes, etag } = await persist(() => lookUp({ urls, pool, signal }, request), signal);
    return {
      shown,
      identity: [...identity, etag, bytes],
      bytes,
      checksum: checksum && { ...checksum, over: 'bytes' },
      partBytes: [],
      fetch: async (range, into, stop) => {
        const { first, last } = range;
        const answer = await ask({ urls, pool, signal: stop }, { range, ifMatch: etag });
        refuseOther(answer, range, bytes);
        let left = last - first + 1;
        for await (const piece of answer) {
          left -= piece.length;
          // They would fall into the next range.
          if (left < 0)
            throw new ResponseStreamingError({ message: `more bytes came than ${first}-${last}` });
          await pour(piece, into);
        }
      },
      [Symbol.dispose]: () => pool.destroy(),
    };
  } catch (error) {
    pool.destroy();
    throw error;
  }
}

const ATTEMPTS = 5;

/** Ranges are asked for again by their reader; so is the first byte. */
async function persist<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= ATTEMPTS || !classify(error).retryable) throw error;
      await setTimeout(Math.random() * 100 * 2 ** attempt, undefined, signal ? { signal } : {});
    }
  }
}

type Way = { readonly urls: ObjectUrls; readonly pool: Pool; readonly signal: AbortSignal | undefined };

async function lookUp(way: Way, { shown, bytes: wanted }: UrlObjectRequest) {
  const answer = await ask(way, { range: { first: 0, last: 0 }, takesEmpty: true });
  const { etag, 'content-range': range = '', 'content-length': length } = answer.headers;
  // One byte is read in passing, and its connection serves a range. All of an object is not, nor what may
  // have no end.
  if (answer.statusCode === 206 && length === '1') answer.on('error', () => undefined).resume();
  else answer.destroy();
  // A store that knows no ranges answers with all of it.
  const [, total] =
    /^bytes (?:0-0|\*)\/(\d+)$/.exec(answer.statusCode === 200 ? `bytes */${length}` : range) ?? [];
  if (total === undefined) throw new ResponseStreamingError({ message: `nothing says how long ${shown} is` });
  const bytes = Number(total);
  if (!Number.isSafeInteger(bytes)) {
    throw new ResponseStreamingError({
      message: `no object has the ${total} bytes that ${shown} is said to have`,
    });
  }
  if (wanted !== undefined && wanted !== bytes) {
    throw new PreconditionFailedError({ message: `${shown} has ${bytes} bytes, and is to have ${wanted}` });
  }
  return { bytes, etag: bytes === 0 ? '' : requireETag(etag, `the first byte of ${shown}`) };
}

function refuseOther(answer: IncomingMessage, { first, last }: ByteRange, bytes: number): void {
  const isWhole = first === 0 && last === bytes - 1 && answer.statusCode === 200;
  const range = answer.headers['content-range'];
  if (isWhole || range?.startsWith(`bytes ${first}-${last}/`)) return;
  // Nobody will read it, and its socket would wait for that.
  answer.destroy();
  throw new ResponseStreamingError({
    message: `asked for bytes ${first}-${last}, got ${range ?? 'no range'}`,
  });
}

type Question = {
  readonly range: Pick<ByteRange, 'first' | 'last'>;
  readonly ifMatch?: string;
  /** Whether an object without a first byte is an answer as well. */
  readonly takesEmpty?: boolean;
};

/**
 * The answer to a GET, its body yet to be read. A refused URL may have expired on its way: then another is
 * asked for, once.
 */
async function ask(way: Way, question: Question): Promise<IncomingMessage> {
  const url = await way.urls.current();
  const first = await exchange(way, url, question);
  const isRefused = first.statusCode === 403 || first.statusCode === 400;
  const answer = isRefused ? await exchange(way, await renewed(way, url, first), question) : first;
  const { statusCode = 0 } = answer;
  if (statusCode === 206 || statusCode === 200 || (statusCode === 416 && question.takesEmpty)) return answer;
  throw await toError(answer);
}

async function renewed({ urls }: Way, refused: string, answer: IncomingMessage): Promise<string> {
  answer.destroy();
  return urls.renew(refused);
}

function exchange(
  { pool, signal }: Way,
  url: string,
  { range: { first, last }, ifMatch }: Question,
): Promise<IncomingMessage> {
  const { readTimeoutMs, idleTimeoutMs } = pool.settings.values;
  const isPlain = url.startsWith('http:');
  // Not imported: see the pool.
  const request = isPlain ? process.getBuiltinModule('node:http').request : requestHttps;
  return new Promise((resolve, reject) => {
    const call: ClientRequest = request(url, {
      agent: (isPlain ? pool.httpAgent : pool.httpsAgent) as Agent,
      headers: { range: `bytes=${first}-${last}`, ...(ifMatch !== undefined && { 'if-match': ifMatch }) },
      ...(signal && { signal }),
    });
    const silence = globalThis.setTimeout(
      () => call.destroy(timeout(`no answer within the requestTimeout of ${readTimeoutMs} ms`)),
      readTimeoutMs,
    );
    call
      .setTimeout(idleTimeoutMs, () => call.destroy(timeout(`${idleTimeoutMs} ms of inactivity`)))
      .on('error', reject)
      .on('close', () => clearTimeout(silence))
      .on('response', (answer) => {
        clearTimeout(silence);
        resolve(answer);
      })
      .end();
  });
}

function timeout(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}

/** S3's errors are short XML. */
const MAX_ERROR_CHARACTERS = 64 * 1024;

/** In the shape in which the SDK throws what S3 refuses, which `classify` understands. */
async function toError(answer: IncomingMessage): Promise<Error> {
  const { statusCode, headers } = answer;
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) {
    text += piece;
    // Leaving closes the connection: an answer without an end would be read for good.
    if (text.length >= MAX_ERROR_CHARACTERS) break;
  }
  const read = (element: string) => new RegExp(`<${element}>([^<]*)</${element}>`).exec(text)?.[1];
  return Object.assign(new Error(read('Message') ?? ''), {
    name: read('Code') ?? 'Unknown',
    $metadata: { httpStatusCode: statusCode, requestId: headers['x-amz-request-id'] },
    $response: { headers },
  });
}
