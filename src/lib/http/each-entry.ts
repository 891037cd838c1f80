import type { Logger } from '@aws-lambda-powertools/logger';
import { forEach } from '@sluice/connection/transfers/workers';
import type { Caller } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import { createDeadline } from '../intake/deadline.ts';
import { reportProblem, toProblemJson } from './problem.ts';

/** What one entry of a list came to: the status that a call for it alone would have been answered with. */
export type EntryResult = { readonly status: number; readonly [field: string]: unknown };

export type EachDeps = {
  readonly logger: Logger;
  readonly requestId: string;
  /** milliseconds until Lambda ends this invocation */
  readonly remainingMs: () => number;
  /** how many are worked on side by side */
  readonly atOnce: number;
};

/**
 * How many entries of a caller's list may be worked on side by side, where each is a write that may give
 * back. Under a grant it is one after the other: each gives back to the same row, and writes of one row at
 * the same moment fail each other.
 */
export function writesAtOnce({ kind }: Pick<Caller, 'kind'>, most: number): number {
  return kind === 'grant' ? 1 : most;
}

// What is kept back before the function's end: time to answer for all of them.
const RESERVE_MS = 2_000;

/**
 * Works on each entry of a list, and answers for each at its own position. An entry that is refused, or
 * fails, has its own problem, and its neighbours do not hear of it. When the function's time is nearly over,
 * no other is begun, and what still runs a second later is not waited for: their problem is `out_of_time`,
 * and whoever asks again finds what was done all the same.
 */
export async function eachEntry<Entry>(
  deps: EachDeps,
  entries: readonly Entry[],
  work: (entry: Entry, position: number) => Promise<EntryResult>,
): Promise<readonly EntryResult[]> {
  const { logger, requestId, remainingMs, atOnce } = deps;
  const results: (EntryResult | undefined)[] = entries.map(() => undefined);
  const toProblem = (error: unknown, position: number): EntryResult => {
    const { problem, retryAfterSeconds } = reportProblem(logger, error, { position });
    return { status: problem.status, problem: toProblemJson(problem, requestId), retryAfterSeconds };
  };

  using deadline = createDeadline(Math.max(0, remainingMs() - RESERVE_MS / 2));
  const isOver = new Promise<void>((resolve) => {
    deadline.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const all = forEach(
    entries.entries(),
    Math.min(atOnce, entries.length),
    undefined,
    async ([position, entry]) => {
      if (remainingMs() < RESERVE_MS) return;
      let result: EntryResult;
      try {
        result = await work(entry, position);
      } catch (error) {
        // What ends after the answer is nobody's any more, and has been told as out of time.
        if (deadline.signal.aborted) return;
        result = toProblem(error, position);
      }
      results[position] = result;
    },
  );
  await Promise.race([all, isOver]);
  return results.map((result, position) => result ?? toProblem(new Refusal('out_of_time', RETRY), position));
}

const RETRY = { retryAfterSeconds: 1 };
