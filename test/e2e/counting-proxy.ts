// A forward proxy that counts what a client sends of each part, whole or cut off: what S3 itself cannot tell.
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

export type CountingProxy = AsyncDisposable & {
  readonly url: string;
  /** The bytes of each part of a multipart upload that have come by, those sent twice counted twice. */
  readonly bytesOfPart: ReadonlyMap<number, number>;
  readonly totalBytes: () => number;
};

/** @param onBytes told of the bytes of all parts so far, whenever there are more */
export async function startCountingProxy(onBytes: (totalBytes: number) => void = () => undefined) {
  const bytesOfPart = new Map<number, number>();
  const tunnels = new Set<Duplex>();
  let totalBytes = 0;

  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '');
    const partNumber = Number(url.searchParams.get('partNumber'));
    const { expect: _asked, ...headers } = request.headers;
    const onward = requestHttp(url, { method: request.method, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    if (partNumber > 0 && request.method === 'PUT') {
      request.on('data', (chunk: Buffer) => {
        bytesOfPart.set(partNumber, (bytesOfPart.get(partNumber) ?? 0) + chunk.length);
        totalBytes += chunk.length;
        onBytes(totalBytes);
      });
    }
    request.on('error', () => onward.destroy());
    request.pipe(onward);
  };

  const server = createServer(forward);
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    forward(request, response);
  });
  // fetch, which the API is called with, asks for a tunnel even where nothing is encrypted; its bytes are not
  // counted.
  server.on('connect', (request, socket, head) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = connect(Number(port || 80), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    tunnels.add(socket.on('close', () => tunnels.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    bytesOfPart,
    totalBytes: () => totalBytes,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      for (const tunnel of tunnels) tunnel.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
