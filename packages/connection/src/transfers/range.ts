import { setTimeout } from 'node:timers/promises';
import { classify } from '../classify.ts';
import { ChecksumMismatchError, ResponseStreamingError } from '../errors/answer.ts';
import { AbortedError } from '../errors/connection-error.ts';
import { RetriesExceededError } from '../errors/operation.ts';
import { type Bandwidth, paceDestination } from './bandwidth.ts';
import type { ByteRange } from './byte-range.ts';
import type { Destination } from './destination.ts';
import type { RemoteObject } from './remote-object.ts';

/** Reads ranges of one object. */
export type RangeReader = {
  readonly object: RemoteObject;
  readonly attempts: number;
  /** the rate at which bytes may come; undefined for any */
  readonly bandwidth: Bandwidth | undefined;
  readonly signal: AbortSignal;
};

/**
 * Reads one range into a destination, each byte once: when the body breaks off, asks again for what is
 * missing.
 *
 * Throws `RetriesExceededError` after `attempts` broken bodies; `PreconditionFailedError` when the object is
 * no longer the one that was looked up; what the destination throws; and whatever cannot be helped by asking
 * again.
 */
export async function readRange(reader: RangeReader, range: ByteRange, into: Destination): Promise<void> {
  const { first, last, index } = range;
  const { object, bandwidth, signal } = reader;
  const destination = bandwidth ? paceDestination(into, bandwidth, signal) : into;
  const next = () => first + into.bytes();
  for (let attempt = 1; next() <= last; attempt += 1) {
    // Some bodies end early without an error.
    let failure: unknown = new ResponseStreamingError({ message: `the body ended before byte ${last}` });
    try {
      await object.fetch({ index, first: next(), last }, destination, signal);
    } catch (error) {
      failure = error;
      refuseHopeless(reader, failure);
    }
    if (next() > last) return;
    if (attempt >= reader.attempts) {
      const { shown, name } = object;
      throw new RetriesExceededError({
        shown,
        ...name,
        range: { first, last },
        attempts: attempt,
        cause: classify(failure),
      });
    }
    const pauseMs = toPauseMs(Math.random() * 100 * 2 ** attempt, classify(failure).retryAfterMs);
    await setTimeout(pauseMs, undefined, { signal }).catch((error: unknown) => refuseHopeless(reader, error));
  }
}

/** The most that an answer can add to a pause, as in the SDK's own retries. */
const MOST_ADDED_MS = 5_000;

function toPauseMs(ownMs: number, askedMs = 0): number {
  return Math.max(ownMs, Math.min(askedMs, ownMs + MOST_ADDED_MS));
}

function refuseHopeless({ signal }: RangeReader, failure: unknown): void {
  // An abort breaks the body like a broken connection does.
  if (signal.aborted) throw new AbortedError({ message: 'the download was aborted', cause: failure });
  const cause = classify(failure);
  // A wrong checksum comes after the last byte: those are given away already, so asking again cannot mend
  // them.
  if (!cause.retryable || cause instanceof ChecksumMismatchError) throw cause;
}
