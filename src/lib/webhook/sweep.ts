import { createRoom } from '../due/room.ts';
import { walk } from '../due/walk.ts';
import type { Announce, Deliveries, DueDelivery } from './ports.ts';

export type RetryDeps = {
  readonly deliveries: Pick<Deliveries, 'due' | 'dueShards' | 'postpone'>;
  readonly announce: Announce;
  /** about how many messages the queue of webhooks has */
  readonly countMessages: () => Promise<number>;
  readonly now: () => number;
};

// Until then, what was announced is made, or its message was lost again.
const LOOK_AGAIN_MS = 180_000;

// As many as go into one message.
const TOGETHER = 10;
const MESSAGES_AT_ONCE = 16;

/**
 * Announces deliveries that are due: those whose time has come, and those whose message was lost or whose
 * worker died. Once announced, each is put off, so that the next run begins with others. While the queue has
 * no room the others stay due: they wait for the same worker as its messages do.
 * @returns how many were announced
 * @throws the first fault, once everything else is done
 */
export async function announceDue(deps: RetryDeps, signal: AbortSignal): Promise<number> {
  const { deliveries, announce, now } = deps;
  const room = createRoom(deps);
  const faults: unknown[] = [];
  const began = now();
  let announced = 0;
  let isFull = false;

  await walk(
    {
      shards: deliveries.dueShards,
      async *read(shard) {
        for await (const page of deliveries.due(shard, began)) {
          if (isFull) return;
          yield toMessages(page);
        }
      },
      async work(some) {
        try {
          isFull ||= !(await room.take());
          if (isFull) return;
          await announce(some, 0);
          announced += some.length;
          await Promise.all(some.map((due) => deliveries.postpone(due, now() + LOOK_AGAIN_MS)));
        } catch (error) {
          faults.push(error);
        }
      },
      onShardFailure: (_shard, error) => void faults.push(error),
      atOnce: MESSAGES_AT_ONCE,
    },
    signal,
  );
  if (faults.length > 0) throw faults[0];
  return announced;
}

function toMessages(page: readonly DueDelivery[]): (readonly DueDelivery[])[] {
  return Array.from({ length: Math.ceil(page.length / TOGETHER) }, (_, index) =>
    page.slice(index * TOGETHER, (index + 1) * TOGETHER),
  );
}
