import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { toBill } from '../../bench/scale/bill.ts';
import { simulateCounter } from '../../bench/scale/counter.ts';
import { brokenBy, shareOf, toLoads } from '../../bench/scale/limits.ts';
import { type Run, simulateQueue } from '../../bench/scale/queue.ts';
import { toGrowth, toHotCounters, volumeAt } from '../../bench/scale/report.ts';
import { createTimeline } from '../../bench/scale/timeline.ts';
import { PLANNED_SECONDS, peakOf, toStage, toWorkload, VOLUMES } from '../../bench/scale/workload.ts';

const STEADY = { seconds: 300, uploadsPerSecond: 40 };

function run(changes: Partial<Run> = {}) {
  return simulateQueue({ phases: [STEADY], concurrency: 40, verifySeconds: 0.5, seed: 1, ...changes });
}

describe('the queue of the model', () => {
  test('gives each upload one verdict, and as many come as the rate says', () => {
    const { uploads } = run();
    // Three standard deviations of a Poisson process.
    expect(Math.abs(uploads - 12_000)).toBeLessThan(3 * Math.sqrt(12_000));
  });

  test('is the same for the same seed, and another for another', () => {
    expect(run()).toEqual(run());
    expect(run({ seed: 2 })).not.toEqual(run());
  });

  test('takes twice the places for twice the time, and for twice the uploads', () => {
    const busy = run({ concurrency: 1_000 }).mostBusy;
    const slow = run({ concurrency: 1_000, verifySeconds: 1 }).mostBusy;
    const many = run({ concurrency: 1_000, phases: [{ ...STEADY, uploadsPerSecond: 80 }] }).mostBusy;
    for (const twice of [slow, many]) {
      expect(twice / busy).toBeGreaterThan(1.6);
      expect(twice / busy).toBeLessThan(2.2);
    }
  });

  test('adds no wait where there are places enough', () => {
    // The median of durations around half a second, and the time to hand a message over.
    const { p50, inABatch } = run();
    expect(p50).toBeGreaterThan(0.38);
    expect(p50).toBeLessThan(0.44);
    expect(inABatch).toBeLessThan(1.05);
  });

  test('fills batches when uploads wait, and so works off several times the rate of single ones', () => {
    const { inABatch, leftWaiting } = run({ concurrency: 14 });
    expect(inABatch).toBeGreaterThan(1.5);
    expect(leftWaiting).toBeLessThan(200);
  });

  test('grows without end where the places are too few, the longer the more', () => {
    const few = run({ concurrency: 2 });
    const longer = run({ concurrency: 2, phases: [{ ...STEADY, seconds: 600 }] });
    expect(few.leftWaiting).toBeGreaterThan(2_000);
    expect(longer.leftWaiting / few.leftWaiting).toBeGreaterThan(1.8);
    expect(few.inABatch).toBeGreaterThan(4.9);
    expect(few.p99).toBeGreaterThan(60);
  });

  test('waits for Lambda to add places when many come from one moment to the next', () => {
    const burst = [{ seconds: 60, uploadsPerSecond: 500 }];
    const after = [{ seconds: 300, uploadsPerSecond: 400 }, ...burst];
    const cold = run({ phases: burst, concurrency: 1_000 });
    expect(cold.longestQueue).toBeGreaterThan(1_000);
    expect(run({ phases: after, concurrency: 1_000 }).p50).toBeLessThan(cold.p50 / 2);
  });

  test('that has waited is worked off when fewer come', () => {
    const phases = [STEADY, { seconds: 600, uploadsPerSecond: 1 }];
    expect(run({ concurrency: 4 }).leftWaiting).toBeGreaterThan(1_000);
    expect(run({ concurrency: 4, phases }).leftWaiting).toBe(0);
  });
});

test('a timeline gives what was put into it by its time', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })), (times) => {
      const timeline = createTimeline<number>();
      for (const at of times) timeline.add(at, at);
      const taken = [];
      for (let due = timeline.take(); due !== undefined; due = timeline.take()) taken.push(due.what);
      expect(taken).toEqual(times.toSorted((one, other) => one - other));
    }),
  );
});

describe('a counter of the model', () => {
  const calm = { aSecond: 10, heldSeconds: 0.01, callSeconds: 0.01, seconds: 60, seed: 1 };

  test('writes or refuses each transaction', () => {
    const { written, refused } = simulateCounter({ ...calm, aSecond: 400 });
    expect(Math.abs(written + refused - 24_000)).toBeLessThan(3 * Math.sqrt(24_000));
    expect(refused).toBeGreaterThan(written);
  });

  test('takes all of a few, and the fewer the longer each keeps the row', () => {
    expect(simulateCounter(calm).refused).toBe(0);
    const { written } = simulateCounter({ ...calm, aSecond: 400 });
    const longer = simulateCounter({ ...calm, aSecond: 400, heldSeconds: 0.02 });
    expect(written / longer.written).toBeGreaterThan(1.8);
    // It cannot take more than fit one after the other, with those that begin in time and end after it.
    expect(written).toBeLessThan(63 / calm.heldSeconds);
  });
});

