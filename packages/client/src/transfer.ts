import { type AttemptOptions, attempt, type Carriage, isTaken, toStorageError } from './attempt.ts';
import { NetworkError } from './errors.ts';
import type { Delivery } from './platform.ts';
import { retry } from './retry.ts';

/**
 * Brings one object into S3, from its first byte again when the connection breaks or S3 is busy. Resolves
 * once the bytes are there. A 412 on a repeated PUT says so too: the first one had got through, and only its
 * answer was lost.
 */
export async function transfer(
  delivery: Delivery,
  carriage: Carriage,
  options: AttemptOptions,
): Promise<void> {
  let unanswered = false;
  await retry(
    async () => {
      const receipt = await attempt(delivery, carriage, options).catch((error: unknown) => {
        unanswered ||= error instanceof NetworkError;
        throw error;
      });
      if (isTaken(receipt) || (receipt.status === 412 && unanswered)) return;
      // After a 5xx, too, S3 may have kept what it was sent.
      unanswered ||= receipt.status >= 500;
      throw toStorageError(receipt);
    },
    carriage.retry,
    carriage.timing,
    options.signal,
  );
}
