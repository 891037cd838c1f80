import { describe, expect, test } from 'vitest';
import { createTally } from '../../../src/lib/log/tally.ts';

function setup() {
  const lines: Record<string, unknown>[] = [];
  let time = 1_764_000_000_000;
  const tally = createTally({
    now: () => time,
    write: (line) => lines.push(JSON.parse(line)),
    stage: 'prod',
  });
  const pass = (ms: number) => {
    time += ms;
  };
  const told = (name = 'Downloads') => lines.flatMap((line) => (name in line ? [line[name]] : []));
  return { lines, tally, pass, told };
}

describe('a tally', () => {
  test('tells the first at once, in the embedded format of CloudWatch', () => {
    const { lines, tally } = setup();
    tally('Downloads');
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: 1_764_000_000_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Sluice',
              Dimensions: [['service', 'stage']],
              Metrics: [{ Name: 'Downloads', Unit: 'Count' }],
            },
          ],
        },
        service: 'sluice',
        stage: 'prod',
        Downloads: 1,
      },
    ]);
  });

  test('tells a thousand within a minute in ten lines, and holds back less than half', () => {
    const { tally, told } = setup();
    for (let index = 0; index < 1_000; index += 1) tally('Downloads');
    expect(told()).toEqual([1, 1, 2, 4, 8, 16, 32, 64, 128, 256]);
  });

  test('tells what it held back with the first of the next minute', () => {
    const { tally, told, pass } = setup();
    for (let index = 0; index < 7; index += 1) tally('Downloads');
    pass(60_000);
    tally('Downloads');
    expect(told()).toEqual([1, 1, 2, 4]);
  });

  test('counts each kind by itself, and all of them together', () => {
    const { lines, tally } = setup();
    tally('Refusals', 1, { code: 'upload_not_found' });
    tally('Refusals', 1, { code: 'token_expired' });
    expect(lines).toMatchObject([
      { code: 'upload_not_found', Refusals: 1 },
      { code: 'token_expired', Refusals: 1 },
    ]);
    expect(lines[0]?._aws).toMatchObject({
      CloudWatchMetrics: [
        {
          Dimensions: [
            ['service', 'stage'],
            ['service', 'stage', 'code'],
          ],
        },
      ],
    });
  });

  test('writes nothing of nothing', () => {
    const { lines, tally } = setup();
    tally('Downloads', 0);
    expect(lines).toEqual([]);
  });
});
