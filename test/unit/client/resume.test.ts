import { SourceError } from '@sluice/client/errors';
import type { UnfinishedStore } from '@sluice/client/unfinished';
import type { UploadOptions } from '@sluice/client/uploader';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { createMemoryStore } from './memory-store.ts';
import { bytesOf, bytesSent, fileOf, onlyUpload, openWorld, PART, partsSent } from './world.ts';

const SIZE = 10 * PART + 1000;

async function setup(unfinished: UnfinishedStore | undefined = undefined) {
  const world = await openWorld({ concurrency: 2, unfinished });
  /** Sends some of a file and breaks off; resolves with the upload's id. */
  const breakOff = async (file = fileOf(SIZE), options: UploadOptions = {}): Promise<string> => {
    const stop = new AbortController();
    let id = '';
    const upload = world.uploader.upload(file, {
      keep: true,
      ...options,
      signal: stop.signal,
      onState: (upload) => {
        id = upload.id;
      },
      onProgress: ({ phase, bytes }) => phase === 'sending' && bytes > file.size / 2 && stop.abort(),
    });
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(world.server.isQuiet).toBe(true);
    return id;
  };
  /** The bytes that S3 holds of an upload. */
  const arrived = (id: string): number =>
    [...world.server.multipart.partsOf(id).values()].reduce((sum, { length }) => sum + length, 0);
  return { ...world, breakOff, arrived };
}

describe('an upload that is gone on with by its id', () => {
  test('sends what is missing and nothing else', async () => {
    await using world = await setup();
    const id = await world.breakOff();
    const arrived = world.arrived(id);
    expect(arrived).toBeGreaterThan(0);
    world.server.seen.length = 0;
    const upload = await world.newUploader().upload(fileOf(SIZE), { resume: id });
    expect(upload).toMatchObject({ id, state: 'accepted' });
    expect(bytesSent(world.server)).toBe(SIZE - arrived);
    expect(world.server.objects.get(id)?.equals(bytesOf(SIZE))).toBe(true);
    expect(world.server.calls('POST /uploads')).toEqual([]);
  });

  test('begins its progress at what is there', async () => {
    await using world = await setup();
    const id = await world.breakOff();
    const bytes: number[] = [];
    let [told, arrived] = [0, -1];
    await world.newUploader().upload(fileOf(SIZE), {
      resume: id,
      onProgress: (progress) => bytes.push(progress.bytes),
      onResume: (upload, there) => {
        expect(upload.id).toBe(id);
        // What was on its way when the connection broke may have arrived after that.
        [told, arrived] = [there, world.arrived(id)];
      },
    });
    expect(told).toBe(arrived);
    expect(bytes[0]).toBe(arrived);
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
    expect(bytes.at(-1)).toBe(SIZE);
  });

  test('sends a part again that arrived in another length', async () => {
    await using world = await setup();
    const id = await world.breakOff();
    const arrived = world.arrived(id);
    world.server.multipart.partsOf(id).set(1, Buffer.alloc(9));
    world.server.seen.length = 0;
    await world.newUploader().upload(fileOf(SIZE), { resume: id });
    expect(bytesSent(world.server)).toBe(SIZE - arrived + PART);
    expect(world.server.objects.get(id)?.equals(bytesOf(SIZE))).toBe(true);
  });

  test('does not read the file for its checksum once more', async () => {
    await using world = await setup();
    const id = await world.breakOff(fileOf(SIZE), { checksum: 'crc64nvme' });
    const phases = new Set<string>();
    const { state } = await world.newUploader().upload(fileOf(SIZE), {
      resume: id,
      checksum: 'crc64nvme',
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect([state, ...phases]).toEqual(['accepted', 'sending']);
  });

  test('sends nothing when everything is there', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads/{id}/complete', problem(500, 'internal'));
    await expect(world.uploader.upload(fileOf(SIZE))).rejects.toMatchObject({
      problem: { code: 'internal' },
    });
    const { id } = onlyUpload(world.server);
    world.server.seen.length = 0;
    await expect(world.newUploader().upload(fileOf(SIZE), { resume: id })).resolves.toMatchObject({
      state: 'accepted',
    });
    expect(partsSent(world.server)).toEqual([]);
  });

  test('resolves with the verdict when it is in already', async () => {
    await using world = await setup();
    const { id } = await world.uploader.upload(fileOf(SIZE));
    world.server.seen.length = 0;
    const upload = await world.newUploader().upload(fileOf(SIZE), { resume: id });
    expect(upload).toMatchObject({ id, state: 'accepted' });
    expect(partsSent(world.server)).toEqual([]);
  });

  test('resolves with the verdict when it was completed and nobody heard of it', async () => {
    await using world = await setup();
    const lost = { kind: 'lose-answer' } as const;
    world.server.fail('POST /uploads/{id}/complete', lost, lost, lost, lost, lost);
    await expect(world.uploader.send(fileOf(SIZE))).rejects.toMatchObject({ name: 'NetworkError' });
    const { id } = onlyUpload(world.server);
    const upload = await world.newUploader().upload(fileOf(SIZE), { resume: id });
    expect(upload).toMatchObject({ id, state: 'accepted' });
    expect(bytesSent(world.server)).toBe(SIZE);
  });

  test('rejects when the file has another size than the one it was begun with', async () => {
    await using world = await setup();
    const id = await world.breakOff();
    world.server.seen.length = 0;
    await expect(world.uploader.upload(fileOf(SIZE + 1), { resume: id })).rejects.toThrow(SourceError);
    expect(partsSent(world.server)).toEqual([]);
  });

  test('rejects when there is no such upload, or none in parts', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}', { kind: 'answer', status: 400 });
    await expect(world.uploader.send(fileOf(10))).rejects.toMatchObject({ status: 400 });
    const { id } = onlyUpload(world.server);
    await expect(world.uploader.upload(fileOf(10), { resume: id })).rejects.toMatchObject({
      problem: { code: 'not_multipart' },
    });
    await expect(world.uploader.upload(fileOf(10), { resume: 'unknown' })).rejects.toMatchObject({
      problem: { code: 'upload_not_found' },
    });
  });
});

