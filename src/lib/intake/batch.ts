import { forEach } from '@sluice/connection/transfers/workers';
import type { Keep } from '../upload/keep.ts';
import { parseArrivals } from './arrival.ts';
import { createDeadline } from './deadline.ts';
import { MalformedNotification, OutOfTime, SlowedDown } from './faults.ts';
import { type HoldDeps, hold } from './hold.ts';
import type { Message } from './messages.ts';
import { pauseAfter } from './pauses.ts';
import type { Arrival } from './records.ts';

export type BatchDeps = HoldDeps & {
  /** Handles one arrival, or throws: then its message comes again. */
  readonly work: (arrival: Arrival, signal: AbortSignal, keep: Keep) => Promise<void>;
  readonly onFailure: (message: Message, error: unknown, fate: Fate) => void;
  /** true of a fault by which the store asks for fewer calls */
  readonly isThrottle: (error: unknown) => boolean;
  /** true of a fault by which somebody else is at work on the same upload */
  readonly isBusy: (error: unknown) => boolean;
  /** milliseconds until Lambda ends this invocation */
  readonly remainingMs: () => number;
  readonly random: () => number;
};

/** What becomes of a message that failed. */
export type Fate =
  | { readonly comesAgainInSeconds: number; readonly isSentAgain?: true }
  | { readonly isBuried: true };

// What is kept back before the deadline: time to finish the record at hand, log, and answer which messages
// failed.
const RESERVE_MS = 6_000;
const AT_ONCE = 5;
// A message that comes this often may be one that kills its worker.
const SUSPECT_RECEIVES = 5;
// The queue counts every receive as a try, and gives up after 25. By now half an hour has passed.
const SENT_AGAIN_AFTER_RECEIVES = 12;

type Turn = { readonly message: Message; readonly arrivals: readonly Arrival[] };

/**
 * Works through a batch and answers the ids of the messages that failed, so that the queue brings those alone
 * again, after a pause that grows with each time. Messages are independent: a bad one never fails its
 * neighbours, and one that comes so often that it may kill its worker is begun last, alone, when its
 * neighbours are acknowledged. Those about the same key take turns, so that a notification and its duplicate
 * are not worked on at once. What no sender of S3's makes goes to the dead-letter queue at once. What was not
 * begun, or is in somebody else's hands, has not failed: before the queue has counted that too often, a copy
 * of the message takes its place, so that it never ends among the dead letters.
 *
 * Where the store asks for fewer calls, half as many are at work, then half of these; at the third time the
 * rest is handed back. Starts nothing inside the reserve before the deadline, and aborts what still runs when
 * the reserve is half gone.
 */
export async function runBatch(deps: BatchDeps, messages: readonly Message[]): Promise<string[]> {
  using deadline = createDeadline(Math.max(0, Math.floor(deps.remainingMs() - RESERVE_MS / 2)));
  const { signal } = deadline;
  const holding = hold(deps, messages, signal);
  const failed: string[] = [];
  let done: Message[] = [];
  let atOnce = AT_ONCE;

  const fail = async (message: Message, error: unknown): Promise<void> => {
    const receives = message.receiveCount ?? 1;
    const comesAgainInSeconds = pauseAfter(error, receives, deps.random);
    const isNoTry = error instanceof OutOfTime || error instanceof SlowedDown || deps.isBusy(error);
    if (isNoTry && receives >= SENT_AGAIN_AFTER_RECEIVES && (await sendAgain(message, comesAgainInSeconds))) {
      done.push(message);
      deps.onFailure(message, error, { comesAgainInSeconds, isSentAgain: true });
      return;
    }
    failed.push(message.id);
    holding.giveBack(message, comesAgainInSeconds);
    deps.onFailure(message, error, { comesAgainInSeconds });
  };
  const sendAgain = async (message: Message, seconds: number): Promise<boolean> => {
    try {
      await deps.queue?.sendAgain(message, seconds);
      return deps.queue !== undefined;
    } catch (lapse) {
      deps.onLapse(lapse);
      return false;
    }
  };
  const bury = async (message: Message, error: unknown): Promise<void> => {
    if (deps.queue === undefined) return fail(message, error);
    try {
      await deps.queue.bury(message);
    } catch (lapse) {
      deps.onLapse(lapse);
      return fail(message, error);
    }
    deps.onFailure(message, error, { isBuried: true });
  };

  const turns = new Map<string, Turn[]>();
  const burials: Promise<void>[] = [];
  for (const message of messages) {
    try {
      const arrivals = parseArrivals(message.body);
      const name = arrivals[0] === undefined ? message.id : `${arrivals[0].bucket}/${arrivals[0].key}`;
      const turn = turns.get(name);
      if (turn === undefined) turns.set(name, [{ message, arrivals }]);
      else turn.push({ message, arrivals });
    } catch (error) {
      if (error instanceof MalformedNotification) burials.push(bury(message, error));
      else burials.push(fail(message, error));
    }
  }

  const take = async (turn: readonly Turn[]): Promise<void> => {
    for (const { message, arrivals } of turn) {
      try {
        for (const arrival of arrivals) {
          if (deps.remainingMs() < RESERVE_MS) throw new OutOfTime();
          if (atOnce === 0) throw new SlowedDown();
          await deps.work(arrival, signal, holding.keep);
        }
        done.push(message);
      } catch (error) {
        if (deps.isThrottle(error)) atOnce = Math.floor(atOnce / 2);
        await fail(message, error);
      }
    }
  };
  const waiting = [...turns.values()];
  const ordinary = waiting.filter((turn) => !turn.some(isSuspect)).values();
  await forEach(ordinary, AT_ONCE, undefined, take, (lane) => lane < atOnce);
  // Those that the lanes left are handed back by `take` itself.
  for (const turn of [...ordinary, ...waiting.filter((turn) => turn.some(isSuspect))]) {
    if (turn.some(isSuspect) && done.length > 0) {
      await acknowledge(deps, done);
      for (const message of done) holding.drop(message);
      done = [];
    }
    await take(turn);
  }
  await Promise.all(burials);
  await holding.end();
  return failed;
}

function isSuspect({ message }: Turn): boolean {
  return (message.receiveCount ?? 1) >= SUSPECT_RECEIVES;
}

async function acknowledge({ queue, onLapse }: BatchDeps, messages: readonly Message[]): Promise<void> {
  await queue?.acknowledge(messages).catch(onLapse);
}
