import { createPartUrls } from '@sluice/client/part-urls';
import { describe, expect, test } from 'vitest';

const NOON = Date.parse('2026-06-01T12:00:00.000Z');
function at(minutes: number): string {
  return new Date(NOON + minutes * 60_000).toISOString();
}

function setup({ firstEndsAt = at(60), lifeMinutes = 60 } = {}) {
  let now = NOON;
  let signed = 0;
  const sign = async () => {
    signed++;
    return {
      prefix: 'part-',
      suffix: '-',
      signatures: [`a${signed}`, `b${signed}`],
      expiresAt: new Date(now + lifeMinutes * 60_000).toISOString(),
    };
  };
  const first = {
    partSize: 1,
    partCount: 2,
    parts: [{ partNumber: 1, url: 'first-1' }],
    urlsExpireAt: firstEndsAt,
  };
  return {
    urls: createPartUrls(sign, first, () => now),
    signed: () => signed,
    pass: (minutes: number) => {
      now += minutes * 60_000;
    },
  };
}

describe('the URLs of parts', () => {
  test('are those that came with the upload, then signed ones', async () => {
    const { urls, signed } = setup();
    expect(await urls.of(1)).toBe('first-1');
    expect(signed()).toBe(0);
    expect(await urls.of(2)).toBe('part-2-b1');
    expect(await urls.of(1)).toBe('part-1-a1');
    expect(signed()).toBe(1);
  });

  test('are signed once for all that ask at the same time', async () => {
    const { urls, signed } = setup();
    await Promise.all([urls.of(2), urls.of(2), urls.renew(1, 'first-1')]);
    expect(signed()).toBe(1);
  });

  test('are signed again before use once their time is up', async () => {
    const { urls, signed, pass } = setup();
    await urls.of(2);
    pass(61);
    expect(await urls.of(1)).toBe('part-1-a2');
    expect(signed()).toBe(2);
  });

  test('are not signed again for a part whose refused one has been replaced', async () => {
    const { urls, signed } = setup();
    await urls.renew(1, 'first-1');
    expect(await urls.renew(1, 'first-1')).toBe('part-1-a1');
    expect(signed()).toBe(1);
  });

  test('are not signed for every part by a clock that is ahead', async () => {
    const { urls, signed } = setup({ firstEndsAt: at(-600), lifeMinutes: -600 });
    expect(await urls.of(1)).toBe('first-1');
    await urls.of(2);
    await urls.of(2);
    expect(signed()).toBe(1);
  });
});
