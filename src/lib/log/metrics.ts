import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { readOptional } from '../settings.ts';

/**
 * The function's metrics, written to its log in CloudWatch's embedded metric format: no call to AWS.
 * By stage, so that one account can hold several.
 */
export const metrics = new Metrics({ defaultDimensions: { stage: readOptional('SLUICE_STAGE') ?? 'none' } });

/** Counts once more, or so many at once. */
export function count(name: string, times = 1): void {
  metrics.addMetric(name, MetricUnit.Count, times);
}

/** Adds bytes to a sum. */
export function countBytes(name: string, bytes: number): void {
  metrics.addMetric(name, MetricUnit.Bytes, bytes);
}

/** Adds one duration to those of which CloudWatch tells percentiles. */
export function measure(name: string, milliseconds: number): void {
  metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds);
}

/** Tells how long something has been waiting. */
export function setSeconds(name: string, seconds: number): void {
  metrics.addMetric(name, MetricUnit.Seconds, seconds);
}

/** Counts once, in a line of its own that is written at once; what is kept stays. */
export function countNow(name: string): void {
  metrics.singleMetric().addMetric(name, MetricUnit.Count, 1);
}

/** Writes what was counted, if anything was: Powertools warns of a line without metrics. */
export function publishCounts(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
