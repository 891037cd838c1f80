import { realTiming } from '@sluice/client/timing';

// Verdicts are in within a second or two; what nobody in this page has sent can be seen a little later.
const RESTLESS_MS = 3_000;
const QUIET_MS = 20_000;

/**
 * Looks again and again: sooner while something is bound to change, at once when the page is seen again, and
 * not at all while nobody can see it. Never ends; `look` deals with its own failures.
 */
export async function lookAgain(look: () => Promise<void>, isRestless: () => boolean): Promise<never> {
  for (;;) {
    const woken = new AbortController();
    const wake = () => {
      if (!document.hidden) woken.abort();
    };
    document.addEventListener('visibilitychange', wake, { signal: woken.signal });
    await realTiming.sleep(isRestless() ? RESTLESS_MS : QUIET_MS, woken.signal).catch(() => undefined);
    woken.abort();
    if (!document.hidden) await look();
  }
}
