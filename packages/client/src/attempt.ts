import { either } from './abortable.ts';
import { NetworkError, StorageError } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Delivery, Receipt, Send } from './platform.ts';
import type { RetryPolicy } from './retry.ts';
import type { Timing } from './timing.ts';

/** How bytes are brought into S3; the same for all files of an uploader. */
export type Carriage = {
  readonly send: Send;
  readonly gate: Gate;
  readonly retry: RetryPolicy;
  readonly timing: Timing;
  /** how long a connection may stand still before it is given up */
  readonly stallMs: number;
};

export type AttemptOptions = {
  /** the bytes of this attempt so far */
  readonly onSent: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Sends one object once, when it is its turn, and gives up when no byte moves for too long: a dead connection
 * may never tell.
 */
export function attempt(
  delivery: Delivery,
  { send, gate, stallMs }: Carriage,
  { onSent, signal }: AttemptOptions,
): Promise<Receipt> {
  return gate(async () => {
    const stalled = new AbortController();
    const giveUp = () => stalled.abort(new NetworkError(`Nothing moved for ${stallMs / 1000} seconds.`));
    let timer = setTimeout(giveUp, stallMs);
    try {
      return await send(delivery, {
        signal: either(signal, stalled.signal),
        onSent: (bytes) => {
          clearTimeout(timer);
          timer = setTimeout(giveUp, stallMs);
          onSent(bytes);
        },
      });
    } finally {
      clearTimeout(timer);
    }
  }, signal);
}

const HINTS: Readonly<Record<number, string>> = {
  403: 'S3 refused the signature: it has expired, or the bytes or headers are not those that were signed for.',
  404: 'S3 takes no more parts of this upload: it was completed, given up, or has expired.',
  412: 'These bytes were sent before: an upload can be sent once.',
};

/** S3's refusal as an error. */
export function toStorageError({ status, body }: Receipt): StorageError {
  const [, code = 'Unknown'] = /<Code>(\w+)<\/Code>/.exec(body) ?? [];
  return new StorageError(status, code, HINTS[status] ?? `S3 did not take the file: ${status} ${code}.`);
}

/** True when S3 has taken the bytes. */
export function isTaken({ status }: Receipt): boolean {
  return status >= 200 && status < 300;
}
