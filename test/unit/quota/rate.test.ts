import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPace, minuteOf } from '../../../src/lib/quota/rate.ts';

const ADA = { tenant: 'acme', subject: 'ada' };
const BOB = { tenant: 'acme', subject: 'bob' };

function setup(perMinute: number | undefined, fails = () => false) {
  const counts = new Map<string, number>();
  const failures: unknown[] = [];
  const world = { now: minuteOf(ADA, 1_000_000_000).endsAt, calls: 0, failures };
  const pace = createPace({
    perMinute,
    count: async ({ id }, most) => {
      world.calls += 1;
      if (fails()) throw new Error('throttled');
      const before = counts.get(id) ?? 0;
      if (before >= most) return false;
      counts.set(id, before + 1);
      return true;
    },
    now: () => world.now,
    onFailure: (error) => failures.push(error),
  });
  return { pace, world };
}

describe('the requests of an owner', () => {
  test('are taken up to the limit, and one more is refused until the minute is over', async () => {
    const { pace, world } = setup(2);
    world.now += 20_000;
    await pace(ADA);
    await pace(ADA);
    await expect(pace(ADA)).rejects.toMatchObject({
      code: 'requests_too_many',
      status: 429,
      retryable: true,
      extras: { retryAfterSeconds: 40 },
    });
    world.now += 40_000;
    await pace(ADA);
  });

  test('are counted apart from those of others', async () => {
    const { pace } = setup(1);
    await pace(ADA);
    await expect(pace(ADA)).rejects.toMatchObject({ code: 'requests_too_many' });
    await pace(BOB);
  });

  test('cost no call once one was refused, however many follow', async () => {
    const { pace, world } = setup(1);
    await pace(ADA);
    for (let times = 0; times < 20; times += 1) await pace(ADA).catch(() => undefined);
    expect(world.calls).toBe(2);
  });

  test('cost no call where there is no limit', async () => {
    const { pace, world } = setup(undefined);
    await pace(ADA);
    expect(world.calls).toBe(0);
  });

  test('are let through and reported when they cannot be counted', async () => {
    const { pace, world } = setup(1, () => true);
    await pace(ADA);
    await pace(ADA);
    expect(world.failures).toHaveLength(2);
  });

  test('of ten thousand owners over their limit leave no more in memory than one more owner', async () => {
    const { pace, world } = setup(0);
    for (let owner = 0; owner <= 10_000; owner += 1) {
      await pace({ tenant: 't', subject: String(owner) }).catch(() => undefined);
    }
    const before = world.calls;
    await pace({ tenant: 't', subject: '10000' }).catch(() => undefined);
    expect(world.calls).toBe(before);
    await pace({ tenant: 't', subject: '0' }).catch(() => undefined);
    expect(world.calls).toBe(before + 1);
  });
});

test('a minute ends within a minute, is the same until then, and is another afterwards', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat({ max: 2 ** 45 }), (subject, at) => {
      const owner = { tenant: 'acme', subject };
      const { id, endsAt } = minuteOf(owner, at);
      expect(endsAt).toBeGreaterThan(at);
      expect(endsAt).toBeLessThanOrEqual(at + 60_000);
      expect(minuteOf(owner, endsAt - 1).id).toBe(id);
      expect(minuteOf(owner, endsAt).id).not.toBe(id);
    }),
  );
});
