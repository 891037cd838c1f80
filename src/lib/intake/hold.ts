import type { Keep } from '../upload/keep.ts';
import type { Message } from './messages.ts';

/** How long messages of a worker that died stay hidden: the queue's own time-out (infra/arrivals.yml), which beats renew. */
export const HOLD_SECONDS = 25;
/** Four beats may be lost before somebody else takes over. Most batches are over before the first. */
const BEAT_MS = 5_000;

/** What a worker may do to the queue's messages while it has them. Each call may fail without harm: a message then comes again sooner or later than it might. */
export type Queue = {
  /** Hides messages, each for so many seconds from now on; none at all makes it come again at once. */
  readonly hide: (pauses: readonly Pause[]) => Promise<void>;
  /** Acknowledges messages before the batch is over. */
  readonly acknowledge: (messages: readonly Message[]) => Promise<void>;
  /** Puts a copy of a message into the dead-letter queue. */
  readonly bury: (message: Message) => Promise<void>;
  /** Puts a copy of a message into the queue, which comes after so many seconds and has been received by nobody. */
  readonly sendAgain: (message: Message, seconds: number) => Promise<void>;
};

export type Pause = { readonly message: Message; readonly seconds: number };

export type HoldDeps = {
  /** none where S3 calls the function itself: then there is nothing to hold but leases */
  readonly queue?: Queue;
  /** calls back at intervals until what it returns is called */
  readonly every: (ms: number, run: () => void) => () => void;
  /** told of a beat that failed: others may take over, and nothing else happens */
  readonly onLapse: (error: unknown) => void;
};

/** A batch in a worker's hands. */
export type Hold = {
  readonly keep: Keep;
  /** Gives a message back, to come again after so many seconds. */
  readonly giveBack: (message: Message, seconds: number) => void;
  /** Holds a message no longer: it has been acknowledged. */
  readonly drop: (message: Message) => void;
  /** Ends the beats, when what was given back is given back. */
  readonly end: () => Promise<void>;
};

/**
 * Holds messages by short loans that are renewed while the worker lives, and the leases of what it works on with them. So
 * the queue brings a dead worker's messages again soon, and those of one that started late or takes long not too soon.
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
