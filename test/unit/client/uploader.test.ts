import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  NetworkError,
  NotSettledError,
  ProblemError,
  SourceError,
  StorageError,
  UnauthorizedError,
} from '@sluice/client/errors';
import { openFile } from '@sluice/client/file';
import type { FileSource } from '@sluice/client/platform';
import type { Timing } from '@sluice/client/timing';
import { createUploader, type Progress, type UploaderOptions } from '@sluice/client/uploader';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { type SluiceServer, startSluiceServer } from '../../fakes/sluice-server.ts';

const MiB = 1024 * 1024;

async function setup(options: Partial<UploaderOptions> = {}) {
  const server = await startSluiceServer();
  const pauses: number[] = [];
  let clock = 0;
  const timing: Timing = {
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      pauses.push(milliseconds);
      clock += milliseconds;
    },
    random: () => 0.5,
    now: () => clock,
  };
  const uploader = createUploader({ endpoint: server.endpoint, token: 'token-1', timing, ...options });
  return { server, uploader, pauses, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function textFile(size: number) {
  return new File([new Uint8Array(size).fill(97)], 'letters.txt', { type: 'text/plain' });
}

/** A file that says it has a size, and gives whatever bytes it likes. */
function sourceOf(size: number, stream: FileSource['stream']): FileSource {
  return {
    name: 'a.txt',
    type: 'text/plain',
    size,
    stream,
    slice: () => {
      throw new Error('nobody cuts a small file');
    },
  };
}

function onlyObject(server: SluiceServer): Buffer {
  expect(server.objects.size).toBe(1);
  return [...server.objects.values()][0] ?? Buffer.alloc(0);
}

function onlyUpload(server: SluiceServer) {
  expect(server.uploads.size).toBe(1);
  return [...server.uploads.values()][0];
}

test.each([
  ['a small file', 10],
  ['a file that S3 is asked about first', 2 * MiB],
])(
  'an error of a listener ends the upload of %s, and is not taken for a broken line',
  async (_what, size) => {
    await using world = await setup();
    const mistake = new Error('a mistake of the page');
    const upload = world.uploader.upload(textFile(size), {
      onProgress: ({ phase }) => {
        if (phase === 'sending') throw mistake;
      },
    });
    await expect(upload).rejects.toBe(mistake);
    expect(world.pauses).toEqual([]);
  },
);

describe('an upload', () => {
  test('resolves with the accepted upload once the bytes are verified', async () => {
    await using world = await setup();
    const upload = await world.uploader.upload(textFile(1000), {
      metadata: { project: 'apollo' },
      policy: 'everything',
      reference: 'order 1',
    });
    expect(upload).toMatchObject({
      state: 'accepted',
      filename: 'letters.txt',
      contentType: 'text/plain',
      size: 1000,
      metadata: { project: 'apollo' },
      reference: 'order 1',
    });
    expect(onlyObject(world.server)).toEqual(Buffer.alloc(1000, 'a'));
  });

  test('resolves with the rejected upload and its reason, because a verdict is no error', async () => {
    await using world = await setup();
    world.server.settleAs({ state: 'rejected', reason: 'type_mismatch', detail: 'It is HTML.' });
    await expect(world.uploader.upload(textFile(10))).resolves.toMatchObject({
      state: 'rejected',
      reason: 'type_mismatch',
    });
  });

  test('tells each state once, in order', async () => {
    await using world = await setup();
    const states: string[] = [];
    await world.uploader.upload(textFile(10), { onState: ({ state }) => states.push(state) });
    expect(states).toEqual(['requested', 'verifying', 'accepted']);
  });

  test('sends exactly the headers that were signed', async () => {
    await using world = await setup();
    await world.uploader.upload(textFile(10));
    expect(world.server.calls('PUT /s3/{id}')[0]?.headers).toMatchObject({
      'content-length': '10',
      'content-type': 'text/plain',
      'if-none-match': '*',
    });
    expect(world.server.calls('PUT /s3/{id}')[0]?.headers).not.toHaveProperty('authorization');
  });

  test('sends the fields, then the file, when the transport is post', async () => {
    await using world = await setup();
    await world.uploader.upload(textFile(10), { transport: 'post', filename: 'a "b".txt' });
    const sent = onlyObject(world.server);
    const form = await new Response(new Uint8Array(sent), {
      headers: { 'content-type': world.server.calls('POST /s3/{id}')[0]?.headers['content-type'] ?? '' },
    }).formData();
    expect([...form.keys()]).toEqual(['key', 'policy', 'content-type', 'file']);
    const file = form.get('file');
    expect(file).toBeInstanceOf(File);
    if (file instanceof File) expect([file.name, await file.text()]).toEqual(['a "b".txt', 'a'.repeat(10)]);
  });

  test('declares the SHA-256 of the file when asked to', async () => {
    await using world = await setup();
    const phases = new Set<string>();
    await world.uploader.upload(textFile(3 * MiB), {
      checksum: 'sha256',
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(onlyUpload(world.server)?.checksum).toEqual({
      algorithm: 'sha256',
      value: createHash('sha256')
        .update(Buffer.alloc(3 * MiB, 'a'))
        .digest('base64'),
    });
    expect([...phases]).toEqual(['hashing', 'sending']);
  });

  test.each([
    ['text/csv;charset=utf-8', 'text/csv'],
    ['application/vnd.ms-excel', 'text/csv'],
    ['', 'text/csv'],
  ])('declares a CSV file that the browser calls "%s" as %s', async (type, expected) => {
    await using world = await setup();
    await world.uploader.upload(new File(['a'], 'a.csv', { type }));
    expect(onlyUpload(world.server)?.contentType).toBe(expected);
  });

  test('returns before the verdict when only sending is asked for', async () => {
    await using world = await setup();
    await expect(world.uploader.send(textFile(10))).resolves.toMatchObject({ state: 'requested' });
    expect(world.server.calls('GET /uploads/{id}')).toEqual([]);
  });
});

describe('progress', () => {
  test('grows from chunk to chunk and ends at the size of a file on disk', async () => {
    await using world = await setup();
    const folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    try {
      await writeFile(join(folder, 'big.txt'), Buffer.alloc(5 * MiB, 'b'));
      const seen: Progress[] = [];
      await world.uploader.upload(await openFile(join(folder, 'big.txt')), {
        contentType: 'text/plain',
        onProgress: (progress) => seen.push(progress),
      });
      const bytes = seen.map((progress) => progress.bytes);
      expect(bytes.length).toBeGreaterThan(3);
      expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
      expect(seen.at(-1)).toEqual({ phase: 'sending', bytes: 5 * MiB, totalBytes: 5 * MiB });
      expect(onlyObject(world.server).length).toBe(5 * MiB);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a failure in passing', () => {
  test('repeats the request under one key and makes one upload when its answer is lost', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads', { kind: 'lose-answer' }, { kind: 'lose-answer' });
    await world.uploader.upload(textFile(10));
    const keys = world.server.calls('POST /uploads').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(world.server.uploads.size).toBe(1);
  });

  test('uses another key for another upload', async () => {
    await using world = await setup();
    await world.uploader.send(textFile(1));
    await world.uploader.send(textFile(1));
    expect(world.server.uploads.size).toBe(2);
  });

  test('sends the file anew when the connection breaks in the middle of it', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}', { kind: 'cut-in-body', afterBytes: 2 * MiB });
    const bytes: number[] = [];
    await world.uploader.upload(textFile(6 * MiB), { onProgress: (progress) => bytes.push(progress.bytes) });
    expect(onlyObject(world.server).length).toBe(6 * MiB);
    expect(bytes.some((count, i) => count < (bytes[i - 1] ?? 0))).toBe(true);
  });

  test('goes on to the verdict when a repeated PUT answers 412, for the bytes are there', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}', { kind: 'lose-answer' });
    await expect(world.uploader.upload(textFile(10))).resolves.toMatchObject({ state: 'accepted' });
    expect(world.server.calls('PUT /s3/{id}')).toHaveLength(2);
  });

  test('sends no byte twice when a big file had got through before its answer was lost', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}', { kind: 'lose-answer' });
    await expect(world.uploader.upload(textFile(2 * MiB))).resolves.toMatchObject({ state: 'accepted' });
    expect(world.server.calls('PUT /s3/{id}')).toHaveLength(1);
  });

  test('rejects when the very first PUT answers 412, for then the bytes are not its own', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}', { kind: 'answer', status: 412 });
    await expect(world.uploader.upload(textFile(10))).rejects.toThrow(StorageError);
  });

  test('repeats what S3 is too busy for', async () => {
    await using world = await setup();
    const busy = { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' } as const;
    world.server.fail('PUT /s3/{id}', busy, busy);
    await expect(world.uploader.upload(textFile(10))).resolves.toMatchObject({ state: 'accepted' });
  });

  test('begins anew when nothing moves for too long', async () => {
    await using world = await setup({ stallMs: 50 });
    world.server.fail('PUT /s3/{id}', { kind: 'silence' });
    await expect(world.uploader.upload(textFile(10))).resolves.toMatchObject({ state: 'accepted' });
  });

  test('waits as long as Retry-After asks, and longer from one attempt to the next without', async () => {
    await using world = await setup();
    const busy = problem(503, 'too_busy', { retryable: true });
    world.server.fail('POST /uploads', busy, busy, { ...busy, headers: { 'retry-after': '7' } });
    await world.uploader.send(textFile(10));
    expect(world.pauses).toEqual([100, 200, 7000]);
  });

  test('rejects with the last failure when every attempt fails', async () => {
    await using world = await setup({ retry: { attempts: 3 } });
    world.server.fail('PUT /s3/{id}', { kind: 'cut' }, { kind: 'cut' }, { kind: 'cut' });
    await expect(world.uploader.upload(textFile(10))).rejects.toThrow(NetworkError);
    expect(world.pauses).toHaveLength(2);
  });
});

