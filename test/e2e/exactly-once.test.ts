// The proof of test/proof/ with few uploads: npm run proof:webhooks makes it with a thousand.
import { expect, test } from 'vitest';
import { proveExactlyOnce } from '../proof/exactly-once.ts';

const UPLOADS = 40;

test('each accepted file is one row of a receiver that fails, is down and is killed, while the publisher is killed and throttled', async () => {
  const seed = 20_261_126;
  const rounds = await proveExactlyOnce({
    uploads: UPLOADS,
    sent: 6,
    seed,
    downMs: 3_000,
    canPause: false,
    patienceMs: 180_000,
    say: () => undefined,
  });
  for (const { uploads, rows, missing, unknown } of rounds) {
    expect({ uploads, rows, missing, unknown }).toEqual({
      uploads: UPLOADS,
      rows: UPLOADS,
      missing: [],
      unknown: [],
    });
  }
  // All of it has happened, or the proof were none.
  const [first, second] = rounds;
  expect(first?.receiverKills).toBeGreaterThan(0);
  const failures = Object.entries(first?.answers ?? {}).filter(([what]) => /^(500|cut)/.test(what));
  expect(failures.length).toBeGreaterThan(1);
  expect(second?.publisher?.killed).toBeGreaterThan(0);
  expect(second?.publisher?.throttledEntries).toBeGreaterThan(0);
}, 600_000);
