import { lookup as lookUp } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './address.ts';
import { LIMITS } from './endpoint.ts';
import type { Post } from './ports.ts';
import { type Answer, type FailureCode, parseRetryAfter } from './schedule.ts';
import { bareHost, flawOfUrl, isAddress, type Reach } from './target.ts';

export type Address = { readonly address: string; readonly family: number };

export type PostDeps = {
  readonly reach: Reach;
  /** every address of a name */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
  /** certificates besides those that Node knows */
  readonly ca?: string;
  readonly now: () => number;
  readonly timeoutMs?: number;
};

/**
 * Sends by POST to one of the very addresses that were checked, on a connection of its own. Redirects are not
 * followed, and nothing is read of an answer but its status and `Retry-After`. A proxy of the environment is
 * not used: it would connect to what nobody checked. Always ends, whatever the endpoint does.
 */
export function createPost(deps: PostDeps): Post {
  const { reach, resolve = resolveAll, now, timeoutMs = LIMITS.timeoutMs } = deps;
  return async ({ url: text, headers, body }) => {
    // Rules may have become stricter since the endpoint was added.
    if (flawOfUrl(text, reach) !== undefined) return { error: 'address_refused' };
    const url = new URL(text);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const addresses = await beforeEnd(addressesOf(bareHost(url), resolve), signal);
      if (addresses.length === 0) return { error: 'name_not_found' };
      // One inner address among others is no accident.
      const isAllowed = reach === 'anywhere' || addresses.every(({ address }) => isPublicAddress(address));
      if (!isAllowed) return { error: 'address_refused' };
      return await send(url, addresses, { headers, body, signal, now, ca: deps.ca });
    } catch (error) {
      return { error: signal.aborted ? 'timed_out' : toFailure(error) };
    }
  };
}

type Sending = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly ca: string | undefined;
};

function send(
  url: URL,
  to: readonly Address[],
  { headers, body, signal, now, ca }: Sending,
): Promise<Answer> {
  const isTls = url.protocol === 'https:';
  // Node asks for a list, and tries one after the other: where there is no IPv6, that of IPv4 is reached too.
  const lookup: LookupFunction = (_host, options, done) => {
    const [{ address, family } = { address: '', family: 4 }] = to;
    if (options.all) done(null, [...to]);
    else done(null, address, family);
  };
  return new Promise((resolve, reject) => {
    const request = (isTls ? requestHttps : requestHttp)(
      url,
      {
        method: 'POST',
        agent: false, // a pooled socket would lead to what was checked for another attempt
        lookup,
        signal,
        maxHeaderSize: 16_384,
        rejectUnauthorized: true, // whatever the environment says
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        ...(ca !== undefined && { ca }),
      },
      (response) => {
        const { statusCode: status = 0 } = response;
        const retryAfterSeconds = parseRetryAfter(response.headers['retry-after'], now());
        // What it says is not read: it may repeat what it was sent, or hold anything else.
        response.on('error', () => {}).destroy();
        resolve({
          status,
          ...errorOf(status),
          ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
        });
      },
    );
    // Node hands 101 to nobody else. Without this it says no more of the request, not even that it is over.
    request.on('upgrade', ({ statusCode: status = 0 }, socket) => {
      socket.on('error', () => {}).destroy();
      resolve({ status, ...errorOf(status) });
    });
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection ended without an answer')));
    request.end(body);
  });
}

function errorOf(status: number): Pick<Answer, 'error'> {
  if (status >= 200 && status < 300) return {};
  return { error: status >= 300 && status < 400 ? 'redirect_refused' : 'status' };
}

async function addressesOf(host: string, resolve: (host: string) => Promise<readonly Address[]>) {
  return isAddress(host) ? [{ address: host, family: host.includes(':') ? 6 : 4 }] : resolve(host);
}

function resolveAll(host: string): Promise<readonly Address[]> {
  return lookUp(host, { all: true });
}

/** A name is looked up by the system, which cannot be told to stop. */
function beforeEnd<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
  ]);
}

const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO)/;

function toFailure(error: unknown): FailureCode {
  const { code = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (/^(?:ENOTFOUND|EAI_|ENODATA)/.test(code)) return 'name_not_found';
  return TLS_CODE.test(code) ? 'tls_failed' : 'connection_failed';
}
