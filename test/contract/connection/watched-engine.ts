import { connect, createServer, type Socket } from 'node:net';

/** An engine behind a relay that counts what passes, both ways. */
export type WatchedEngine = AsyncDisposable & {
  readonly endpoint: string;
  /**
   * Forgets what has passed, and calls back once when so many bytes have. What a killed process left in its
   * sockets still goes its way, and is not counted as the next one's.
   */
  readonly watch: (bytes: number, reached: () => void) => void;
  readonly passedBytes: () => number;
};

/**
 * Puts a relay before an engine, at an address of its own, which stays the same: what is begun by it goes on
 * by it.
 */
export async function watchEngine(target: string): Promise<WatchedEngine> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let passed = 0;
  let watches = 0;
  let limit = Number.POSITIVE_INFINITY;
  let call: () => void = () => {};
  const count = (chunk: Buffer, watch: number) => {
    if (watch !== watches) return;
    passed += chunk.length;
    if (passed < limit) return;
    limit = Number.POSITIVE_INFINITY;
    call();
  };
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const watch = watches;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from
        .on('data', (chunk: Buffer) => count(chunk, watch))
        .on('error', () => to.destroy())
        .on('close', () => sockets.delete(from));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    watch(bytes, reached) {
      watches += 1;
      passed = 0;
      limit = bytes;
      call = reached;
    },
    passedBytes: () => passed,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