describe('a failure that stays', () => {
  test('rejects with the problem, and asks once, when it is not retryable', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads', problem(413, 'size_over_limit', { field: 'size' }));
    const error = await world.uploader.upload(textFile(10)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      problem: { code: 'size_over_limit', field: 'size' },
      message: 'detail of size_over_limit',
    });
    expect(world.server.calls('POST /uploads')).toHaveLength(1);
  });

  test('rejects with the code of S3 when the signature is refused', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}', {
      kind: 'answer',
      status: 403,
      body: '<Error><Code>AccessDenied</Code></Error>',
    });
    await expect(world.uploader.upload(textFile(10))).rejects.toMatchObject({
      status: 403,
      code: 'AccessDenied',
      retryable: false,
    });
  });

  test('rejects when the file is shorter than it was when the upload began', async () => {
    await using world = await setup();
    const shrunk = sourceOf(100, async function* () {
      yield new Uint8Array(60);
    });
    await expect(world.uploader.upload(shrunk)).rejects.toThrow(SourceError);
    expect(world.server.objects.size).toBe(0);
  });

  test('rejects when the file is longer than it was when the upload began', async () => {
    await using world = await setup();
    const grown = sourceOf(100, async function* () {
      yield new Uint8Array(99);
      yield new Uint8Array(2);
    });
    await expect(world.uploader.upload(grown)).rejects.toThrow(SourceError);
    expect(world.server.objects.size).toBe(0);
  });

  test('rejects with the upload as it stands when patience runs out before the verdict', async () => {
    await using world = await setup();
    world.server.settleAs({ state: 'verifying' });
    const error = await world.uploader
      .upload(textFile(10), { patienceMs: 60_000 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotSettledError);
    expect(error).toMatchObject({ upload: { state: 'verifying' } });
    expect(world.server.calls('GET /uploads/{id}').length).toBeLessThan(25);
    expect(Math.max(...world.pauses)).toBe(5120);
  });

  test('waits on for what is scanned or held, and says of a held upload what it waits for', async () => {
    await using world = await setup();
    for (const state of ['scanning', 'held'] as const) {
      world.server.settleAs({ state, detail: 'The scanner clamav failed 5 times.' });
      const error = await world.uploader
        .upload(textFile(10), { patienceMs: 60_000 })
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(NotSettledError);
      expect(error).toMatchObject({
        upload: { state },
        message: `The upload is still ${state}. The scanner clamav failed 5 times.`,
      });
    }
  });
});

