import { createRandom } from '../../test/proof/random.ts';
import { BATCH_SIZE } from '../verification/prices.ts';
import { durationAround, nextIn, percentile } from './random.ts';
import { createTimeline } from './timeline.ts';

/** Lambda's pollers, by https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const FIRST_PLACES = 5;
const PLACES_MORE_A_SECOND = 300 / 60;
/** From a message in the queue to the function that has it, and from its end to the next batch. */
const HANDOVER_SECONDS = 0.02;

/** A while of a run: how long, and how many uploads come in a second of it. */
export type Phase = { readonly seconds: number; readonly uploadsPerSecond: number };

export type Run = {
  readonly phases: readonly Phase[];
  /** batches at once: what the event source mapping is set to */
  readonly concurrency: number;
  /** of one verification, on average */
  readonly verifySeconds: number;
  readonly seed: number;
};

export type Outcome = {
  readonly uploads: number;
  /** seconds from a message in the queue to its verdict */
  readonly p50: number;
  readonly p99: number;
  /** messages that waited, at the worst moment */
  readonly longestQueue: number;
  /** messages that still wait when the last phase ends */
  readonly leftWaiting: number;
  /** uploads in a batch, on average */
  readonly inABatch: number;
  /** how many places were taken at the worst moment */
  readonly mostBusy: number;
};

type Happening =
  | { readonly kind: 'arrival'; readonly phase: number }
  | { readonly kind: 'end'; readonly arrivedAt: readonly number[]; readonly ended: readonly number[] };

/**
 * A queue and its function, upload by upload: they arrive by a Poisson process; each free place takes what
 * waits, five at most, and has a batch until the slowest of them is done. Lambda begins with five places and
 * adds three hundred a minute while messages wait, up to `concurrency`. The same seed gives the same run.
 *
 * Left out: what S3 takes to notify, cold starts, messages that come twice, and calls that fail.
 */
export function simulateQueue({ phases, concurrency, verifySeconds, seed }: Run): Outcome {
  const random = createRandom(seed);
  const timeline = createTimeline<Happening>();
  const waits: number[] = [];
  const waiting: number[] = [];
  let first = 0; // of those in `waiting`
  let busy = 0;
  let places = Math.min(concurrency, FIRST_PLACES);
  let scaledAt = 0;
  const seen = { batches: 0, longestQueue: 0, leftWaiting: 0, mostBusy: 0 };
  const endOf = phases.map((_, at) => phases.slice(0, at + 1).reduce((sum, { seconds }) => sum + seconds, 0));
  const lastEnd = endOf.at(-1) ?? 0;

  const queued = () => waiting.length - first;
  const scale = (now: number) => {
    const more = (now - scaledAt) * PLACES_MORE_A_SECOND;
    scaledAt = now;
    if (queued() > 0) places = Math.min(concurrency, places + more);
  };
  const begin = (now: number) => {
    while (queued() > 0 && busy < Math.floor(places)) {
      const arrivedAt = waiting.slice(first, first + BATCH_SIZE);
      first += arrivedAt.length;
      busy += 1;
      seen.batches += 1;
      const ended = arrivedAt.map(() => now + HANDOVER_SECONDS + durationAround(verifySeconds, random));
      timeline.add(Math.max(...ended) + HANDOVER_SECONDS, { kind: 'end', arrivedAt, ended });
    }
    seen.mostBusy = Math.max(seen.mostBusy, busy);
    seen.longestQueue = Math.max(seen.longestQueue, queued());
  };
  const nextArrival = (now: number, from: number) => {
    let at = now;
    for (let phase = from; phase < phases.length; phase += 1) {
      const end = endOf[phase] ?? 0;
      const next = at + nextIn(phases[phase]?.uploadsPerSecond ?? 0, random);
      if (next < end) return void timeline.add(next, { kind: 'arrival', phase });
      at = end; // what has not come yet may begin anew: a Poisson process has no memory
    }
  };

  nextArrival(0, 0);
  for (let due = timeline.take(); due !== undefined; due = timeline.take()) {
    const { at, what } = due;
    if (at <= lastEnd) seen.leftWaiting = queued();
    scale(at);
    if (what.kind === 'arrival') {
      waiting.push(at);
      nextArrival(at, what.phase);
    } else {
      busy -= 1;
      for (const [index, ended] of what.ended.entries()) waits.push(ended - (what.arrivedAt[index] ?? 0));
    }
    begin(at);
  }
  const sorted = Float64Array.from(waits).toSorted();
  return {
    uploads: waits.length,
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    longestQueue: seen.longestQueue,
    leftWaiting: seen.leftWaiting,
    inABatch: waits.length / Math.max(1, seen.batches),
    mostBusy: seen.mostBusy,
  };
}
