import { VERIFY_SECONDS } from '../verification/prices.ts';
import { type Part, toBill } from './bill.ts';
import { type Contended, simulateCounter } from './counter.ts';
import { type Load, shareOf, toLoads } from './limits.ts';
import { type Outcome, simulateQueue } from './queue.ts';
import {
  averageOf,
  HEIGHT_OF_DAY,
  PLANNED_SECONDS,
  peakOf,
  toStage,
  toWorkload,
  type Workload,
} from './workload.ts';

const SEED = 1;

/** A height of the day, its burst, and the time after it, in seconds. */
const BEFORE = 300;
const BURST = 120;
const AFTER = 120;

/** What verification takes: as the bill assumes, and as places are planned with. */
const SECONDS = [VERIFY_SECONDS, PLANNED_SECONDS];
export type Growth = {
  readonly workload: Workload;
  readonly averagePerSecond: number;
  readonly peakPerSecond: number;
  readonly stage: ReturnType<typeof toStage>;
  readonly loads: readonly Load[];
  readonly bill: readonly Part[];
  readonly dollars: number;
  /** the busiest minutes, by what a verification takes and by the places that there are */
  readonly runs: readonly (Outcome & { readonly verifySeconds: number; readonly places: number })[];
};

/** What a volume asks of a stage and an account, and what it costs. */
export function toGrowth(uploadsAMonth: number, changes: Partial<Workload> = {}): Growth {
  const workload = toWorkload(uploadsAMonth, changes);
  const averagePerSecond = averageOf(workload);
  const stage = toStage(workload);
  const bill = toBill(workload);
  const height = averagePerSecond * HEIGHT_OF_DAY;
  const phases = [
    { seconds: BEFORE, uploadsPerSecond: height },
    { seconds: BURST, uploadsPerSecond: peakOf(workload) },
    { seconds: AFTER, uploadsPerSecond: height },
  ];
  const places = [...new Set([stage.verifyConcurrency, toStage(toWorkload(0)).verifyConcurrency])];
  return {
    workload,
    averagePerSecond,
    peakPerSecond: peakOf(workload),
    stage,
    loads: toLoads(workload),
    bill,
    dollars: bill.reduce((sum, { dollars }) => sum + dollars, 0),
    runs: places.flatMap((concurrency) =>
      SECONDS.map((verifySeconds) => ({
        verifySeconds,
        places: concurrency,
        ...simulateQueue({ phases, concurrency, verifySeconds, seed: SEED }),
      })),
    ),
  };
}

/** At how many uploads a month a limit is reached, if nothing else grows. */
export function volumeAt(load: Load, { uploadsAMonth }: Workload): number {
  return uploadsAMonth / shareOf(load);
}

/** How long a transaction keeps a row, in seconds: nobody has measured it on AWS. */
export const HELD = [0.005, 0.01, 0.02] as const;
export const RATES = [25, 50, 100, 200, 400] as const;

export type Hot = Contended & { readonly aSecond: number; readonly heldSeconds: number };

/** A minute of one counter, by how often it is met. */
export function toHotCounters(): readonly Hot[] {
  return HELD.flatMap((heldSeconds) =>
    RATES.map((aSecond) => ({
      aSecond,
      heldSeconds,
      ...simulateCounter({ aSecond, heldSeconds, callSeconds: 0.01, seconds: 60, seed: SEED }),
    })),
  );
}
