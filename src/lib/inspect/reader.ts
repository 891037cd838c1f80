import { setImmediate } from 'node:timers/promises';

/** What cannot be read on: cut off, damaged, or of no form that is known. Fit to show after a name. */
export class Damage extends Error {
  override readonly name = 'Damage';
  constructor(what: string) {
    super(what);
  }
}

/** A stream that is read in order, in pieces of the reader's choosing. Holds no more than is asked for. */
export type Reader = {
  /** bytes that have been taken or skipped */
  readonly position: () => number;
  /** The next bytes, which stay there; fewer only at the end. */
  readonly peek: (length: number) => Promise<Uint8Array>;
  /** The next bytes; fewer only at the end. */
  readonly take: (length: number) => Promise<Uint8Array>;
  /** Exactly the next bytes; damage if there are fewer. */
  readonly demand: (length: number) => Promise<Uint8Array>;
  /** The next bytes as they come, at most `length` of them in all; all that are left by default. */
  readonly chunks: (length?: number) => AsyncIterable<Uint8Array>;
  /** Reads on without keeping anything; says how many bytes there were. */
  readonly skip: (length?: number) => Promise<number>;
  /** Lets go of the stream before its end. */
  readonly close: () => Promise<void>;
};

// What unpacks in memory never waits for anything: now and then others have to have their turn, such as who
// gives the signal.
const LOADS_IN_A_TURN = 32;
let loads = 0;

/** Reads a stream in order. Throws what the stream throws, and the signal's reason once it is given. */
export function createReader(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Reader {
  const chunks = source[Symbol.asyncIterator]();
  /** what has arrived and is not yet taken: never an empty one */
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let position = 0;
  let isOver = false;

  async function load(): Promise<boolean> {
    if (isOver) return false;
    loads++;
    if (loads % LOADS_IN_A_TURN === 0) await setImmediate();
    signal.throwIfAborted();
    const { done, value } = await chunks.next();
    if (done === true) isOver = true;
    else if (value.length > 0) {
      held.push(value);
      heldBytes += value.length;
    }
    return !isOver;
  }

  async function peek(length: number): Promise<Uint8Array> {
    while (heldBytes < length && (await load()));
    const [first] = held;
    if (first === undefined) return new Uint8Array();
    if (first.length < length && held.length > 1) {
      // Joined once, so that what follows is found in one piece.
      const joined = Buffer.concat(held);
      held.splice(0, held.length, joined);
      return joined.subarray(0, length);
    }
    return first.subarray(0, length);
  }

  function drop(length: number): void {
    heldBytes -= length;
    position += length;
    let left = length;
    while (left > 0) {
      const first = held[0] as Uint8Array;
      if (first.length > left) {
        held[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      held.shift();
    }
  }

  async function take(length: number): Promise<Uint8Array> {
    const bytes = await peek(length);
    drop(bytes.length);
    return bytes;
  }

  /** Whatever is at hand, at most `length` bytes; undefined at the end. */
  async function next(length: number): Promise<Uint8Array | undefined> {
    while (heldBytes === 0 && (await load()));
    const bytes = held[0]?.subarray(0, length);
    if (bytes !== undefined) drop(bytes.length);
    return bytes;
  }

  async function* toChunks(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    while (left > 0) {
      const bytes = await next(left);
      if (bytes === undefined) return;
      left -= bytes.length;
      yield bytes;
    }
  }

  return {
    position: () => position,
    peek,
    take,
    async demand(length) {
      const bytes = await take(length);
      if (bytes.length < length) throw new Damage('is cut off');
      return bytes;
    },
    chunks: (length = Number.POSITIVE_INFINITY) => toChunks(length),
    async skip(length = Number.POSITIVE_INFINITY) {
      let left = length;
      while (left > 0) {
        const bytes = await next(left);
        if (bytes === undefined) break;
        left -= bytes.length;
      }
      return length === Number.POSITIVE_INFINITY ? position : length - left;
    },
    async close() {
      isOver = true;
      await chunks.return?.();
    },
  };
}
