import type { Arrival } from './arrival.ts';
import { parseArrivals } from './arrival.ts';
import type { Message } from './messages.ts';

export type BatchDeps = {
  /** Handles one arrival, or throws: then its message comes again. */
  readonly work: (arrival: Arrival, signal: AbortSignal) => Promise<void>;
  readonly onFailure: (message: Message, error: unknown) => void;
  /** milliseconds until Lambda ends this invocation */
  readonly remainingMs: () => number;
};

// What is kept back before the deadline: time to finish the record at hand, log, and answer which messages failed.
const RESERVE_MS = 10_000;
const AT_ONCE = 5;

/** There was too little time left to begin. The message comes again, with all of the time. */
export class OutOfTime extends Error {
  constructor() {
    super('too little time was left before the deadline');
    this.name = 'OutOfTime';
  }
}

/**
 * Works through a batch and answers the ids of the messages that failed, so that the queue brings those alone again.
 * Messages are independent: a bad one never fails its neighbours. Those about the same key take turns, so that a
 * notification and its duplicate are not worked on at once. Starts nothing inside the reserve before the deadline, and
 * aborts what still runs when the reserve is half gone.
 */
export const runBatch = async (deps: BatchDeps, messages: readonly Message[]): Promise<string[]> => {
  const failed: string[] = [];
  const fail = (message: Message, error: unknown) => {
    failed.push(message.id);
    deps.onFailure(message, error);
  };
  const signal = AbortSignal.timeout(Math.max(0, Math.floor(deps.remainingMs() - RESERVE_MS / 2)));

  const turns = new Map<string, { message: Message; arrivals: Arrival[] }[]>();
  for (const message of messages) {
    try {
      const arrivals = parseArrivals(message.body);
      const turn = arrivals[0] === undefined ? message.id : `${arrivals[0].bucket}/${arrivals[0].key}`;
      turns.set(turn, [...(turns.get(turn) ?? []), { message, arrivals }]);
    } catch (error) {
      fail(message, error);
    }
  }

  const waiting = [...turns.values()];
  const worker = async () => {
    for (let turn = waiting.shift(); turn; turn = waiting.shift()) {
      for (const { message, arrivals } of turn) {
        try {
          for (const arrival of arrivals) {
            if (deps.remainingMs() < RESERVE_MS) throw new OutOfTime();
            await deps.work(arrival, signal);
          }
        } catch (error) {
          fail(message, error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return failed;
};
