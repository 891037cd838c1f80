// max_bandwidth, both ways. Time is a clock of the test's: waiting moves it on, and nothing waits.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { CodeSettings } from '@sluice/connection/settings/resolve';
import { type Bandwidth, bandwidthOf, createBandwidth } from '@sluice/connection/transfers/bandwidth';
import { downloadFile, downloadStream } from '@sluice/connection/transfers/download';
import { planTransfer } from '@sluice/connection/transfers/options';
import { uploadBytes, uploadFile, uploadStream } from '@sluice/connection/transfers/upload';
import { describe, expect, test } from 'vitest';
import { setup as setupClient } from './servers/client.ts';
import { serveProxy } from './servers/proxy.ts';
import { serveStrictStore } from './servers/strict-store.ts';

const MIB = 2 ** 20;
const RATE = MIB;

function createClock() {
  let time = 0;
  return {
    now: () => time,
    async wait(ms: number) {
      const until = time + ms;
      // As with timers, others may have waited longer meanwhile.
      await Promise.resolve();
      time = Math.max(time, until);
    },
  };
}

async function setup(code: CodeSettings = {}) {
  const store = await serveStrictStore();
  const { client } = setupClient(store.url, code);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bandwidth-'));
  const clock = createClock();
  const limit = createBandwidth(RATE, clock);
  const pieces: number[] = [];
  const bandwidth: Bandwidth = {
    ...limit,
    take(bytes, signal) {
      pieces.push(bytes);
      return limit.take(bytes, signal);
    },
  };
  return {
    store,
    client,
    bandwidth,
    pieces,
    seconds: () => clock.now() / 1000,
    object: { client, bucket: 'bucket', key: 'k', partBytes: 5 * MIB, bandwidth },
    path: join(folder, 'file'),
    async [Symbol.asyncDispose]() {
      client.destroy();
      rmSync(folder, { recursive: true });
      await store[Symbol.asyncDispose]();
    },
  };
}

const CONTENT = Buffer.alloc(11 * MIB, 'content ');
const SMALL = CONTENT.subarray(0, MIB);

describe('a transfer with a limit', () => {
  test.each([
    ['with nothing in it', SMALL.subarray(0, 0)],
    ['in one piece', SMALL],
    ['in parts', CONTENT],
  ])('sends no byte before its time %s, from bytes, file and stream alike', async (_how, content) => {
    await using s3 = await setup();
    writeFileSync(s3.path, content);
    await uploadBytes({ ...s3.object, bytes: content });
    await uploadFile({ ...s3.object, path: s3.path });
    await uploadStream({ ...s3.object, stream: Readable.from([content]) });
    expect(s3.store.objects.get('k')?.equals(content)).toBe(true);
    expect(s3.seconds()).toBeCloseTo((3 * content.length) / RATE, 2);
    expect(Math.max(0, ...s3.pieces)).toBe(Math.min(content.length, s3.bandwidth.pieceBytes));
  });

  test.each([
    ['in one piece', SMALL],
    ['in ranges', CONTENT],
  ])('receives no byte before its time %s, into a file and as a stream', async (_how, content) => {
    await using s3 = await setup();
    s3.store.objects.set('k', content);
    await downloadFile({ ...s3.object, path: s3.path });
    expect(readFileSync(s3.path).equals(content)).toBe(true);
    const { body } = await downloadStream(s3.object);
    expect((await buffer(body)).equals(content)).toBe(true);
    expect(s3.seconds()).toBeCloseTo((2 * content.length) / RATE, 2);
    expect(Math.max(...s3.pieces)).toBeLessThanOrEqual(s3.bandwidth.pieceBytes);
  });

  test('keeps to it through a proxy, where ranges go another way', async () => {
    await using proxy = await serveProxy();
    await using s3 = await setup({ httpProxy: proxy.url });
    s3.store.objects.set('k', CONTENT);
    await downloadFile({ ...s3.object, path: s3.path });
    expect(readFileSync(s3.path).equals(CONTENT)).toBe(true);
    expect(s3.seconds()).toBeCloseTo(CONTENT.length / RATE, 2);
  });

  test('sends what a failed attempt sent again at the same rate', async () => {
    await using s3 = await setup({ maxAttempts: 2 });
    let fails = true;
    s3.client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const failed = fails;
        fails = false;
        if (failed) throw Object.assign(new Error('reset'), { name: 'TimeoutError', code: 'ECONNRESET' });
        return result;
      },
      { step: 'deserialize', priority: 'high' },
    );
    await uploadBytes({ ...s3.object, bytes: SMALL });
    expect(s3.store.objects.get('k')?.equals(SMALL)).toBe(true);
    expect(s3.seconds()).toBeCloseTo((2 * SMALL.length) / RATE, 2);
  });

  test('ends at once when it is aborted, however long it would have to wait', async () => {
    await using s3 = await setup();
    const stop = new AbortController();
    const request = { ...s3.object, bandwidth: createBandwidth(1024), signal: stop.signal };
    const upload = uploadBytes({ ...request, bytes: SMALL });
    s3.store.objects.set('k', SMALL);
    const download = downloadFile({ ...request, path: s3.path });
    setTimeout(() => stop.abort(), 50);
    await expect(upload).rejects.toMatchObject({ cause: { code: 'aborted' } });
    await expect(download).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a limit', () => {
  test('is shared by the transfers that are given it, and saves nothing up', async () => {
    const clock = createClock();
    const { take } = createBandwidth(1_000_000, clock);
    await Promise.all([take(500_000), take(500_000)]);
    expect(clock.now()).toBe(1_000);
    await clock.wait(60_000);
    await take(1_000_000);
    expect(clock.now()).toBe(62_000);
  });

  test('is one for all transfers of a client whose settings have it', async () => {
    await using s3 = await setup({ maxBytesPerSecond: 4096 });
    expect(bandwidthOf(s3.client)?.bytesPerSecond).toBe(4096);
    expect(bandwidthOf(s3.client)).toBe(bandwidthOf(s3.client));
    await using free = await setup();
    expect(bandwidthOf(free.client)).toBeUndefined();
  });

  test('leaves no more parts side by side than have something to send', () => {
    const hands = (maxBytesPerSecond: number) => planTransfer({ maxBytesPerSecond }, 0).concurrency;
    expect([1024, 64 * 1024, 200 * 1024, 100 * MIB].map(hands)).toEqual([1, 1, 3, 10]);
  });

  test('lets pass a sixteenth of a second at once, and never more than 64 KiB', () => {
    const pieces = [1024, 160_000, 10 * MIB, 8 * 2 ** 30].map((rate) => createBandwidth(rate).pieceBytes);
    expect(pieces).toEqual([1024, 10_000, 65_536, 65_536]);
  });

  test.each([0, 1023, 1.5, Number.NaN])('of %s bytes each second is refused', (rate) => {
    expect(() => createBandwidth(rate)).toThrow('maxBytesPerSecond must be a whole number from 1024');
  });
});
