import { isSettled } from '@sluice/contract/state';
import { NotSettledError } from './errors.ts';
import type { Upload } from './resource.ts';
import type { Timing } from './timing.ts';

export type WaitOptions = {
  /** called with the upload whenever its state is another than before, first and last ones included */
  readonly onState?: ((upload: Upload) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** how long to wait for the verdict; fifteen minutes when absent */
  readonly patienceMs?: number | undefined;
};

/** What the one who waits knows already. */
export type Known = {
  /** the state of the upload: it is not told of again, and not asked for at once */
  readonly seen?: Upload['state'] | undefined;
};

// Each is twice the one before, so that whoever waits long asks at the moments of those who have just begun.
const FIRST_PAUSE_MS = 160;
export const LONGEST_PAUSE_MS = 5_120;

/**
 * Asks until the upload is settled. Most verdicts are in within a second or two, so it asks often at first,
 * then ever less. A pause ends at a multiple of its length, counted from `phase`: all that wait with the same
 * one ask at the same moments, and can ask together. Rejects with NotSettledError when patience runs out.
 */
export async function waitUntilSettled(
  read: () => Promise<Upload>,
  { onState, signal, seen, patienceMs = 15 * 60_000 }: WaitOptions & Known,
  timing: Timing,
  phase: number,
): Promise<Upload> {
  const giveUpAt = timing.now() + patienceMs;
  let last = seen;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    if (last !== undefined) await timing.sleep(pauseMs - ((timing.now() + phase) % pauseMs), signal);
    const upload = await read();
    if (upload.state !== last) onState?.(upload);
    last = upload.state;
    if (isSettled(upload.state)) return upload;
    if (timing.now() + pauseMs > giveUpAt) throw new NotSettledError(upload);
  }
}
