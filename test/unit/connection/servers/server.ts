import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https, { type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A server on loopback for one test; `await using` closes it with every socket it still has. */
export type TestServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: () => number;
  /** Closes what is open, as a server does that grew tired of idle connections. */
  readonly closeConnections: () => void;
};

/** The path of a certificate or key made by `certificates/make.sh`. */
export function pemPath(name: string): string {
  return new URL(`../certificates/${name}`, import.meta.url).pathname;
}

/** Serves HTTP, or HTTPS with the named certificate. */
export function serve(
  listener: RequestListener,
  certificate?: string,
  tls: ServerOptions = {},
): Promise<TestServer> {
  if (certificate === undefined)
    return listen(http.createServer({ keepAliveTimeout: 60_000 }, listener), 'http');
  const pair = {
    cert: readFileSync(pemPath(`${certificate}.pem`)),
    key: readFileSync(pemPath(`${certificate}.key`)),
  };
  return listen(https.createServer({ keepAliveTimeout: 60_000, ...pair, ...tls }, listener), 'https');
}

/** Starts any server on a free port of 127.0.0.1. */
export async function listen(
  server: http.Server | import('node:net').Server,
  protocol: string,
): Promise<TestServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    // A test that resets connections is not interested in hearing about it here.
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Sound: a TCP server that listens has such an address.
  const { port } = server.address() as AddressInfo;
  const closeConnections = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `${protocol}://127.0.0.1:${port}`,
    port,
    accepted: () => accepted,
    closeConnections,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      closeConnections();
      await closed;
    },
  };
}
