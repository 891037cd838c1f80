import { toCapacity } from '../capacity.ts';
import { VERIFY_SECONDS } from '../verification/prices.ts';

const SECONDS_A_MONTH = 30 * 86_400;

/** What a stage is to take. */
export type Workload = {
  readonly uploadsAMonth: number;
  /** how many times the month's average comes in the busiest minute */
  readonly peakFactor: number;
  /** what a verification takes in truth, on average */
  readonly verifySeconds: number;
};

/**
 * How many times the month's average the busiest minute has, where nobody has measured: a day at its height
 * has about twice the average, and a burst some two and a half times that.
 */
export const PEAK_FACTOR = 5;
/** How many times the average a day has at its height. */
export const HEIGHT_OF_DAY = 2;

/** What places are planned with, as serverless.yml has it: some three times what the bill assumes. */
export const PLANNED_SECONDS = 0.5;

/** The target of a stage that names none: nobody gains by one that is lower. */
export const DEFAULT_PEAK = 20;

export const VOLUMES: readonly number[] = [1e6, 10e6, 50e6, 500e6];

export function toWorkload(uploadsAMonth: number, changes: Partial<Workload> = {}): Workload {
  return { uploadsAMonth, peakFactor: PEAK_FACTOR, verifySeconds: VERIFY_SECONDS, ...changes };
}

/** Uploads a second, on average. */
export function averageOf({ uploadsAMonth }: Workload): number {
  return uploadsAMonth / SECONDS_A_MONTH;
}

/** Uploads a second, in the busiest minute. */
export function peakOf(workload: Workload): number {
  return averageOf(workload) * workload.peakFactor;
}

/** The parameters that a stage with this workload sets, and what follows from them. */
export function toStage(workload: Workload) {
  const peakUploadsPerSecond = Math.max(DEFAULT_PEAK, Math.ceil(peakOf(workload)));
  const parameters = {
    peakUploadsPerSecond: String(peakUploadsPerSecond),
    verifySeconds: String(PLANNED_SECONDS),
    routeRateLimit: '',
    routeBurstLimit: '',
  };
  return { peakUploadsPerSecond, ...toCapacity(parameters) };
}
