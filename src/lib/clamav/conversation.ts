import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { ClamdAddress } from './address.ts';
import { ClamdFailed } from './faults.ts';
import type { ClamdPatience } from './limits.ts';

/** One connection with one command, as its sender sees it. */
export type Conversation = {
  /** true once clamd has answered: it reads no more */
  readonly isAnswered: () => boolean;
  /** Sends bytes in one go, and returns when there is room for more, or when an answer came. */
  readonly send: (...pieces: readonly Uint8Array[]) => Promise<void>;
};

// A verdict is one line with the name of a threat.
const MOST_REPLY_BYTES = 4096;

/**
 * Asks clamd one thing, and gives its answer without the NUL at its end.
 * @param speak sends what the command needs
 * @param answerMs how long clamd may take to answer, once everything is sent
 * @throws ClamdFailed when it is away, silent or hangs up; what `speak` throws; the reason of the signal
 */
export async function converse(
  address: ClamdAddress,
  patience: ClamdPatience,
  answerMs: number,
  signal: AbortSignal,
  speak: (conversation: Conversation) => Promise<void>,
): Promise<string> {
  signal.throwIfAborted();
  const answer = createAnswer();
  // `onread`: what comes in by a stream is dropped once a write has failed.
  const socket = connect({ ...address, noDelay: true, onread: answer.onread });
  readBeforeEnd(socket);
  const abort = () => socket.destroy(toError(signal.reason));
  signal.addEventListener('abort', abort);
  try {
    const reply = answer.of(socket);
    const watch = createWatch(socket, reply);
    await watch(patience.connectMs, 'cannot be reached', (done) => socket.once('connect', done));
    const isAnswered = () => reply.text() !== undefined;
    await speak({
      isAnswered,
      async send(...pieces) {
        await turn(); // what clamd has sent is read first
        if (isAnswered()) return;
        socket.cork();
        const hasRoom = pieces.map((piece) => socket.write(piece)).every(Boolean);
        socket.uncork();
        if (hasRoom) return;
        await watch(patience.stallMs, 'takes no more bytes', (done) => socket.once('drain', done));
      },
    });
    if (!isAnswered()) await watch(answerMs, 'does not answer', () => {});
    const text = reply.text();
    if (text === undefined) throw new ClamdFailed('does not answer');
    return text;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/**
 * Has the socket read what came, before a write that failed ends it. Of a file that is too large for it,
 * clamd says so and closes: the next write fails, Node destroys the socket, and the answer in it would be
 * lost (one in ten times on a busy machine).
 */
function readBeforeEnd(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
    if (syscall !== 'write') return destroy(error);
    void turn()
      .then(() => turn())
      .then(() => destroy(error));
    return socket;
  };
}

type Reply = {
  /** undefined before all of it is there */
  readonly text: () => string | undefined;
  /** settles when it is there, or when none can come any more */
  readonly arrived: Promise<void>;
};

/** An answer counts when its NUL is there: of one that is cut, the rest could say the opposite. */
function createAnswer() {
  let text: string | undefined;
  let received = '';
  const { promise: arrived, resolve, reject } = Promise.withResolvers<void>();
  arrived.catch(() => {}); // told to whoever waits for it; nobody has to
  return {
    onread: {
      buffer: Buffer.alloc(MOST_REPLY_BYTES),
      callback(length: number, bytes: Uint8Array) {
        received += Buffer.from(bytes.subarray(0, length)).toString('latin1');
        const end = received.indexOf('\0');
        if (end >= 0) {
          text ??= received.slice(0, end);
          resolve();
        } else if (received.length > MOST_REPLY_BYTES) {
          reject(new ClamdFailed('answers something else than a verdict'));
        }
        return true;
      },
    },
    of(socket: Socket): Reply {
      socket.on('error', (error) => reject(new ClamdFailed(`hung up: ${error.message}`, { cause: error })));
      socket.once('close', () => reject(new ClamdFailed('hung up before its answer was whole')));
      return { text: () => text, arrived };
    },
  };
}

/** Waits for something, but no longer than `ms`, and not once the answer is there or cannot come. */
function createWatch(socket: Socket, reply: Reply) {
  return async (ms: number, problem: string, begin: (done: () => void) => void): Promise<void> => {
    const timer = setTimeout(() => socket.destroy(new Error(`nothing for ${ms} ms`)), ms);
    const { promise, resolve } = Promise.withResolvers<void>();
    begin(resolve);
    try {
      await Promise.race([promise, reply.arrived]);
    } catch (error) {
      if (!(error instanceof ClamdFailed)) throw error;
      throw new ClamdFailed(`${problem} (${error.message})`, { cause: error.cause ?? error });
    } finally {
      clearTimeout(timer);
    }
  };
}

function toError(reason: unknown) {
  return reason instanceof Error ? reason : new Error(String(reason));
}