describe('a token', () => {
  test('is renewed once when the API refuses it', async () => {
    const asked: (string | undefined)[] = [];
    const token = async (refused?: string) => {
      asked.push(refused);
      return refused === undefined ? 'stale' : 'token-1';
    };
    await using world = await setup({ token });
    await world.uploader.send(textFile(1));
    expect(asked).toEqual([undefined, 'stale']);
  });

  test('is not tried for ever when the API refuses the new one too', async () => {
    await using world = await setup({ token: async (refused) => `${refused}x` });
    await expect(world.uploader.send(textFile(1))).rejects.toThrow(UnauthorizedError);
    expect(world.server.calls('POST /uploads')).toHaveLength(2);
  });
});

describe('an abort', () => {
  test('before anything was sent rejects with the reason of the signal and asks for nothing', async () => {
    await using world = await setup();
    const reason = new Error('changed my mind');
    await expect(world.uploader.upload(textFile(10), { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(world.server.seen).toEqual([]);
  });

  test('in the middle of the file gives the upload up on the server', async () => {
    await using world = await setup();
    const stop = new AbortController();
    const reason = new Error('changed my mind');
    const upload = world.uploader.upload(textFile(8 * MiB), {
      signal: stop.signal,
      onProgress: () => stop.abort(reason),
    });
    await expect(upload).rejects.toBe(reason);
    expect(onlyUpload(world.server)?.state).toBe('aborted');
    expect(world.server.objects.size).toBe(0);
  });

  test('while waiting for the verdict leaves the upload alone', async () => {
    await using world = await setup();
    const stop = new AbortController();
    const upload = world.uploader.upload(textFile(10), {
      signal: stop.signal,
      onState: ({ state }) => state === 'verifying' && stop.abort(),
    });
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
    expect(world.server.calls('DELETE /uploads/{id}')).toEqual([]);
  });
});
