import { NetworkError, StorageError } from './errors.ts';
import type { Delivery, Send } from './platform.ts';
import { type RetryPolicy, retry } from './retry.ts';
import type { Timing } from './timing.ts';

export type TransferOptions = {
  readonly send: Send;
  readonly retry: RetryPolicy;
  readonly timing: Timing;
  /** how long a connection may stand still before it is given up */
  readonly stallMs: number;
  readonly onSent: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Brings one object into S3, from its first byte again when the connection breaks or S3 is busy. Resolves once the
 * bytes are there. A 412 on a repeated PUT says so too: the first one had got through, and only its answer was lost.
 */
export const transfer = async (delivery: Delivery, options: TransferOptions): Promise<void> => {
  let unanswered = false;
  await retry(
    async () => {
      const { status, body } = await sendOnce(delivery, options).catch((error: unknown) => {
        unanswered ||= error instanceof NetworkError;
        throw error;
      });
      if (status >= 200 && status < 300) return;
      if (status === 412 && unanswered) return;
      // After a 5xx, too, S3 may have kept what it was sent.
      unanswered ||= status >= 500;
      throw toStorageError(status, body);
    },
    options.retry,
    options.timing,
    options.signal,
  );
};

/** One attempt, cut off when no byte moves for too long: a dead connection may never tell. */
const sendOnce = async (
  delivery: Delivery,
  { send, stallMs, onSent, signal }: TransferOptions,
): ReturnType<Send> => {
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(new NetworkError(`Nothing moved for ${stallMs / 1000} seconds.`));
  let timer = setTimeout(giveUp, stallMs);
  try {
    return await send(delivery, {
      signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
      onSent: (bytes) => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, stallMs);
        onSent(bytes);
      },
    });
  } finally {
    clearTimeout(timer);
  }
};

const HINTS: Readonly<Record<number, string>> = {
  403: 'S3 refused the signature: it has expired, or the bytes or headers are not those that were signed for.',
  412: 'These bytes were sent before: an upload can be sent once only.',
};

const toStorageError = (status: number, body: string): StorageError => {
  const [, code = 'Unknown'] = /<Code>(\w+)<\/Code>/.exec(body) ?? [];
  return new StorageError(status, code, HINTS[status] ?? `S3 did not take the file: ${status} ${code}.`);
};
