import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClamd } from '../../../src/lib/clamav/clamd.ts';
import { ClamdFailed, IncompleteContent } from '../../../src/lib/clamav/faults.ts';
import type { ClamdPatience } from '../../../src/lib/clamav/limits.ts';
import { startFakeClamd } from '../../fakes/clamd.ts';

const PATIENCE: ClamdPatience = { connectMs: 2_000, stallMs: 2_000, verdictMs: 2_000 };
const PIECE = Buffer.alloc(64 * 1024, 'a');

async function setup(wanted: Parameters<typeof startFakeClamd>[0], patience: Partial<ClamdPatience> = {}) {
  const fake = await startFakeClamd(wanted);
  onTestFinished(fake.stop);
  const clamd = createClamd(fake.address, { ...PATIENCE, ...patience });
  const { signal } = new AbortController();
  return {
    fake,
    clamd,
    scan: (content: AsyncIterable<Uint8Array>, size: number) => clamd.scan(content, size, signal),
  };
}

async function* pieces(...list: readonly (string | Uint8Array)[]) {
  for (const piece of list) yield Buffer.from(piece);
}

/** Many pieces, which count how many were taken, and whether the rest was let go. */
function createSource(count: number, piece: Uint8Array = PIECE) {
  const seen = { taken: 0, isOver: false };
  async function* content() {
    try {
      for (; seen.taken < count; seen.taken += 1) yield piece;
    } finally {
      seen.isOver = true;
    }
  }
  return { seen, content: content(), size: count * piece.length };
}

