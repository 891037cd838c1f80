import { CredentialsExpiredError } from '@sluice/connection/sign/credentials';
import { decideLifetime } from '@sluice/connection/sign/lifetime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lifetimes, signingTimes } from './arbitraries.ts';

function setup() {
  const noon = new Date('2026-11-22T12:00:00Z');
  const expiringAt = (expiration: Date) => ({ accessKeyId: 'A', secretAccessKey: 's', expiration });
  return { noon, lasting: { accessKeyId: 'A', secretAccessKey: 's' }, expiringAt };
}

describe('decideLifetime', () => {
  test('gives what was asked for when the credentials do not expire', () => {
    const { noon, lasting } = setup();

    expect(decideLifetime(lasting, noon, 900)).toEqual({
      stamp: { day: '20261122', time: '20261122T120000Z' },
      seconds: 900,
      expiresAt: new Date('2026-11-22T12:15:00Z'),
    });
  });

  test('ends at the last whole second of the credentials when those end sooner', () => {
    const { noon, expiringAt } = setup();

    expect(decideLifetime(expiringAt(new Date('2026-11-22T12:05:00.999Z')), noon, 900)).toMatchObject({
      seconds: 300,
      expiresAt: new Date('2026-11-22T12:05:00Z'),
    });
  });

  test('counts from the whole second, which is all that a signature can say', () => {
    const { lasting } = setup();

    expect(decideLifetime(lasting, new Date('2026-11-22T12:00:00.900Z'), 60)).toMatchObject({
      stamp: { time: '20261122T120000Z' },
      expiresAt: new Date('2026-11-22T12:01:00Z'),
    });
  });

  test('never exceeds the wish or the credentials, and writes the time as any clock does', () => {
    fc.assert(
      fc.property(
        lifetimes,
        signingTimes,
        fc.integer({ min: 1001, max: 1e9 }),
        (wish, signedAt, remaining) => {
          const { expiringAt } = setup();
          const expiration = new Date(signedAt.getTime() + remaining);

          const { stamp, seconds, expiresAt } = decideLifetime(expiringAt(expiration), signedAt, wish);

          expect(seconds).toBeLessThanOrEqual(wish);
          expect(expiresAt.getTime()).toBeLessThanOrEqual(expiration.getTime());
          expect(stamp.time).toBe(signedAt.toISOString().replaceAll(/[:-]|\.\d+/g, ''));
          expect(stamp.day).toBe(stamp.time.slice(0, 8));
        },
      ),
    );
  });

  test.each([0, -1, 604_801, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d seconds', (wish) => {
    const { noon, lasting } = setup();

    expect(() => decideLifetime(lasting, noon, wish)).toThrow(
      new RangeError(`expiresInSeconds must be a whole number from 1 to 604800, not ${wish}`),
    );
  });

  test.each(['2026-11-22T11:59:59Z', '2026-11-22T12:00:00Z', '2026-11-22T12:00:00.999Z'])(
    'refuses to sign at noon with credentials that end at %s',
    (expiration) => {
      const { noon, expiringAt } = setup();

      expect(() => decideLifetime(expiringAt(new Date(expiration)), noon, 60)).toThrow(
        CredentialsExpiredError,
      );
    },
  );

  test('refuses a time of signing that is none', () => {
    const { lasting } = setup();

    expect(() => decideLifetime(lasting, new Date('soon'), 60)).toThrow('signedAt is not a valid date');
  });
});
