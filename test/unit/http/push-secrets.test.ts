import { describe, expect, test } from 'vitest';
import { createPushSecrets } from '../../../src/lib/http/push-secrets.ts';

const OLD = 'o'.repeat(64);
const NEW = 'n:'.repeat(32);

function setup(...first: [string, ...string[]]) {
  let now = 1_795_166_100_000;
  let secrets: [string, ...string[]] = first;
  let reads = 0;
  const { know } = createPushSecrets({
    read: async () => {
      reads += 1;
      return secrets;
    },
    now: () => now,
    onFailure: () => {},
  });
  return {
    know,
    reads: () => reads,
    replace: (...next: [string, ...string[]]) => {
      secrets = next;
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}
function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

describe('the secret of pushed notifications', () => {
  test.each([
    ['a bearer token', `Bearer ${OLD}`],
    ['a bearer token in small letters', `bearer ${OLD}`],
    ['the password of anybody', basic('sluice', OLD)],
    ['the password of nobody', basic('', OLD)],
  ])('is known as %s', async (_case, authorization) => {
    expect(await setup(OLD).know(authorization)).toBe(true);
  });

  test('may hold a colon', async () => {
    expect(await setup(NEW).know(basic('sluice', NEW))).toBe(true);
  });

  test.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['the secret alone', OLD],
    ['another scheme', `Digest ${OLD}`],
    ['a part of it', `Bearer ${OLD.slice(1)}`],
    ['more than it', `Bearer ${OLD}o`],
    ['two of it', `Bearer ${OLD} ${OLD}`],
    ['it as the name', basic(OLD, '')],
    ['no pair', `Basic ${Buffer.from(OLD).toString('base64')}`],
    ['no base64', 'Basic %%%'],
  ])('is not known as %s', async (_case, authorization) => {
    expect(await setup(OLD).know(authorization)).toBe(false);
  });

  test('is replaced at once, and the one before is good for as long as it is kept', async () => {
    const { know, replace, pass } = setup(OLD);
    expect(await know(`Bearer ${OLD}`)).toBe(true);
    pass(20_000);
    replace(NEW, OLD);
    expect(await know(`Bearer ${NEW}`)).toBe(true);
    expect(await know(`Bearer ${OLD}`)).toBe(true);
    replace(NEW);
    pass(5 * 60_000);
    expect(await know(`Bearer ${OLD}`)).toBe(false);
  });

  test('is not read again for every wrong one', async () => {
    const { know, reads, pass } = setup(OLD);
    for (let second = 0; second < 60; second += 1) {
      await know('Bearer wrong');
      pass(1_000);
    }
    expect(reads()).toBe(6);
  });

  test('is not read at all for what holds none', async () => {
    const { know, reads } = setup(OLD);
    await know(undefined);
    expect(reads()).toBe(0);
  });

  test('is refused as a secret where it is too short to be one', async () => {
    await expect(setup('short').know('Bearer short')).rejects.toThrow('too short');
  });
});
