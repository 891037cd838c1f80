import type { Announce, Deliveries } from './ports.ts';

export type RetryDeps = {
  readonly deliveries: Pick<Deliveries, 'due' | 'postpone'>;
  readonly announce: Announce;
  readonly now: () => number;
};

// Until then, what was announced is made, or its message was lost again.
const LOOK_AGAIN_MS = 180_000;

/**
 * Announces every delivery that is due: those whose time has come, and those whose message was lost or whose
 * worker died. Once announced, each is put off, so that the next run does not announce it again.
 * @returns how many were announced
 */
export async function announceDue({ deliveries, announce, now }: RetryDeps, signal: AbortSignal) {
  let announced = 0;
  for await (const page of deliveries.due(now())) {
    if (signal.aborted) break;
    if (page.length === 0) continue;
    await announce(page, 0);
    await Promise.all(page.map((due) => deliveries.postpone(due, now() + LOOK_AGAIN_MS)));
    announced += page.length;
  }
  return announced;
}
