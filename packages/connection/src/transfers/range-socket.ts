import type { OnReadOpts, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { defer } from '../deferred.ts';
import { IncompleteReadError } from '../errors/answer.ts';
import type { ByteRange } from './byte-range.ts';
import type { Destination } from './destination.ts';
import { parseRangeAnswer } from './range-answer.ts';
import { replay } from './replay.ts';

/** One GET of some bytes. */
export type RangeRequest = {
  /** Request line and header fields, with the empty line, as they are sent. */
  readonly head: string;
  readonly range: ByteRange;
  readonly into: Destination;
  readonly signal: AbortSignal;
};

/** An answer, in the shape in which the SDK takes one. */
export type SocketAnswer = {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  /** Empty when the bytes go into the destination. */
  readonly body: Readable;
  /** There when they do; settles when all have come, or when they break off. */
  readonly received?: Promise<void>;
};

/** How long a server may be silent. */
export type SocketTimeouts = {
  readonly readTimeoutMs: number;
  readonly idleTimeoutMs: number;
};

/** A connection that fetches one range after the other. */
export type RangeSocket = {
  /** Sends a request, once the one before is done. Rejects as Node's HTTP client does. */
  readonly fetch: (request: RangeRequest) => Promise<SocketAnswer>;
  /** Resolves when nothing more will come of the last request. */
  readonly done: () => Promise<void>;
  readonly isOpen: () => boolean;
  /** Closes it. What is under way is aborted. */
  readonly destroy: () => void;
};

/** What the bytes mean that come now. */
type Phase = {
  /** Where they are to be read to; at least one byte. */
  readonly space: () => Buffer;
  /**
   * Takes those that were read there. False when there should be no more for now; TLS may have some
   * nevertheless.
   */
  readonly take: (bytes: Buffer) => boolean;
  readonly end?: () => void;
  readonly fail: (error: Error) => void;
};

/** A longer head is left to Node's parser, which refuses it. */
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Opens a connection whose bodies the kernel writes right where they are wanted. Node's HTTP client reads 64
 * KiB at a time into new memory, copies it into more new memory and passes it through a stream, which costs
 * more than all the rest of a download.
 *
 * It understands the plain answer to a range and nothing else: any other goes, byte for byte, to Node's HTTP
 * client.
 */
export function openRangeSocket(
  connect: (onread: OnReadOpts) => Socket,
  { readTimeoutMs, idleTimeoutMs }: SocketTimeouts,
): RangeSocket {
  const headSpace = Buffer.allocUnsafeSlow(MAX_HEAD_BYTES);
  const idle: Phase = {
    space: () => headSpace,
    take() {
      // Nobody asked for these bytes: what comes next on this connection could be anything.
      socket.destroy();
      return false;
    },
    fail() {},
  };
  let phase = idle;
  let done = Promise.resolve();

  const socket = connect({
    buffer: () => phase.space(),
    callback: (length, { buffer, byteOffset }) => phase.take(Buffer.from(buffer, byteOffset, length)),
  });
  const fail = (error: Error) => {
    const failed = phase;
    phase = idle;
    failed.fail(error);
  };
  socket
    .on('timeout', () => socket.destroy(timeout(`${idleTimeoutMs} ms of inactivity`)))
    .on('end', () => phase.end?.())
    .on('error', fail)
    .on('close', () => fail(hangUp()))
    // Else nobody would hear of its end.
    .resume();

  /** Takes bytes that were read before it was known what they are. */
  const takeRead = (bytes: Buffer): boolean => {
    let mayGoOn = true;
    for (let rest = bytes; rest.length > 0; ) {
      const space = phase.space();
      const copied = rest.copy(space);
      rest = rest.subarray(copied);
      mayGoOn = phase.take(space.subarray(0, copied));
    }
    return mayGoOn;
  };

  const receive = (range: ByteRange, into: Destination, finish: () => void) => {
    const received = defer<void>();
    // Looked at once the SDK has passed the answer on; until then a failure must not count as unhandled.
    received.promise.catch(() => {});
    let left = range.last - range.first + 1;
    let isPaused = false;
    // When the last bytes have come meanwhile, the socket may be at another range by now.
    const resume = () => {
      isPaused = false;
      if (phase === body) socket.setTimeout(idleTimeoutMs).resume();
    };
    const giveUp = (error: Error) => {
      if (phase === body) socket.destroy(error);
    };
    const body: Phase = {
      space: () => into.space().subarray(0, left),
      take({ length }) {
        left -= length;
        const kept = into.commit(length);
        if (left === 0) {
          finish();
          received.resolve();
          return true;
        }
        if (kept && !isPaused) {
          isPaused = true;
          // The silence is ours.
          socket.setTimeout(0);
          kept.then(resume, giveUp);
        }
        return !isPaused;
      },
      fail(error) {
        finish();
        const message = `the body ended ${left} bytes early`;
        received.reject(isClosed(error) ? new IncompleteReadError({ message, cause: error }) : error);
      },
    };
    return { body, received: received.promise };
  };

  const fetch = ({ head, range, into, signal }: RangeRequest): Promise<SocketAnswer> => {
    const answer = defer<SocketAnswer>();
    const finished = defer<void>();
    // Told here too: a socket that is closed already tells nobody.
    const abort = () => {
      socket.destroy(aborted());
      fail(aborted());
    };
    const silence = setTimeout(
      () => socket.destroy(timeout(`no answer within the requestTimeout of ${readTimeoutMs} ms`)),
      readTimeoutMs,
    );
    const finish = () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      // Paused or not: the next answer must be heard.
      socket.setTimeout(0).resume().unref();
      phase = idle;
      finished.resolve();
    };
    let text = '';
    phase = {
      ...idle,
      take(bytes) {
        const seen = text.length;
        text += bytes.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        if (end < 0 && text.length < MAX_HEAD_BYTES) return true;
        socket.setTimeout(idleTimeoutMs);
        const plain = end < 0 ? undefined : parseRangeAnswer(text.slice(0, end), range);
        if (plain === undefined) {
          const replayed = replay(socket, idleTimeoutMs, finish);
          phase = { ...idle, ...replayed };
          replayed.answer.then(answer.resolve, answer.reject).finally(() => clearTimeout(silence));
          return replayed.take(Buffer.from(text, 'latin1'));
        }
        clearTimeout(silence);
        const { body, received } = receive(range, into, () => {
          finish();
          if (!plain.keepAlive) socket.destroy();
        });
        phase = body;
        answer.resolve({ ...plain, body: Readable.from([]), received });
        return takeRead(bytes.subarray(end + 4 - seen));
      },
      fail(error) {
        finish();
        answer.reject(error);
      },
    };
    done = finished.promise;
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    socket.ref();
    socket.write(head, 'latin1');
    return answer.promise;
  };

  return {
    fetch,
    done: () => done,
    isOpen: () => !socket.destroyed,
    destroy() {
      socket.destroy();
      // Not as a broken connection, which would be tried again.
      fail(aborted());
    },
  };
}

/** What the SDK takes for an abort, and does not try again. */
export function aborted(): Error {
  return Object.assign(new Error('aborted by its caller'), { name: 'AbortError' });
}

/** In the shape of Node's own, so that the SDK retries them as it does those. */
function timeout(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}

function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function isClosed(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
