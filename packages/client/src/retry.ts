import { SluiceError } from './errors.ts';
import type { Timing } from './timing.ts';

export type RetryPolicy = {
  /** how often a call is made at most, the first time included */
  readonly attempts: number;
  /** the longest pause before the second attempt; it doubles from one attempt to the next */
  readonly baseMs: number;
  /** no pause is longer, whatever the other side asks for */
  readonly capMs: number;
};

/** What API calls and transfers use unless told otherwise. */
export const RETRY: RetryPolicy = { attempts: 5, baseMs: 200, capMs: 20_000 };

/**
 * Repeats a call that failed for a reason that may pass, and rejects with the last failure. Pauses grow
 * exponentially with full jitter, so that clients which failed together do not come back together; a
 * Retry-After is the least pause.
 */
export async function retry<T>(
  call: (attempt: number) => Promise<T>,
  { attempts, baseMs, capMs }: RetryPolicy,
  timing: Timing,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await call(attempt);
    } catch (error) {
      if (!(error instanceof SluiceError) || !error.retryable || attempt >= attempts) throw error;
      const jittered = timing.random() * baseMs * 2 ** (attempt - 1);
      const asked = (error.retryAfterSeconds ?? 0) * 1000;
      await timing.sleep(Math.min(capMs, Math.max(jittered, asked)), signal);
    }
  }
}
