import { isIP, type Socket } from 'node:net';
import type { HttpRequest } from '@smithy/types';
import { poolOf } from '../clients/wire.ts';
import { defer } from '../deferred.ts';
import { ParamValidationError } from '../errors/settings.ts';
import type { Pool } from '../pool.ts';
import { encodeComponent } from '../sign/encode.ts';
import {
  aborted,
  openRangeSocket,
  type RangeRequest,
  type RangeSocket,
  type SocketAnswer,
} from './range-socket.ts';

/** The connections on which a client fetches ranges. */
export type RangeSockets = {
  /** Sends a signed request, on a connection that is open already if there is one. */
  readonly fetch: (
    request: HttpRequest,
    rest: Omit<RangeRequest, 'head'>,
  ) => Promise<SocketAnswer & { readonly reused: boolean }>;
};

const socketsByClient = new WeakMap<object, RangeSockets>();

/**
 * The same at every call. They count as sockets of the client, with its certificates and time-outs; there are
 * at most `maxSockets` of them, and `client.destroy()` closes them. Undefined for a client of another making
 * and for one that goes through a proxy.
 */
export function rangeSocketsOf(client: object): RangeSockets | undefined {
  const pool = poolOf(client);
  if (pool === undefined || pool.settings.values.httpProxy || pool.settings.values.httpsProxy)
    return undefined;
  const sockets = socketsByClient.get(client) ?? createRangeSockets(pool);
  socketsByClient.set(client, sockets);
  return sockets;
}

function createRangeSockets(pool: Pool): RangeSockets {
  const { maxSockets, keepAlive } = pool.settings.values;
  const busy = new Set<RangeSocket>();
  const idle = new Map<RangeSocket, string>();
  const waiting = new Set<() => void>();
  const sessions = new Map<string, Buffer>();
  let reused = 0;
  let isClosed = false;

  const takeIdle = (origin: string): RangeSocket | undefined => {
    for (const [socket, itsOrigin] of idle) {
      if (!socket.isOpen()) idle.delete(socket);
      else if (itsOrigin === origin) {
        idle.delete(socket);
        reused += 1;
        return socket;
      }
    }
    return undefined;
  };
  const dropOldest = () => {
    const [oldest] = idle.keys();
    if (oldest === undefined) return;
    idle.delete(oldest);
    oldest.destroy();
  };
  const release = (socket: RangeSocket, origin: string) => {
    busy.delete(socket);
    if (keepAlive && !isClosed && socket.isOpen()) idle.set(socket, origin);
    else socket.destroy();
    for (const wake of waiting) wake();
  };
  pool.join({
    counts: () => ({
      opened: 0, // The pool counts what its agents open.
      reused,
      busy: busy.size,
      idle: [...idle.keys()].filter((socket) => socket.isOpen()).length,
      waiting: waiting.size,
    }),
    destroy() {
      isClosed = true;
      for (const socket of [...busy, ...idle.keys()]) socket.destroy();
      idle.clear();
    },
  });

  return {
    async fetch(request, rest) {
      const { signal } = rest;
      // From the last look at `busy` to its growth nothing else may run.
      while (busy.size >= maxSockets) {
        if (signal.aborted) break;
        const { promise, resolve } = defer<void>();
        const wake = () => resolve();
        waiting.add(wake);
        signal.addEventListener('abort', wake);
        await promise;
        signal.removeEventListener('abort', wake);
        waiting.delete(wake);
      }
      // Before a socket is opened, or a warm one spent, on nothing.
      if (signal.aborted) throw aborted();
      const head = toHead(request);
      const origin = `${request.protocol}//${request.hostname}:${request.port ?? ''}`;
      const warm = takeIdle(origin);
      if (warm === undefined && busy.size + idle.size >= maxSockets) dropOldest();
      const socket = warm ?? open(pool, request, origin, sessions);
      busy.add(socket);
      const answer = socket.fetch({ ...rest, head });
      void socket.done().then(() => release(socket, origin)); // never rejects
      return { ...(await answer), reused: warm !== undefined };
    },
  };
}

/** The sessions, by origin, spare the handshakes of TLS their expensive half. */
function open(
  pool: Pool,
  { protocol, hostname, port }: HttpRequest,
  origin: string,
  sessions: Map<string, Buffer>,
): RangeSocket {
  const host = hostname.replace(/^\[|\]$/g, '');
  const session = sessions.get(origin);
  const target = {
    host,
    port: port ?? (protocol === 'http:' ? 80 : 443),
    noDelay: true,
    // TLS has no name to ask for when the host is an address.
    ...(isIP(host) === 0 && { servername: host }),
    ...(session && { session }),
  };
  return openRangeSocket((onread) => {
    // Sound: where there is no proxy, agents connect at once and return the socket.
    const socket = pool.connect(protocol, { ...target, onread }) as Socket;
    return socket.on('session', (fresh: Buffer) => sessions.set(origin, fresh));
  }, pool.settings.values);
}

/** A field with anything else in it could end the head early, or smuggle in another field. */
const FIELD_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

function toHead({ method, path, query = {}, headers }: HttpRequest): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => encodeComponent(name) + (one === null ? '' : `=${encodeComponent(one)}`)),
  );
  const target = parameters.length > 0 ? `${path}?${parameters.join('&')}` : path;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const wrong = lines.find((line) => !FIELD_TEXT.test(line));
  if (wrong !== undefined)
    throw new ParamValidationError({ message: `not fit for HTTP: ${JSON.stringify(wrong)}` });
  return `${lines.join('\r\n')}\r\n\r\n`;
}
