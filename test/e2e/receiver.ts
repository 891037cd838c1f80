import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly id: string;
  readonly at: number;
};

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** A receiver of webhooks on this machine. `answer` ends each response, or leaves it open. */
export async function startReceiver(answer: (got: Received, response: ServerResponse) => void) {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      const got = { headers: request.headers, body, id, at: Date.now() };
      received.push(got);
      answer(got, response);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    // Functions of the local stack run on this machine, and resolve the name as it does.
    url: `http://localhost:${port}/hooks/sluice`,
    received,
    /** Waits until what was received is enough. */
    until: (isEnough: (all: readonly Received[]) => boolean, withinMs = 60_000) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!isEnough(received)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`the receiver got ${received.map(({ id }) => id).join(', ') || 'nothing'}`));
        }, withinMs);
        waiting.add(look);
        look();
      }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
