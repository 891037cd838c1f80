import { refreshing } from '@sluice/connection/refresh';
import { expect, test } from 'vitest';

const MINUTE = 60_000;

/** A source whose keys live an hour, and a clock that is moved by hand. */
function setup({ expires = true } = {}) {
  const clock = { now: 0, asked: 0, broken: false };
  const provide = refreshing(
    async () => {
      clock.asked += 1;
      if (clock.broken) throw new Error('STS is down');
      return {
        accessKeyId: `AKIA${clock.asked}`,
        secretAccessKey: 's',
        ...(expires && { expiration: new Date(clock.now + 60 * MINUTE) }),
      };
    },
    () => clock.now,
  );
  return { clock, keyId: async () => (await provide()).accessKeyId };
}

test('asks once for all calls that wait', async () => {
  const { clock, keyId } = setup();
  expect(await Promise.all([keyId(), keyId(), keyId()])).toEqual(['AKIA1', 'AKIA1', 'AKIA1']);
  expect(clock.asked).toBe(1);
});

test('asks again in the last five minutes, not before', async () => {
  const { clock, keyId } = setup();
  await keyId();
  clock.now = 54 * MINUTE;
  expect(await keyId()).toBe('AKIA1');
  clock.now = 55 * MINUTE;
  expect(await keyId()).toBe('AKIA2');
});

test('keeps a key without an end for ever', async () => {
  const { clock, keyId } = setup({ expires: false });
  await keyId();
  clock.now = 10_000 * MINUTE;
  expect(await keyId()).toBe('AKIA1');
});

test('uses the key at hand to its end while the source fails, then fails, then recovers', async () => {
  const { clock, keyId } = setup();
  await keyId();
  clock.broken = true;
  clock.now = 59 * MINUTE;
  expect(await keyId()).toBe('AKIA1');
  clock.now = 60 * MINUTE;
  await expect(keyId()).rejects.toThrow('STS is down');
  clock.broken = false;
  expect(await keyId()).toBe('AKIA4');
});
