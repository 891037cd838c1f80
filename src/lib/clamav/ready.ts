import type { Clamd } from './clamd.ts';
import { ClamdFailed } from './faults.ts';

/** Waits. Rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<unknown>;

// clamd reads its signatures for as long as this at most: half a minute on one CPU.
const READY_WITHIN_MS = 90_000;
const ASK_AGAIN_MS = 250;

/**
 * Returns when clamd answers: in a new container it begins beside the function, and reads its signatures
 * first.
 * @throws ClamdFailed when it does not in time; the reason of the signal
 */
export async function untilReady(
  { clamd, pause }: { readonly clamd: Pick<Clamd, 'ping'>; readonly pause: Pause },
  signal: AbortSignal,
): Promise<void> {
  for (let waited = 0; ; waited += ASK_AGAIN_MS) {
    try {
      return await clamd.ping(signal);
    } catch (error) {
      if (!(error instanceof ClamdFailed) || waited >= READY_WITHIN_MS) throw error;
    }
    await pause(ASK_AGAIN_MS, signal);
  }
}