describe('the limits of the model', () => {
  test('follow the volume, each by itself', () => {
    const small = toLoads(toWorkload(10e6));
    for (const load of toLoads(toWorkload(100e6))) {
      const one = small.find(({ what }) => what === load.what);
      // Places are whole ones.
      expect(load.taken / (one?.taken ?? 0) / 10, load.what).toBeCloseTo(1, 0.9);
      expect(load.source, load.what).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/|^docs\//);
    }
  });

  test('come fullest first, and those that are broken are more than full', () => {
    const workload = toWorkload(500e6);
    const shares = toLoads(workload).map(shareOf);
    expect(shares).toEqual(shares.toSorted((one, other) => other - one));
    expect(brokenBy(workload)).toEqual(toLoads(workload).filter(({ taken, limit }) => taken > limit));
    expect(brokenBy(toWorkload(10e6))).toEqual([]);
  });

  test('take a function longer the longer a verification takes', () => {
    const busyOf = (verifySeconds: number) =>
      toLoads(toWorkload(50e6, { verifySeconds })).find(({ what }) => what.startsWith('functions'))?.taken ??
      0;
    expect(busyOf(1.15) - busyOf(0.15)).toBeCloseTo(peakOf(toWorkload(50e6)), 6);
  });
});

describe('the bill of the model', () => {
  const sum = (volume: number, verifySeconds?: number) =>
    toBill(toWorkload(volume, verifySeconds === undefined ? {} : { verifySeconds })).reduce(
      (all, { dollars }) => all + dollars,
      0,
    );

  test('is that of docs/deploying.md for a million, but for webhooks and an idle stack', () => {
    const [, told = ''] =
      /\*\*together\*\* \| \| \*\*about (\d+)\*\*/.exec(readFileSync('docs/deploying.md', 'utf8')) ?? [];
    const apart = toBill(toWorkload(1e6)).filter(({ what }) => /webhooks|idle/.test(what));
    const others = sum(1e6) - apart.reduce((all, { dollars }) => all + dollars, 0);
    expect(Math.abs(others - Number(told))).toBeLessThan(3);
  });

  test('grows with the volume, and with what a verification takes', () => {
    expect((sum(20e6) - sum(10e6)) / (sum(30e6) - sum(20e6))).toBeCloseTo(1, 6);
    expect(sum(10e6, 0.3) - sum(10e6, 0.15)).toBeCloseTo(sum(10e6, 0.45) - sum(10e6, 0.3), 6);
    expect(sum(10e6, 0.3)).toBeGreaterThan(sum(10e6, 0.15));
  });
});

test('places are planned with what serverless.yml says', () => {
  const { params } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true });
  expect(params.default.verifySeconds).toBe(String(PLANNED_SECONDS));
  expect(toStage(toWorkload(0)).peakUploadsPerSecond).toBe(Number(params.default.peakUploadsPerSecond));
});

describe('docs/growing.md', () => {
  const page = readFileSync('docs/growing.md', 'utf8');
  const rowOf = (what: string): readonly number[] => {
    const [, cells = ''] =
      page
        .split('\n')
        .map((line) => /^\| (.+?) \| (.+) \|$/.exec(line))
        .find((row) => row?.[1] === what)
        ?.slice(1) ?? [];
    return cells.split(' | ').map((cell) => Number.parseFloat(cell.replace(/[,$]/g, '')));
  };
  const growths = VOLUMES.map((volume) => toGrowth(volume));
  const at =
    (which: number, seconds: number) =>
    ({ runs }: (typeof growths)[0]) => {
      const run = runs.filter(({ verifySeconds }) => verifySeconds === seconds)[which];
      return run ?? Number.NaN;
    };
  const p99 = (which: number, seconds: number) => (growth: (typeof growths)[0]) => {
    const found = at(which, seconds)(growth);
    return typeof found === 'number' ? found : found.p99;
  };

  test.each<[string, (growth: (typeof growths)[0]) => number, number]>([
    ['`peakUploadsPerSecond`', ({ stage }) => stage.peakUploadsPerSecond, 0],
    ['uploads a second in the busiest minute', ({ peakPerSecond }) => peakPerSecond, 0.05],
    ['batches at once', ({ stage }) => stage.verifyConcurrency, 0],
    ['calls a second of each route', ({ stage }) => stage.routeRateLimit, 0],
    ['p99 of the verdict, if one takes 0.15 s', p99(0, 0.15), 0.05],
    ['p99 of the verdict, if one takes 0.5 s', p99(0, 0.5), 0.05],
    ['**a month, USD**', ({ dollars }) => dollars, 0.02],
  ])('says the model’s %s', (what, toValue, slack) => {
    const told = rowOf(what);
    expect(told, `npm run bench:scale has the row "${what}"`).toHaveLength(VOLUMES.length);
    for (const [index, growth] of growths.entries()) {
      const value = toValue(growth);
      expect(Math.abs((told[index] ?? 0) - value), `${what}: ${value}`).toBeLessThanOrEqual(
        value * slack + 0.005,
      );
    }
  });

  test('says at which volume each limit is reached', () => {
    const [growth = toGrowth(1e6)] = growths;
    for (const load of growth.loads) {
      const [millions = 0] = rowOf(load.what);
      const expected = volumeAt(load, growth.workload) / 1e6;
      expect(Math.abs(millions / expected - 1), `${load.what}: ${expected} million`).toBeLessThan(0.05);
    }
  });

  test('says how many transactions one counter takes', () => {
    for (const { aSecond, heldSeconds, written, refused } of toHotCounters()) {
      const column = [5, 10, 20].indexOf(heldSeconds * 1_000);
      const share = (100 * written) / (written + refused);
      const told = rowOf(`${aSecond} a second`)[column] ?? 0;
      expect(Math.abs(told - share), `${aSecond} a second, ${heldSeconds} s: ${share}`).toBeLessThan(1);
    }
  });
});
