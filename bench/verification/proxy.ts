import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** What went through, by service. `bytesRead` counts the bodies that S3 answered to GET. */
export type Counts = { s3: string[]; ledger: string[]; bytesRead: number };

export type CountingProxy = {
  readonly endpoint: string;
  /** What went through since the last time it was asked. */
  readonly take: () => Counts;
  readonly close: () => void;
};

/** Stands between a worker and AWS, hands everything on as it came, and counts it. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  let counts = nothing();
  const server = createServer(async (incoming, outgoing) => {
    const operation = operationOf(incoming);
    counts[operation.service].push(operation.name);
    const { method, url, headers } = incoming;
    // The host stays the one that was signed.
    const onward = request({ hostname, port, method, path: url, headers });
    onward.on('response', async (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      if (operation.name === 'GET') {
        response.on('data', (chunk: Buffer) => {
          counts.bytesRead += chunk.length;
        });
      }
      // A reader that hangs up early is not this proxy's failure.
      await pipeline(response, outgoing).catch(() => {});
    });
    onward.on('error', (error) => outgoing.destroy(error));
    await pipeline(incoming, onward).catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Sound: a server that listens on a port has an address that is no path.
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    take: () => {
      const taken = counts;
      counts = nothing();
      return taken;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function nothing(): Counts {
  return { s3: [], ledger: [], bytesRead: 0 };
}

function operationOf({ headers, method = '', url = '' }: IncomingMessage): {
  service: 's3' | 'ledger';
  name: string;
} {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return { service: 'ledger', name: target.replace(/^.*\./, '') };
  if ('x-amz-copy-source' in headers) return { service: 's3', name: 'COPY' };
  // Lists of uploads and parts are no bytes of an object.
  const isList = method === 'GET' && /[?&](uploads|uploadId)\b/.test(url);
  return { service: 's3', name: isList ? 'LIST' : method };
}
