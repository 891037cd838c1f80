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

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const GROWTH = 1.5;

/**
 * Asks until the upload is settled. Most verdicts are in within a second or two, so it asks often at first,
 * then ever less. `seen` is a state that the caller knows of already. Rejects with NotSettledError when
 * patience runs out.
 */
export async function waitUntilSettled(
  read: () => Promise<Upload>,
  options: WaitOptions & { readonly seen?: Upload['state'] },
  timing: Timing,
): Promise<Upload> {
  const { onState, signal, patienceMs = 15 * 60_000 } = options;
  const giveUpAt = timing.now() + patienceMs;
  let seen = options.seen;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * GROWTH)) {
    const upload = await read();
    if (upload.state !== seen) onState?.(upload);
    seen = upload.state;
    if (isSettled(upload.state)) return upload;
    if (timing.now() + pauseMs > giveUpAt) throw new NotSettledError(upload);
    await timing.sleep(pauseMs * (0.75 + timing.random() / 2), signal);
  }
}
