import { type ClientRequest, type IncomingMessage, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { classify } from '../classify.ts';
import type { ConnectionError } from '../errors/connection-error.ts';
import { ReadTimeoutError } from '../errors/network.ts';
import { createPool } from '../pool.ts';
import type { Settings } from '../settings/values.ts';

/** How far a request came: milliseconds from its start to each mark it reached. */
export type Marks = {
  /** The name was looked up. Never for an address, nor through a proxy. */
  dns?: number;
  tcp?: number;
  tls?: number;
  firstByte?: number;
};

/** What one request, signed by nobody, tells of the way to the endpoint. */
export type Probe = {
  readonly marks: Readonly<Marks>;
  readonly remoteAddress: string | undefined;
  readonly tls: { readonly protocol: string; readonly validTo: Date } | undefined;
  readonly status: number | undefined;
  /** The server's clock minus this one's, good to about a second; undefined when it sent no date. */
  readonly skewMs: number | undefined;
  /** Why it came no further. */
  readonly error: ConnectionError | undefined;
};

/** Where to, and how. */
export type ProbeRequest = {
  readonly settings: Settings;
  readonly address: URL;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Sends one HEAD on a socket of its own, through the same agents as every call: proxy, certificates and both
 * time-outs are those of the settings. Whatever goes wrong is in the answer, together with how far it came;
 * nothing is tried twice.
 */
export async function probe({ settings, address, now, signal }: ProbeRequest): Promise<Probe> {
  const pool = createPool(settings, address.href);
  const isTls = address.protocol === 'https:';
  const startedAt = performance.now();
  const marks: Marks = {};
  const mark = (name: keyof Marks) => {
    marks[name] ??= performance.now() - startedAt;
  };
  let socket: Socket | undefined;
  let answer: IncomingMessage | undefined;
  let skewMs: number | undefined;
  let error: ConnectionError | undefined;
  try {
    const send = isTls ? requestByHttps : requestByHttp;
    const request = send(address, {
      method: 'HEAD',
      agent: isTls ? pool.httpsAgent : pool.httpAgent,
      ...(signal && { signal }),
    });
    request.on('socket', (opened) => {
      socket = opened;
      opened.once('lookup', (failed) => failed ?? mark('dns'));
      opened.once('connect', () => mark('tcp'));
      opened.once('secureConnect', () => mark('tls'));
    });
    answer = await awaitAnswer(request, settings.values.readTimeoutMs);
    mark('firstByte');
    skewMs = skewOf(answer.headers.date, now(), (marks.firstByte ?? 0) - (marks.tls ?? marks.tcp ?? 0));
  } catch (thrown) {
    error = classify(thrown);
  }
  // Read while the socket is open: a closed one has forgotten its peer.
  const facts = { remoteAddress: socket?.remoteAddress, tls: tlsOf(socket), status: answer?.statusCode };
  pool.destroy();
  return { marks, ...facts, skewMs, error };
}

/** The head of the answer. The read time-out begins when the request is sent, as it does for every call. */
async function awaitAnswer(request: ClientRequest, readTimeoutMs: number): Promise<IncomingMessage> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      request.once('finish', () => {
        timer = setTimeout(
          () => request.destroy(new ReadTimeoutError({ message: `no answer within ${readTimeoutMs} ms` })),
          readTimeoutMs,
        );
      });
      request.once('response', (response) => resolve(response.resume())).on('error', reject);
      request.end();
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Half of the wait for the answer is taken to be its way back. `Date` has whole seconds, so half a second is
 * added.
 */
function skewOf(date: string | undefined, receivedAt: number, waitedMs: number): number | undefined {
  const saidMs = Date.parse(date ?? '');
  return Number.isNaN(saidMs) ? undefined : saidMs + 500 - (receivedAt - waitedMs / 2);
}

function tlsOf(socket: Socket | undefined): Probe['tls'] {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    validTo: new Date(socket.getPeerCertificate().valid_to),
  };
}
