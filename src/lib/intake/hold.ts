import type { Keep } from '../upload/keep.ts';
import type { Message } from './messages.ts';

/**
 * How long a dead worker's messages stay hidden: the queue's own time-out (infra/arrivals.yml), which beats
 * renew.
 */
export const HOLD_SECONDS = 25;
/** Four beats may be lost before somebody else takes over. Most batches are over before the first. */
const BEAT_MS = 5_000;

/**
 * What a worker can do with the queue's messages while it has them. Each call may fail without harm: a
 * message then comes again earlier or later.
 */
export type Queue = {
  /** Hides messages, each for so many seconds from now on; with zero seconds, it comes again at once. */
  readonly hide: (pauses: readonly Pause[]) => Promise<void>;
  /** Acknowledges messages before the batch is over. */
  readonly acknowledge: (messages: readonly Message[]) => Promise<void>;
  /** Puts a copy of a message into the dead-letter queue. */
  readonly bury: (message: Message) => Promise<void>;
  /**
   * Puts a copy of a message into the queue. It comes after so many seconds, with its count of receives at
   * zero.
   */
  readonly sendAgain: (message: Message, seconds: number) => Promise<void>;
};

export type Pause = { readonly message: Message; readonly seconds: number };

export type HoldDeps = {
  /** absent if S3 calls the function itself: then there are only leases to hold */
  readonly queue?: Queue;
  /** calls back at intervals until what it returns is called */
  readonly every: (ms: number, run: () => void) => () => void;
  /** called when a beat fails: others may take over, and nothing else happens */
  readonly onLapse: (error: unknown) => void;
};

/** A batch that a worker has. */
export type Hold = {
  readonly keep: Keep;
  /** Gives a message back, to come again after so many seconds. */
  readonly giveBack: (message: Message, seconds: number) => void;
  /** Stops holding a message: it has been acknowledged. */
  readonly drop: (message: Message) => void;
  /** Ends the beats, once all messages that were given back are back in the queue. */
  readonly end: () => Promise<void>;
};

/**
 * Holds messages by short loans, and with them the leases of their uploads, and renews both while the worker
 * is alive. So the queue soon brings a dead worker's messages again, but not those of a worker that started
 * late or takes long.
 */
export function hold(deps: HoldDeps, messages: readonly Message[], signal: AbortSignal): Hold {
  const held = new Set(messages);
  const givenBack = new Map<Message, number>();
  const leases = new Set<() => Promise<void>>();

  const hide = async (): Promise<void> => {
    const pauses = [
      ...[...held].map((message) => ({ message, seconds: HOLD_SECONDS })),
      ...[...givenBack].map(([message, seconds]) => ({ message, seconds })),
    ];
    givenBack.clear();
    if (pauses.length > 0) await deps.queue?.hide(pauses);
  };
  const beat = async (): Promise<void> => {
    const results = await Promise.allSettled([hide(), ...[...leases].map((renew) => renew())]);
    for (const result of results) if (result.status === 'rejected') deps.onLapse(result.reason);
  };

  // One beat at a time: a late one would undo what a later one said.
  let last: Promise<void> | undefined;
  const beatIfIdle = () => {
    last ??= beat().finally(() => {
      last = undefined;
    });
  };
  const stop = deps.every(BEAT_MS, beatIfIdle);

  return {
    async keep(renew, work) {
      const lost = new AbortController();
      const renewOrStop = async () => {
        if (!(await renew())) lost.abort();
      };
      leases.add(renewOrStop);
      try {
        return await work(AbortSignal.any([signal, lost.signal]));
      } finally {
        leases.delete(renewOrStop);
      }
    },
    giveBack(message, seconds) {
      held.delete(message);
      givenBack.set(message, seconds);
    },
    drop(message) {
      held.delete(message);
    },
    async end() {
      stop();
      await last;
      held.clear();
      await hide().catch(deps.onLapse);
    },
  };
}
