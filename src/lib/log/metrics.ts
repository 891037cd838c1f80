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

/** Counts once, in a line of its own that is written at once; what is kept stays. */
export function countNow(name: string): void {
  metrics.singleMetric().addMetric(name, MetricUnit.Count, 1);
}

/** Writes what was counted, if anything was: Powertools warns of a line without metrics. */
export function publishCounts(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
