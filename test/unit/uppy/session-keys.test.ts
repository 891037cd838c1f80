import { describe, expect, test } from 'vitest';
import { createSessionTokens, type UploadSession } from '../../../src/lib/uppy/session.ts';
import { createSessionKeys } from '../../../src/lib/uppy/session-keys.ts';

const OLD = 'o'.repeat(64);
const NEW = 'n'.repeat(64);
const SESSION: UploadSession = { caller: { kind: 'user', tenant: 'acme', subject: 'ada' } };
const MINUTE = 60_000;

/** A secret, and a function's memory of it. */
function setup() {
  let now = 1_795_166_100_000;
  let secret: readonly [string, ...string[]] | Error = [OLD];
  let reads = 0;
  const failures: unknown[] = [];
  const keys = createSessionKeys({
    read: async () => {
      reads += 1;
      await Promise.resolve();
      if (secret instanceof Error) throw secret;
      return secret;
    },
    now: () => now,
    onFailure: (error) => failures.push(error),
  });
  /** A token of a session that another function has just begun. */
  const tokenOf = (key: string) => createSessionTokens([key]).issue(SESSION, now + 60 * MINUTE);
  return {
    keys,
    failures,
    reads: () => reads,
    pass: (ms: number) => {
      now += ms;
    },
    put: (next: typeof secret) => {
      secret = next;
    },
    tokenOf,
    /** What comes of a token where it is read. */
    read: async (token: string) => (await keys.tokens(token)).read(token, now).caller,
  };
}

const invalid = expect.objectContaining({ code: 'session_invalid' });

describe('the keys of the sessions', () => {
  test('are read by the first call alone, however many come at once', async () => {
    const { keys, reads } = setup();
    await Promise.all(Array.from({ length: 20 }, () => keys.tokens()));
    await keys.tokens();
    expect(reads()).toBe(1);
  });

  test('are read again after five minutes', async () => {
    const { keys, reads, pass } = setup();
    await keys.tokens();
    pass(5 * MINUTE - 1);
    await keys.tokens();
    expect(reads()).toBe(1);
    pass(1);
    await keys.tokens();
    expect(reads()).toBe(2);
  });

  test('are read again at once for a token of a key that was put there since', async () => {
    const { read, pass, put, tokenOf } = setup();
    expect(await read(tokenOf(OLD))).toEqual(SESSION.caller);
    pass(20_000);
    put([NEW, OLD]);
    expect(await read(tokenOf(NEW))).toEqual(SESSION.caller);
    expect(await read(tokenOf(OLD))).toEqual(SESSION.caller);
  });

  test('are not read again for every token of a key that there never was', async () => {
    const { read, reads, pass, tokenOf } = setup();
    const foreign = tokenOf('f'.repeat(64));
    await expect(read(foreign)).rejects.toThrow(invalid);
    for (let second = 0; second < 60; second += 1) {
      pass(1_000);
      await expect(read(foreign)).rejects.toThrow(invalid);
    }
    expect(reads()).toBe(7);
  });

  test.each(['', 'x', 'slu1', 'slu1.a.b', 'slu2.a.b.c', 'slu1.a.b.c.d'])(
    'are not read again for %j, which is no token at all',
    async (text) => {
      const { read, reads, pass, tokenOf } = setup();
      await read(tokenOf(OLD));
      pass(MINUTE);
      await expect(read(text)).rejects.toThrow(invalid);
      expect(reads()).toBe(1);
    },
  );

  test('of a key that was taken back are worth nothing after five minutes', async () => {
    const { read, pass, put, tokenOf } = setup();
    const token = tokenOf(OLD);
    await read(token);
    put([NEW]);
    pass(5 * MINUTE);
    await expect(read(token)).rejects.toThrow(invalid);
  });

  test('that were read before serve for a quarter of an hour where they cannot be read, and no longer', async () => {
    const { read, pass, put, tokenOf, failures } = setup();
    const token = tokenOf(OLD);
    await read(token);
    const unavailable = new Error('unavailable');
    put(unavailable);
    pass(15 * MINUTE - 1);
    expect(await read(token)).toEqual(SESSION.caller);
    expect(failures).toEqual([unavailable]);
    pass(1);
    await expect(read(token)).rejects.toBe(unavailable);
  });

  test('fail a call that has none, or a token of an unknown key, when they cannot be read', async () => {
    const { keys, read, pass, put, tokenOf } = setup();
    const unavailable = new Error('unavailable');
    put(unavailable);
    await expect(keys.tokens()).rejects.toBe(unavailable);
    put([OLD]);
    pass(2_000);
    await keys.tokens();
    put(unavailable);
    pass(MINUTE);
    // It may be a good one: nobody can say that it is not.
    await expect(read(tokenOf(NEW))).rejects.toBe(unavailable);
  });

  test('too short to be keys are not taken up', async () => {
    const { read, pass, put, tokenOf, failures } = setup();
    const token = tokenOf(OLD);
    await read(token);
    put(['short']);
    pass(5 * MINUTE);
    expect(await read(token)).toEqual(SESSION.caller);
    expect(failures).toEqual([expect.objectContaining({ message: expect.stringContaining('too short') })]);
  });
});