describe('an upload that is remembered', () => {
  test('is gone on with when the same file comes again', async () => {
    await using world = await setup(createMemoryStore());
    const id = await world.breakOff();
    const arrived = world.arrived(id);
    world.server.seen.length = 0;
    await expect(world.newUploader().upload(fileOf(SIZE))).resolves.toMatchObject({ id, state: 'accepted' });
    expect(bytesSent(world.server)).toBe(SIZE - arrived);
  });

  test('is gone on with after it has failed', async () => {
    await using world = await setup(createMemoryStore());
    world.server.fail('PUT /s3/{id}/7', { kind: 'answer', status: 400, body: '' });
    await expect(world.uploader.upload(fileOf(SIZE))).rejects.toMatchObject({ status: 400 });
    const { id } = onlyUpload(world.server);
    await expect(world.newUploader().upload(fileOf(SIZE))).resolves.toMatchObject({ id, state: 'accepted' });
  });

  test('is asked for its verdict, and no byte sent again, when waiting for that was all that was left', async () => {
    const store = createMemoryStore();
    await using world = await setup(store);
    const stop = new AbortController();
    const upload = world.uploader.upload(fileOf(SIZE), {
      signal: stop.signal,
      onState: ({ state }) => state === 'verifying' && stop.abort(),
    });
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' });
    const { id } = onlyUpload(world.server);
    await expect(world.newUploader().upload(fileOf(SIZE))).resolves.toMatchObject({ id, state: 'accepted' });
    expect(bytesSent(world.server)).toBe(SIZE);
    expect(store.kept.size).toBe(0);
  });

  test('is forgotten when it is refused for good', async () => {
    const store = createMemoryStore();
    await using world = await setup(store);
    world.server.fail('POST /uploads/{id}/complete', problem(409, 'multipart_checksum_mismatch'));
    await expect(world.uploader.upload(fileOf(SIZE))).rejects.toMatchObject({ name: 'ProblemError' });
    expect(store.kept.size).toBe(0);
  });

  test('is not deleted by beginning anew when it was accepted without being heard of', async () => {
    const store = createMemoryStore();
    await using world = await setup(store);
    const id = await world.breakOff();
    const upload = world.server.uploads.get(id);
    if (upload) world.server.uploads.set(id, { ...upload, state: 'accepted' });
    const anew = await world.newUploader().upload(fileOf(SIZE), { resume: false });
    expect(anew.id).not.toBe(id);
    expect(world.server.uploads.get(id)?.state).toBe('accepted');
  });

  test('is forgotten once S3 has all of it, and when it is given up', async () => {
    const store = createMemoryStore();
    await using world = await setup(store);
    await world.uploader.send(fileOf(SIZE));
    expect(store.kept.size).toBe(0);
    await world.breakOff(fileOf(SIZE), { keep: false });
    expect(store.kept.size).toBe(0);
  });

  const others: [string, File, UploadOptions][] = [
    ['has other bytes at its end', withOtherEnd(), {}],
    ['was changed at another time', fileOf(SIZE, { lastModified: 2 }), {}],
    ['goes by another name', fileOf(SIZE), { filename: 'other.bin' }],
    ['is to have other metadata', fileOf(SIZE), { metadata: { a: '1' } }],
    ['is for something else', fileOf(SIZE), { reference: 'order 2' }],
    ['is to go under another policy', fileOf(SIZE), { policy: 'data' }],
  ];

  test.each(others)('is left alone when the file %s', async (_what, file, options) => {
    await using world = await setup(createMemoryStore());
    const id = await world.breakOff();
    const upload = await world.newUploader().upload(file, options);
    expect(upload.state).toBe('accepted');
    expect(upload.id).not.toBe(id);
    expect(world.server.uploads.get(id)?.state).toBe('requested');
  });

  test('is given up and begun anew when that is asked for', async () => {
    const store = createMemoryStore();
    await using world = await setup(store);
    const id = await world.breakOff();
    const upload = await world.newUploader().upload(fileOf(SIZE), { resume: false });
    expect(upload.id).not.toBe(id);
    expect(world.server.uploads.get(id)?.state).toBe('aborted');
    expect(store.kept.size).toBe(0);
  });

  test.each([
    ['was given up meanwhile', (world: World, id: string) => world.server.uploads.delete(id)],
    [
      'has expired',
      ({ server }: World, id: string) => {
        const upload = server.uploads.get(id);
        if (upload) server.uploads.set(id, { ...upload, state: 'expired' });
      },
    ],
    ['has lost its parts', ({ server }: World, id: string) => server.multipart.drop(id)],
  ])('is begun anew when it %s', async (_what, spoil) => {
    await using world = await setup(createMemoryStore());
    const id = await world.breakOff();
    spoil(world, id);
    const upload = await world.newUploader().upload(fileOf(SIZE));
    expect(upload.state).toBe('accepted');
    expect(upload.id).not.toBe(id);
  });

  test('is not shared by two uploads of the same file at the same time', async () => {
    await using world = await setup(createMemoryStore());
    const [one, two] = await Promise.all([
      world.uploader.upload(fileOf(SIZE)),
      world.uploader.upload(fileOf(SIZE)),
    ]);
    expect(one.id).not.toBe(two.id);
    expect([one.state, two.state]).toEqual(['accepted', 'accepted']);
  });

  test('is none in one piece, which could not go on', async () => {
    const store = createMemoryStore();
    await using world = await setup(store);
    world.server.fail('PUT /s3/{id}', { kind: 'answer', status: 400 });
    await expect(world.uploader.upload(fileOf(10))).rejects.toMatchObject({ status: 400 });
    expect(store.kept.size).toBe(0);
  });

  test('does without when nothing can be remembered', async () => {
    const full = async () => {
      throw new Error('the disk is full');
    };
    await using world = await setup({ read: full, write: full, forget: full });
    await expect(world.uploader.upload(fileOf(SIZE))).resolves.toMatchObject({ state: 'accepted' });
  });
});

type World = Awaited<ReturnType<typeof setup>>;

function withOtherEnd(): File {
  const bytes = bytesOf(SIZE);
  bytes[SIZE - 1] = (bytes[SIZE - 1] ?? 0) ^ 1;
  return new File([bytes], 'numbers.bin', { type: 'text/plain', lastModified: 1 });
}
