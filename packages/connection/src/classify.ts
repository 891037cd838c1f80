import { ResponseStreamingError } from './errors/answer.ts';
import { AbortedError, ConnectionError, type Failure, UnexpectedError } from './errors/connection-error.ts';
import {
  ConnectTimeoutError,
  ProxyConnectionError,
  ProxyRefusedError,
  ReadTimeoutError,
  SSLError,
} from './errors/network.ts';
import { ServiceError, ServiceUnavailableError, WrongRegionError } from './errors/service.ts';
import { isObject } from './is-object.ts';
import { readRetryAfterMs } from './retry-after.ts';
import {
  byFileCode,
  byLocalName,
  byMessage,
  byNodeCode,
  byNodeCodePrefix,
  byServiceName,
  byStatus,
  type ErrorClass,
  FILE_CALL,
} from './taxonomy.ts';

const MAX_CAUSES = 5;

/**
 * Gives any thrown value its place in the taxonomy; an error that has one already comes back unchanged, so it
 * may be called anywhere and twice.
 *
 * Works by shape, not by class: nothing of the SDK is imported, and a bundle that holds two copies of it is
 * still understood. An error nobody knows becomes `UnexpectedError`, unless one of its causes is known.
 */
export function classify(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  for (const cause of causesOf(error)) {
    if (cause instanceof ConnectionError) return cause;
    const facts = factsOf(cause);
    const Known = classOf(facts);
    if (Known) return new Known(failureOf(facts, error));
  }
  return new UnexpectedError({ message: messageOf(error), cause: error });
}

function* causesOf(error: unknown): Generator<Record<string, unknown>> {
  let seen = error;
  for (let depth = 0; depth < MAX_CAUSES && isObject(seen); depth += 1) {
    yield seen;
    seen = seen.cause;
  }
}

type Facts = {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly syscall: unknown;
  /**
   * Our agent marks what happened on the way to the proxy: its refused connection looks like the endpoint's.
   */
  readonly proxied: boolean;
  /** Status of the proxy's own answer to CONNECT. */
  readonly proxyStatus: unknown;
  /** Where the bucket is and where it was looked for, when these differ: see `noteRegions`. */
  readonly regions: readonly [string, string] | undefined;
  readonly retryAfterMs: number | undefined;
  /** The answer is a page, from somebody who is no S3. */
  readonly isPage: boolean;
};

function classOf(facts: Facts): ErrorClass | undefined {
  if (facts.status !== undefined) return classOfAnswer(facts, facts.status);
  // Before the proxy and time-out rows: an abort destroys the socket, and its wreck has a code as well.
  if (facts.name === 'AbortError') return AbortedError;
  if (facts.code === 'ERR_PROXY_TUNNEL' && facts.proxyStatus !== undefined) {
    return Number(facts.proxyStatus) < 500 ? ProxyRefusedError : ProxyConnectionError;
  }
  if (FILE_CALL.test(String(facts.syscall)) && byFileCode.has(facts.code)) return byFileCode.get(facts.code);
  const Worded = classOfWords(facts.message);
  if (Worded) return Worded;
  if (facts.code === 'ETIMEDOUT') return facts.syscall === 'connect' ? ConnectTimeoutError : ReadTimeoutError;
  const Coded =
    byNodeCode.get(facts.code) ?? byNodeCodePrefix.find(([prefix]) => prefix.test(facts.code))?.[1];
  if (facts.proxied && Coded !== undefined && Coded !== SSLError) return ProxyConnectionError;
  // A service's name without a status comes from tests and from errors that lost their answer on the way.
  return Coded ?? byLocalName.get(facts.name) ?? byServiceName.get(facts.name);
}

function classOfAnswer({ name, message, regions, isPage }: Facts, status: number): ErrorClass {
  // A success that still threw: its body could not be read, parsed or trusted.
  if (status < 300) return classOfWords(message) ?? ResponseStreamingError;
  if (isPage) return ServiceError;
  if (regions && (status < 400 || !byServiceName.has(name))) return WrongRegionError;
  return (
    byServiceName.get(name) ??
    byStatus.get(status) ??
    (status >= 500 ? ServiceUnavailableError : ServiceError)
  );
}

function classOfWords(message: string): ErrorClass | undefined {
  return byMessage.find(([pattern]) => pattern.test(message))?.[1];
}

function factsOf(error: Record<string, unknown>): Facts {
  const metadata = isObject(error.$metadata) ? error.$metadata : {};
  return {
    name: String(error.name ?? ''),
    message: messageOf(error),
    code: typeof error.code === 'string' ? error.code : '',
    status: typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined,
    requestId: typeof metadata.requestId === 'string' ? metadata.requestId : undefined,
    syscall: error.syscall,
    proxied: error.proxied === true,
    proxyStatus: error.statusCode,
    regions:
      typeof error.bucketRegion === 'string' ? [error.bucketRegion, String(error.clientRegion)] : undefined,
    retryAfterMs: readRetryAfterMs(headersOf(error)),
    isPage: isPage(error),
  };
}

/**
 * Pages come from web servers, proxies and gates; what gives itself a request id is a store that says so in
 * its own way.
 */
function isPage(error: Record<string, unknown>): boolean {
  const headers = headersOf(error);
  const status = isObject(error.$metadata) ? Number(error.$metadata.httpStatusCode) : 0;
  const isStore = ['x-amz-request-id', 'x-amz-id-2', 'x-guploader-uploadid'].some((name) => name in headers);
  const isHtml = /^text\/html\b/.test(String(headers['content-type'] ?? ''));
  return isHtml && !isStore && status >= 400 && status < 500 && status !== 412 && status !== 429;
}

function headersOf({ $response }: Record<string, unknown>): Record<string, unknown> {
  return isObject($response) && isObject($response.headers) ? $response.headers : {};
}

function failureOf(facts: Facts, cause: unknown): Failure {
  const { name, status, requestId, retryAfterMs, isPage: page } = facts;
  const named = !page && (status !== undefined || byServiceName.has(name));
  const serviceCode = named ? name : undefined;
  return { message: wordsOf(facts), cause, httpStatus: status, requestId, serviceCode, retryAfterMs };
}

function wordsOf({ name, message, status, regions, isPage: page }: Facts): string {
  if (status === undefined) return message;
  if (page) return `answered ${status} with a page (text/html), not as S3 does`;
  // The SDK's word for an answer that has none, such as every one to a HEAD.
  if (message !== '' && message !== 'UnknownError') return message;
  if (regions) return `the bucket is in ${regions[0]}, and was looked for in ${regions[1]}`;
  const isCode = !/^(Unknown|UnknownError|Error|NotFound|)$/.test(name);
  return `answered ${status}${isCode ? ` ${name}` : ''} and no more`;
}

function messageOf(error: unknown): string {
  return isObject(error) ? String(error.message || error.name || '') : String(error);
}
