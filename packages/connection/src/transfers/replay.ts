import type { Socket } from 'node:net';
import { Duplex, type Readable } from 'node:stream';
import { defer } from '../deferred.ts';

/** An answer that Node's HTTP client reads from bytes that it is given. */
export type Replay = {
  readonly answer: Promise<ReplayedAnswer>;
  /** Takes a copy of bytes of the answer. False when there should be no more for now. */
  readonly take: (bytes: Buffer) => boolean;
  /** The connection has been closed in good order. */
  readonly end: () => void;
  readonly fail: (error: Error) => void;
};

type ReplayedAnswer = {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Readable;
};

/**
 * Lets Node's HTTP client read an answer that has come to another one's request, so that all of HTTP is
 * understood without asking twice. The socket is closed at the end of it; `finish` is called then.
 */
export function replay(socket: Socket, idleTimeoutMs: number, finish: () => void): Replay {
  const { promise, resolve, reject } = defer<ReplayedAnswer>();
  let hasEnded = false;
  const wire = new Duplex({
    read: () => void socket.setTimeout(idleTimeoutMs).resume(),
    // The request, which has been sent.
    write: (_request, _encoding, done) => done(),
    // What the client ends when it has read all of the answer.
    final(done) {
      done();
      wire.destroy();
    },
    destroy(error, done) {
      finish();
      socket.destroy();
      done(error);
    },
  });
  // Not imported: see the pool.
  const { request } = process.getBuiltinModule('node:http');
  request({ createConnection: () => wire })
    .on('response', (response) => {
      const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      resolve({ statusCode: response.statusCode ?? 0, headers: Object.fromEntries(headers), body: response });
    })
    .on('error', reject)
    .end();
  return {
    answer: promise,
    take(bytes) {
      const mayGoOn = wire.push(Buffer.from(bytes));
      // The silence is ours.
      if (!mayGoOn) socket.setTimeout(0);
      return mayGoOn;
    },
    end() {
      hasEnded = true;
      wire.push(null);
    },
    fail(error) {
      // A connection closes after its last byte: what waits here to be read is still good, if anybody wants
      // it.
      if (!hasEnded || error.name === 'AbortError') wire.destroy(error);
    },
  };
}