describe('a scan', () => {
  test('sends each piece with its length, and an end', async () => {
    const { scan, fake } = await setup({ answer: 'stream: OK' });
    expect(await scan(pieces('abc', 'de'), 5)).toEqual({ outcome: 'clean' });
    expect(fake.heard).toEqual([{ command: 'zINSTREAM', frames: [3, 2], bytes: Buffer.from('abcde') }]);
  });

  test('does not send an empty piece, which would be the end', async () => {
    const { scan, fake } = await setup({ answer: 'stream: OK' });
    expect(await scan(pieces('', 'abc', '', 'de', ''), 5)).toEqual({ outcome: 'clean' });
    expect(fake.heard[0]?.frames).toEqual([3, 2]);
  });

  test('of an empty file is sent, too', async () => {
    const { scan, fake } = await setup({ answer: 'stream: OK' });
    expect(await scan(pieces(), 0)).toEqual({ outcome: 'clean' });
    expect(fake.heard).toEqual([{ command: 'zINSTREAM', frames: [], bytes: Buffer.alloc(0) }]);
  });

  test('brings any bytes, in any pieces, as they are', async () => {
    const { scan, fake } = await setup({ answer: 'stream: X FOUND' });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 20 }), async (list) => {
        const whole = Buffer.concat(list);
        expect(await scan(pieces(...list), whole.length)).toEqual({ outcome: 'infected', threats: ['X'] });
        expect(fake.heard.at(-1)?.bytes.equals(whole)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('reads an answer that comes in single bytes', async () => {
    const { scan } = await setup({
      behave: async (_, socket) => {
        socket.setNoDelay(true);
        for (const byte of Buffer.from('stream: Eicar FOUND\0')) {
          socket.write(Buffer.of(byte));
          await delay(1);
        }
      },
    });
    expect(await scan(pieces('x'), 1)).toEqual({ outcome: 'infected', threats: ['Eicar'] });
  });

  test('stops reading the file when clamd answers before its end', async () => {
    const { scan } = await setup({
      limit: { bytes: 200_000, answer: 'INSTREAM size limit exceeded. ERROR' },
    });
    const { content, size, seen } = createSource(10_000);
    expect(await scan(content, size)).toMatchObject({ outcome: 'unsupported' });
    expect(seen.isOver).toBe(true);
    expect(seen.taken).toBeLessThan(1_000);
  });

  test('believes in no clean file of which clamd has only the beginning', async () => {
    const { scan } = await setup({ limit: { bytes: 200_000, answer: 'stream: OK' } });
    const { content, size } = createSource(1_000);
    await expect(scan(content, size)).rejects.toThrow('clamd found a file clean before it had all of it');
  });

  test('believes in an infected one', async () => {
    const { scan } = await setup({ limit: { bytes: 200_000, answer: 'stream: Eicar FOUND' } });
    const { content, size } = createSource(1_000);
    expect(await scan(content, size)).toEqual({ outcome: 'infected', threats: ['Eicar'] });
  });

  test.each([
    ['fewer', 4],
    ['more', 2],
  ])('of a content with %s bytes than the object is not finished', async (_, size) => {
    const { scan, fake } = await setup({ answer: 'stream: OK' });
    await expect(scan(pieces('abc'), size)).rejects.toThrow(IncompleteContent);
    expect(fake.heard).toEqual([]);
  });

  test('of a content that breaks off throws what that says, and hangs up', async () => {
    const { scan, fake } = await setup({ answer: 'stream: OK' });
    async function* broken() {
      yield PIECE;
      throw new Error('the store hung up');
    }
    await expect(scan(broken(), 100_000)).rejects.toThrow('the store hung up');
    await expect.poll(fake.connections).toBe(0);
    expect(fake.heard).toEqual([]);
  });

  test('takes no more of the content than clamd takes', async () => {
    const { clamd } = await setup({ onConnection: (socket) => socket.pause() }, { stallMs: 60_000 });
    const stop = new AbortController();
    const { content, size, seen } = createSource(10_000);
    const scanning = clamd.scan(content, size, stop.signal);
    let before = -1;
    await expect
      .poll(
        () => {
          const isAtRest = seen.taken > 0 && seen.taken === before;
          before = seen.taken;
          return isAtRest;
        },
        { interval: 200, timeout: 15_000 },
      )
      .toBe(true);
    // The sockets' own buffers take some MiB of 640.
    expect(seen.taken * PIECE.length).toBeLessThan(64 * 1024 ** 2);
    stop.abort(new Error('enough'));
    await expect(scanning).rejects.toThrow('enough');
  });
});

describe('has no judgement', () => {
  const HANGS_UP = [
    ['hangs up at once', { onConnection: (socket) => socket.destroy() }],
    ['hangs up in place of an answer', { behave: (_, socket) => socket.end() }],
    ['is cut off in the middle of its answer', { behave: (_, socket) => socket.end('stream: OK') }],
    ['resets the connection', { behave: (_, socket) => socket.resetAndDestroy() }],
  ] satisfies [string, Parameters<typeof startFakeClamd>[0]][];

  test.each(HANGS_UP)('of a clamd that %s', async (_, wanted) => {
    const { scan } = await setup(wanted);
    await expect(scan(pieces('abc'), 3)).rejects.toThrow(/^clamd .*hung up/);
    await expect(scan(pieces('abc'), 3)).rejects.toBeInstanceOf(ClamdFailed);
  });

  test('of one that is not there', async () => {
    const { clamd, fake } = await setup({});
    fake.stop();
    const scanning = clamd.scan(pieces('abc'), 3, new AbortController().signal);
    await expect(scanning).rejects.toThrow(/^clamd cannot be reached .*ECONNREFUSED/);
  });

  test('of one that never answers', async () => {
    const { scan } = await setup({}, { verdictMs: 50 });
    await expect(scan(pieces('abc'), 3)).rejects.toThrow(/^clamd does not answer .*nothing for 50 ms/);
  });

  test('of one that takes no bytes', async () => {
    const { scan } = await setup({ onConnection: (socket) => socket.pause() }, { stallMs: 50 });
    const { content, size } = createSource(10_000);
    await expect(scan(content, size)).rejects.toThrow(/^clamd takes no more bytes .*nothing for 50 ms/);
  });

  test('of one that never ends its answer', async () => {
    const { scan } = await setup({ behave: (_, socket) => socket.write('x'.repeat(5_000)) });
    await expect(scan(pieces('abc'), 3)).rejects.toThrow(
      'clamd does not answer (clamd answers something else',
    );
  });

  test('of one that speaks of something else', async () => {
    const { scan } = await setup({ answer: 'HTTP/1.1 400 Bad Request' });
    await expect(scan(pieces('abc'), 3)).rejects.toThrow('clamd answered "HTTP/1.1 400 Bad Request"');
  });
});

describe('a signal', () => {
  test('that is given before the scan begins opens no connection', async () => {
    const { clamd, fake } = await setup({ answer: 'stream: OK' });
    const scanning = clamd.scan(pieces('abc'), 3, AbortSignal.abort(new Error('too late')));
    await expect(scanning).rejects.toThrow('too late');
    expect(fake.heard).toEqual([]);
  });

  test('ends a scan that waits for its answer, and hangs up', async () => {
    const { clamd, fake } = await setup({});
    const stop = new AbortController();
    const scanning = clamd.scan(pieces('abc'), 3, stop.signal);
    await expect.poll(() => fake.heard.length).toBe(1);
    stop.abort(new Error('the deadline'));
    await expect(scanning).rejects.toThrow('the deadline');
    await expect.poll(fake.connections).toBe(0);
  });
});

describe('a question', () => {
  test('is PING, which PONG answers', async () => {
    const { clamd, fake } = await setup({ answer: 'PONG' });
    await clamd.ping(new AbortController().signal);
    expect(fake.heard[0]?.command).toBe('zPING');
  });

  test('is not answered by another word', async () => {
    const { clamd } = await setup({ answer: 'UNKNOWN COMMAND' });
    await expect(clamd.ping(new AbortController().signal)).rejects.toThrow('does not answer PING with PONG');
  });

  test('is VERSION, whose answer is given as it is', async () => {
    const { clamd, fake } = await setup({ answer: 'ClamAV 1.4.6/27800/Thu Nov 26 08:00:00 2026' });
    const version = await clamd.version(new AbortController().signal);
    expect(version).toBe('ClamAV 1.4.6/27800/Thu Nov 26 08:00:00 2026');
    expect(fake.heard[0]?.command).toBe('zVERSION');
  });
});
