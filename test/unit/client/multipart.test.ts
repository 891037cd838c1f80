import { ProblemError, StorageError } from '@sluice/client/errors';
import { platform } from '@sluice/client/platform-node';
import type { UploadOptions } from '@sluice/client/uploader';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { bytesOf, bytesSent, fileOf, KiB, onlyUpload, PART, partsSent, openWorld as setup } from './world.ts';

const SIZE = 10 * PART + 1000;

const busy = { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' } as const;

describe('a file in parts', () => {
  test('arrives whole, each byte sent once, and is accepted', async () => {
    await using world = await setup();
    const upload = await world.uploader.upload(fileOf(SIZE));
    expect(upload).toMatchObject({ state: 'accepted', transport: 'multipart', size: SIZE });
    expect(world.server.objects.get(upload.id)?.equals(bytesOf(SIZE))).toBe(true);
    expect(bytesSent(world.server)).toBe(SIZE);
  });

  test('is sent with no token of the API, and each part with its length', async () => {
    await using world = await setup();
    await world.uploader.send(fileOf(2 * PART));
    for (const { headers } of partsSent(world.server)) {
      expect(headers['content-length']).toBe(String(PART));
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  test('needs no call to sign when the first URLs are enough', async () => {
    await using world = await setup();
    await world.uploader.send(fileOf(16 * PART));
    expect(world.server.calls('POST /uploads/{id}/parts')).toEqual([]);
  });

  test('needs one call to sign, however many parts there are beyond the first', async () => {
    await using world = await setup();
    world.server.multipart.plan({ partSize: KiB });
    const { id } = await world.uploader.send(fileOf(200 * KiB));
    expect(world.server.calls('POST /uploads/{id}/parts').map(({ body }) => body.toString())).toEqual([
      '{"format":"compact"}',
    ]);
    expect(world.server.objects.get(id)?.equals(bytesOf(200 * KiB))).toBe(true);
  });

  test('has as many parts on their way as it may, and no more, over all files', async () => {
    let now = 0;
    let most = 0;
    await using world = await setup({
      concurrency: 3,
      send: async (...call) => {
        now++;
        most = Math.max(most, now);
        return platform.send(...call).finally(() => now--);
      },
    });
    await Promise.all([1, 2, 3].map((seed) => world.uploader.send(fileOf(8 * PART, { seed }))));
    expect(most).toBe(3);
    expect(bytesSent(world.server)).toBe(3 * 8 * PART);
  });
});

describe('the transport', () => {
  const choices: [string, number, UploadOptions, string][] = [
    ['a file of the size from which on', PART, {}, 'put'],
    ['a byte more', PART + 1, {}, 'multipart'],
    ['a large file by a name of its own', PART * 2, { transport: 'post' }, 'post'],
    ['a small one by name', 1000, { transport: 'multipart' }, 'multipart'],
    [
      'a large one with a SHA-256, which S3 has of single objects only',
      PART * 2,
      { checksum: 'sha256' },
      'put',
    ],
    ['a large one with a CRC-64', PART * 2, { checksum: 'crc64nvme' }, 'multipart'],
  ];

  test.each(choices)('of %s is the right one', async (_what, size, options, transport) => {
    await using world = await setup();
    await world.uploader.send(fileOf(size), options);
    expect(onlyUpload(world.server).transport).toBe(transport);
  });
});

describe('progress over parts', () => {
  test('only grows and ends at the size when nothing fails', async () => {
    await using world = await setup();
    const bytes: number[] = [];
    await world.uploader.send(fileOf(SIZE), { onProgress: (progress) => bytes.push(progress.bytes) });
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
    expect(bytes.at(-1)).toBe(SIZE);
  });

  test('falls back by no more than the part that is sent again', async () => {
    await using world = await setup({ concurrency: 2 });
    world.server.multipart.plan({ partSize: 1024 * KiB });
    world.server.fail('PUT /s3/{id}/2', { kind: 'cut-in-body', afterBytes: 700 * KiB });
    const bytes: number[] = [];
    await world.uploader.send(fileOf(5000 * KiB), { onProgress: (progress) => bytes.push(progress.bytes) });
    const falls = bytes.map((count, i) => (bytes[i - 1] ?? 0) - count).filter((fall) => fall > 0);
    expect(falls).toHaveLength(1);
    expect(falls[0]).toBeLessThanOrEqual(1024 * KiB);
    expect(bytes.at(-1)).toBe(5000 * KiB);
  });
});

describe('a part that fails in passing', () => {
  test.each([
    ['S3 is too busy for it', busy, PART],
    ['its connection is cut before a byte', { kind: 'cut' } as const, 0],
    ['its connection is cut in the middle', { kind: 'cut-in-body', afterBytes: 1 } as const, PART],
    ['its answer is lost', { kind: 'lose-answer' } as const, PART],
  ])('is sent again alone when %s', async (_what, fault, mostTwice) => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}/3', fault);
    const { state, id } = await world.uploader.upload(fileOf(SIZE));
    expect(state).toBe('accepted');
    expect(world.server.objects.get(id)?.equals(bytesOf(SIZE))).toBe(true);
    expect(bytesSent(world.server) - SIZE).toBeLessThanOrEqual(mostTwice);
    expect(new Set(partsSent(world.server).map(({ route }) => route)).size).toBe(11);
  });

  test('is given up and sent again when nothing moves for too long', async () => {
    await using world = await setup({ stallMs: 60 });
    world.server.fail('PUT /s3/{id}/1', { kind: 'silence' });
    await expect(world.uploader.upload(fileOf(SIZE))).resolves.toMatchObject({ state: 'accepted' });
  });

  test('stops the others and rejects when it fails for good', async () => {
    await using world = await setup({ retry: { attempts: 2 }, concurrency: 2 });
    world.server.fail('PUT /s3/{id}/3', busy, busy);
    await expect(world.uploader.upload(fileOf(SIZE))).rejects.toMatchObject({ code: 'SlowDown' });
    expect(world.server.calls('PUT /s3/{id}/11')).toEqual([]);
    expect(world.server.calls('POST /uploads/{id}/complete')).toEqual([]);
    expect(onlyUpload(world.server).state).toBe('requested');
  });
});

describe('URLs that have expired', () => {
  test('are signed again in one call for all parts that were refused', async () => {
    await using world = await setup();
    let expired = false;
    const { state } = await world.uploader.upload(fileOf(SIZE), {
      onProgress: ({ bytes }) => {
        if (!expired && bytes > SIZE / 2) world.server.multipart.expireUrls();
        expired ||= bytes > SIZE / 2;
      },
    });
    expect(state).toBe('accepted');
    expect(world.server.calls('POST /uploads/{id}/parts')).toHaveLength(1);
  });

  test('cost no byte when S3 is asked before a part is sent', async () => {
    await using world = await setup();
    world.server.multipart.plan({ partSize: 1024 * KiB });
    world.server.multipart.expireUrls();
    await world.uploader.send(fileOf(4096 * KiB));
    expect(bytesSent(world.server)).toBe(4096 * KiB);
  });

  test('are not signed for ever: a part that is refused again is refused for good', async () => {
    await using world = await setup({ concurrency: 1 });
    const refused = {
      kind: 'answer',
      status: 403,
      body: '<Error><Code>AccessDenied</Code></Error>',
    } as const;
    world.server.fail('PUT /s3/{id}/2', refused, refused);
    await expect(world.uploader.upload(fileOf(SIZE))).rejects.toMatchObject({ status: 403 });
    expect(world.server.calls('POST /uploads/{id}/parts')).toHaveLength(1);
  });
});

describe('completing', () => {
  test('is repeated when its answer is lost, and makes one object', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads/{id}/complete', { kind: 'lose-answer' });
    await expect(world.uploader.upload(fileOf(SIZE))).resolves.toMatchObject({ state: 'accepted' });
    expect(world.server.objects.size).toBe(1);
  });

  test.each([
    ['is missing', (parts: Map<number, Buffer>) => void parts.delete(4)],
    ['has another length', (parts: Map<number, Buffer>) => void parts.set(4, Buffer.alloc(7))],
  ])('sends the part that %s once more, and no other', async (_what, spoil) => {
    await using world = await setup();
    let spoilt = false;
    const { state } = await world.uploader.upload(fileOf(SIZE), {
      onProgress: ({ bytes }) => {
        if (bytes === SIZE && !spoilt) {
          // The last byte is on its way; what was there before can be spoilt.
          spoil(world.server.multipart.partsOf(onlyUpload(world.server).id));
          spoilt = true;
        }
      },
    });
    expect(state).toBe('accepted');
    expect(world.server.calls('PUT /s3/{id}/4')).toHaveLength(2);
    expect(bytesSent(world.server)).toBe(SIZE + PART);
  });

  test('rejects when parts are missing time and again', async () => {
    await using world = await setup();
    const missing = problem(409, 'parts_missing');
    world.server.fail('POST /uploads/{id}/complete', missing, missing);
    await expect(world.uploader.upload(fileOf(SIZE))).rejects.toMatchObject({
      problem: { code: 'parts_missing' },
    });
    expect(world.server.calls('POST /uploads/{id}/complete')).toHaveLength(2);
  });

  test('has the last word when S3 takes no more parts, as somebody else may have completed them', async () => {
    await using world = await setup({ concurrency: 1 });
    const gone = { kind: 'answer', status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' } as const;
    world.server.fail('PUT /s3/{id}/11', gone);
    world.server.fail('POST /uploads/{id}/complete', problem(410, 'multipart_gone'));
    const error = await world.uploader.upload(fileOf(SIZE)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ problem: { code: 'multipart_gone' } });
  });
});

describe('a CRC-64 of the whole file', () => {
  test('is declared before a byte is sent, and S3 finds the same', async () => {
    await using world = await setup();
    const phases = new Set<string>();
    const { state } = await world.uploader.upload(fileOf(SIZE), {
      checksum: 'crc64nvme',
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(state).toBe('accepted');
    expect(onlyUpload(world.server).checksum).toMatchObject({ algorithm: 'crc64nvme' });
    expect([...phases]).toEqual(['hashing', 'sending']);
  });

  test('has the upload refused when a part was damaged on its way', async () => {
    await using world = await setup();
    const damaged = world.uploader.upload(fileOf(SIZE), {
      checksum: 'crc64nvme',
      onProgress: ({ phase, bytes }) => {
        if (phase !== 'sending' || bytes < SIZE) return;
        world.server.multipart.partsOf(onlyUpload(world.server).id).get(1)?.fill(0, 5, 6);
      },
    });
    await expect(damaged).rejects.toMatchObject({ problem: { code: 'multipart_checksum_mismatch' } });
  });
});

describe('an abort among parts', () => {
  const stopHalfway = async (world: Awaited<ReturnType<typeof setup>>, options: UploadOptions) => {
    const stop = new AbortController();
    const reason = new Error('changed my mind');
    const upload = world.uploader.upload(fileOf(SIZE), {
      ...options,
      signal: stop.signal,
      onProgress: ({ bytes }) => bytes > SIZE / 2 && stop.abort(reason),
    });
    await expect(upload).rejects.toBe(reason);
  };

  test('gives the upload up on the server, and sends nothing more', async () => {
    await using world = await setup({ concurrency: 2 });
    await stopHalfway(world, {});
    expect(onlyUpload(world.server).state).toBe('aborted');
    expect(partsSent(world.server).length).toBeLessThan(10);
    expect(world.server.calls('POST /uploads/{id}/complete')).toEqual([]);
  });

  test('leaves the upload as it is when it is to be kept', async () => {
    await using world = await setup({ concurrency: 2 });
    await stopHalfway(world, { keep: true });
    expect(onlyUpload(world.server).state).toBe('requested');
    expect(world.server.calls('DELETE /uploads/{id}')).toEqual([]);
  });

  test('gives a file in one piece up even then, as there is nothing to go on with', async () => {
    await using world = await setup();
    const stop = new AbortController();
    world.server.fail('PUT /s3/{id}', { kind: 'silence' });
    const upload = world.uploader.upload(fileOf(1000), {
      keep: true,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
    expect(onlyUpload(world.server).state).toBe('aborted');
  });
});

describe('what S3 refuses for good', () => {
  test('rejects with its code', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}/1', {
      kind: 'answer',
      status: 400,
      body: '<Error><Code>EntityTooLarge</Code></Error>',
    });
    const error = await world.uploader.upload(fileOf(SIZE)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ code: 'EntityTooLarge' });
  });
});
