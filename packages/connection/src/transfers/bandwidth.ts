import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { HttpRequest } from '@smithy/types';
import { poolOf } from '../clients/wire.ts';
import { ParamValidationError } from '../errors/settings.ts';
import type { Destination } from './destination.ts';

/** Lets bytes pass at a rate. Transfers that are given the same one share it. */
export type Bandwidth = {
  readonly bytesPerSecond: number;
  /** The most that is let pass at once. */
  readonly pieceBytes: number;
  /**
   * Resolves when these bytes have had their time, after all that were named before them; early on an abort.
   */
  readonly take: (bytes: number, signal?: AbortSignal) => Promise<void>;
};

/** The time, and how it is waited for. */
export type Clock = {
  readonly now: () => number;
  /** Never rejects: an abort ends it early. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
};

const realClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => setTimeout(ms, undefined, signal && { signal }).catch(() => {}),
};

/** Slower than this, one piece would take longer than servers wait. */
export const LEAST_BYTES_PER_SECOND = 1024;
const MOST_PIECE_BYTES = 64 * 1024;

/**
 * Makes one that lets pass this much each second (boto3: `max_bandwidth`). Throws `ParamValidationError` for
 * less than 1 024.
 */
export function createBandwidth(bytesPerSecond: number, clock: Clock = realClock): Bandwidth {
  if (!Number.isSafeInteger(bytesPerSecond) || bytesPerSecond < LEAST_BYTES_PER_SECOND) {
    throw new ParamValidationError({
      message: `maxBytesPerSecond must be a whole number from ${LEAST_BYTES_PER_SECOND}, not ${bytesPerSecond}`,
    });
  }
  // When all that was let pass has had its time. What is not used is not saved up: there are no bursts.
  let freeAt = Number.NEGATIVE_INFINITY;
  return {
    bytesPerSecond,
    pieceBytes: Math.min(MOST_PIECE_BYTES, Math.max(LEAST_BYTES_PER_SECOND, Math.floor(bytesPerSecond / 16))),
    async take(bytes, signal) {
      const now = clock.now();
      freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
      // Timers know nothing shorter; the next piece waits for this one as well.
      if (freeAt - now >= 1) await clock.wait(freeAt - now, signal);
    },
  };
}

const byClient = new WeakMap<object, Bandwidth>();

/** What a client's settings allow all its transfers together; undefined for no limit. */
export function bandwidthOf(client: object): Bandwidth | undefined {
  const rate = poolOf(client)?.settings.values.maxBytesPerSecond;
  if (rate === undefined) return undefined;
  const bandwidth = byClient.get(client) ?? createBandwidth(rate);
  byClient.set(client, bandwidth);
  return bandwidth;
}

/** Takes bytes no faster than they may come: whoever reads the socket waits. */
export function paceDestination(
  into: Destination,
  { pieceBytes, take }: Bandwidth,
  signal: AbortSignal,
): Destination {
  return {
    bytes: into.bytes,
    space: () => into.space().subarray(0, pieceBytes),
    commit(bytes) {
      const taken = take(bytes, signal);
      const kept = into.commit(bytes);
      if (kept === undefined) return taken;
      const both = Promise.all([kept, taken]).then(() => {});
      // Not every one is looked at.
      both.catch(() => {});
      return both;
    },
  };
}

/** A command of the SDK, as much of it as is needed. */
type Sending = {
  readonly middlewareStack: {
    readonly add: (
      middleware: (
        next: (args: { readonly input: object; readonly request: unknown }) => Promise<never>,
      ) => (args: { readonly input: object; readonly request: unknown }) => Promise<never>,
      options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
    ) => void;
  };
};

/**
 * Sends the bytes of a command no faster than they may go. Signed and counted they are as a whole; next to
 * the network, and for each attempt anew, a stream takes their place.
 */
export function paceCommand(command: object, bandwidth: Bandwidth, signal: AbortSignal | undefined): void {
  // Sound: every command has such a stack. Its own type differs from command to command.
  const { middlewareStack } = command as Sending;
  middlewareStack.add(
    (next) => (args) => {
      // Sound: at this step it is an HTTP request.
      const request = args.request as HttpRequest;
      if (!(request.body instanceof Uint8Array) || request.body.length === 0) return next(args);
      const body = Readable.from(piecesOf(request.body, bandwidth, signal), { objectMode: false });
      const paced = Object.assign(Object.create(Object.getPrototypeOf(request)), request, { body });
      return next({ ...args, request: paced });
    },
    { step: 'deserialize', priority: 'low', name: 'paceBody' },
  );
}

async function* piecesOf(
  bytes: Uint8Array,
  { pieceBytes, take }: Bandwidth,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes);
    await take(piece.length, signal);
    yield piece;
  }
}
