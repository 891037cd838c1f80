import { afterEach, describe, expect, test, vi } from 'vitest';
import { count, countNow, metrics } from '../../../src/lib/log/metrics.ts';
import { captureLog } from '../../fakes/log-lines.ts';

afterEach(() => vi.restoreAllMocks());

describe('metrics', () => {
  test('are one line in the embedded format of CloudWatch, by stage', () => {
    const lines = captureLog();
    count('UploadsAccepted');
    count('UploadsAccepted');
    count('SocketsReused', 12);
    metrics.publishStoredMetrics();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ stage: 'none', UploadsAccepted: [1, 1], SocketsReused: 12 });
  });

  // A row that could not be read published what the batch had counted so far, and its sockets then were not
  // told.
  test('that are written at once leave alone what is kept', () => {
    const lines = captureLog();
    count('ArrivalFailures');
    countNow('UnreadableRows');
    expect(metrics.hasStoredMetrics()).toBe(true);
    metrics.publishStoredMetrics();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ UnreadableRows: 1 });
    expect(lines[0]).not.toHaveProperty('ArrivalFailures');
    expect(lines[1]).toMatchObject({ ArrivalFailures: 1 });
  });

  test('lose no count of more than CloudWatch takes in one line', () => {
    const lines = captureLog();
    for (let index = 0; index < 250; index += 1) count('ArrivalsGone');
    metrics.publishStoredMetrics();
    const counts = lines.flatMap((line) => line.ArrivalsGone as number[]);
    expect(counts).toHaveLength(250);
  });
});
