import { readOptional } from '../settings.ts';
import { SERVICE } from './logger.ts';

/** Counts of what happened, kept until they are published. */
export type Metrics = {
  /** Counts once more, or so many at once. */
  readonly add: (name: string, count?: number) => void;
  /** Counts once, and writes that at once; what is kept stays kept. */
  readonly addNow: (name: string) => void;
  readonly isEmpty: () => boolean;
  /** Writes what was counted, as one line; nothing where nothing was. */
  readonly publish: () => void;
};

export type MetricsDeps = {
  /** by which stacks of one account are told apart */
  readonly stage: string;
  readonly now: () => number;
  /** takes a line with its end */
  readonly write: (line: string) => void;
};

const NAMESPACE = 'Sluice';
const DIMENSIONS = [['service', 'stage']];
// The most values that CloudWatch takes of one metric in one line.
const MAX_VALUES = 100;

/**
 * Metrics in CloudWatch's embedded format, which the function's log carries: no call to AWS.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createMetrics({ stage, now, write }: MetricsDeps): Metrics {
  let counted: Record<string, number[]> = {};
  const writeOut = (values: Readonly<Record<string, readonly number[]>>): void => {
    const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: 'Count' }));
    const _aws = {
      Timestamp: now(),
      CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: DIMENSIONS, Metrics }],
    };
    write(`${JSON.stringify({ _aws, service: SERVICE, stage, ...values })}\n`);
  };
  const isEmpty = (): boolean => Object.keys(counted).length === 0;
  const publish = (): void => {
    if (isEmpty()) return;
    const values = counted;
    counted = {};
    writeOut(values);
  };
  return {
    add(name, count = 1) {
      const values = counted[name] ?? [];
      counted[name] = values;
      if (values.push(count) === MAX_VALUES) publish();
    },
    addNow: (name) => writeOut({ [name]: [1] }),
    isEmpty,
    publish,
  };
}

/** The function's own metrics. */
export const metrics = createMetrics({
  stage: readOptional('SLUICE_STAGE') ?? 'none',
  now: Date.now,
  write: (line) => void process.stdout.write(line),
});
