import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../../src/lib/log/metrics.ts';

function setup() {
  const lines: Record<string, unknown>[] = [];
  const metrics = createMetrics({
    stage: 'dev',
    now: () => 1_000,
    write: (line) => void lines.push(JSON.parse(line)),
  });
  return { metrics, lines };
}

describe('metrics', () => {
  test('are one line in the embedded format of CloudWatch, each value by itself', () => {
    const { metrics, lines } = setup();
    metrics.add('UploadsAccepted');
    metrics.add('UploadsAccepted');
    metrics.add('SocketsReused', 12);
    expect(metrics.isEmpty()).toBe(false);
    metrics.publish();
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: 1_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Sluice',
              Dimensions: [['service', 'stage']],
              Metrics: [
                { Name: 'UploadsAccepted', Unit: 'Count' },
                { Name: 'SocketsReused', Unit: 'Count' },
              ],
            },
          ],
        },
        service: 'sluice',
        stage: 'dev',
        UploadsAccepted: [1, 1],
        SocketsReused: [12],
      },
    ]);
  });

  test('are written once, and not at all where nothing was counted', () => {
    const { metrics, lines } = setup();
    metrics.publish();
    metrics.add('UploadsRejected', 0);
    metrics.publish();
    metrics.publish();
    expect(metrics.isEmpty()).toBe(true);
    expect(lines).toHaveLength(1);
  });

  // A row that could not be read published what the batch had counted so far, and its sockets then were not
  // told.
  test('that are written at once leave alone what is kept', () => {
    const { metrics, lines } = setup();
    metrics.add('ArrivalFailures');
    metrics.addNow('UnreadableRows');
    expect(metrics.isEmpty()).toBe(false);
    metrics.publish();
    expect(lines.map(({ _aws, service, stage, ...values }) => values)).toEqual([
      { UnreadableRows: [1] },
      { ArrivalFailures: [1] },
    ]);
  });

  test('lose no count of more than CloudWatch takes in one line', () => {
    const { metrics, lines } = setup();
    for (let count = 0; count < 250; count += 1) metrics.add('ArrivalsGone');
    metrics.publish();
    const counts = lines.map((line) => line.ArrivalsGone as number[]);
    expect(counts.map((values) => values.length)).toEqual([100, 100, 50]);
  });
});
