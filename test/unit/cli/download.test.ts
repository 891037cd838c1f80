import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Upload } from '@sluice/client/resource';
import { describe, expect, test } from 'vitest';
import { getObject, toXml } from '../../fakes/get-object.ts';
import { openShell, readLines } from './shell.ts';

const BYTES = Buffer.from('the bytes that were verified');
const MiB = 1024 ** 2;

const CHECKSUMS = [
  ['sha256', 'Lt+Ww8eVfv2B6oimw+KzcZFyfV+ymqEz5UlEpCug+OE='],
  ['sha1', 'UhdUHzbLICBW86z0e7kRFczfF38='],
  ['crc32', 'IKRGKA=='],
  ['crc32c', 'bM46lA=='],
  ['crc64nvme', 'vJcaqpFFo+8='],
] as const;

async function setup(more: Partial<Upload> = {}) {
  const shell = await openShell();
  shell.server.uploads.set('u-1', {
    id: 'u-1',
    state: 'accepted',
    filename: 'photo.jpg',
    contentType: 'image/jpeg',
    size: BYTES.length,
    policy: 'images',
    metadata: {},
    transport: 'put',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T00:15:00.000Z',
    ...more,
  });
  shell.server.objects.set('u-1', BYTES);
  return { ...shell, file: (name: string) => join(shell.folder, name), names: () => readdir(shell.folder) };
}

/** What S3 answers when it is asked how long an object is. */
function firstByteOf(bytes: Buffer) {
  const [status, body, headers = {}] = getObject(bytes, { range: 'bytes=0-0' });
  return { kind: 'answer' as const, status, body, headers };
}

describe('sluice download', () => {
  test('writes the file under its own name and leaves nothing else behind', async () => {
    await using world = await setup();
    const { code, out } = await world.sluice(['download', 'u-1']);
    expect(await readFile(world.file('photo.jpg'))).toEqual(BYTES);
    expect(await world.names()).toEqual(['photo.jpg']);
    expect(out).toBe(`${world.file('photo.jpg')}  28 bytes\n`);
    expect(code).toBe(0);
  });

  test('writes it with the extension of its type where its own name has none', async () => {
    await using world = await setup({ filename: 'photo.2024', servedName: 'photo.2024.jpg' });
    await world.sluice(['download', 'u-1']);
    expect(await world.names()).toEqual(['photo.2024.jpg']);
  });

  test('saves a name as long as the file system takes, whose characters have three bytes each', async () => {
    const filename = `${'字'.repeat(70)}.jpg`;
    await using world = await setup({ filename });
    expect((await world.sluice(['download', 'u-1'])).code).toBe(0);
    expect(await world.names()).toEqual([filename]);
  });

  test('does not send the token to S3', async () => {
    await using world = await setup();
    await world.sluice(['download', 'u-1']);
    expect(world.server.calls('GET /s3/{id}')[0]?.headers).not.toHaveProperty('authorization');
  });

  test.each([
    ['cat.jpg', 'cat.jpg'],
    ['pets/', 'pets/photo.jpg'],
    ['pets/cat.jpg', 'pets/cat.jpg'],
  ])('writes to %s as %s, making folders on the way', async (output, path) => {
    await using world = await setup();
    await world.sluice(['download', 'u-1', '-o', output]);
    expect(await readFile(world.file(path))).toEqual(BYTES);
  });

  test('tells id, path and bytes with --json', async () => {
    await using world = await setup();
    const { out } = await world.sluice(['download', 'u-1', '--json']);
    expect(readLines(out)).toEqual([{ id: 'u-1', path: world.file('photo.jpg'), bytes: 28 }]);
  });

  test('does not touch a file that is there', async () => {
    await using world = await setup();
    await writeFile(world.file('photo.jpg'), 'mine');
    const { code, err } = await world.sluice(['download', 'u-1']);
    expect(await readFile(world.file('photo.jpg'), 'utf8')).toBe('mine');
    expect(err).toContain('--force');
    expect(code).toBe(3);
  });

  test('replaces a file that is there with --force', async () => {
    await using world = await setup();
    await writeFile(world.file('photo.jpg'), 'mine');
    expect((await world.sluice(['download', 'u-1', '--force'])).code).toBe(0);
    expect(await readFile(world.file('photo.jpg'))).toEqual(BYTES);
  });

  test.each(['../evil.sh', '..', '/etc/passwd', '..\\evil.sh'])(
    'stays in the folder when the name from the server is %s',
    async (filename) => {
      await using world = await setup({ filename });
      const { code } = await world.sluice(['download', 'u-1']);
      expect(code).toBe(0);
      expect(await world.names()).toEqual([
        filename === '..' ? 'download' : (filename.split(/[/\\]/).at(-1) ?? ''),
      ]);
    },
  );

  test.each(CHECKSUMS)('accepts the bytes when they have the %s of the upload', async (algorithm, value) => {
    await using world = await setup({ checksum: { algorithm, value } });
    expect((await world.sluice(['download', 'u-1'])).code).toBe(0);
    expect(await readFile(world.file('photo.jpg'))).toEqual(BYTES);
  });

  test.each(CHECKSUMS)('refuses bytes of another %s, and leaves nothing behind', async (algorithm, value) => {
    await using world = await setup({ checksum: { algorithm, value } });
    const wrong = Buffer.from(BYTES);
    wrong[7] = (wrong[7] ?? 0) ^ 1;
    world.server.objects.set('u-1', wrong);
    const { code, err } = await world.sluice(['download', 'u-1']);
    expect(err).toContain(`their ${algorithm} differs`);
    expect(code).toBe(3);
    expect(await world.names()).toEqual([]);
  });

  test.each([1000, 5])(
    'exits 3 and leaves nothing behind when S3 has not the %d bytes that were verified',
    async (size) => {
      await using world = await setup({ size });
      const { code, err } = await world.sluice(['download', 'u-1']);
      expect(err).toContain(`has 28 bytes, and is to have ${size}`);
      expect(code).toBe(3);
      expect(await world.names()).toEqual([]);
    },
  );

  test('writes an empty file', async () => {
    await using world = await setup({ size: 0 });
    world.server.objects.set('u-1', Buffer.alloc(0));
    expect((await world.sluice(['download', 'u-1'])).code).toBe(0);
    expect(await readFile(world.file('photo.jpg'))).toEqual(Buffer.alloc(0));
    expect(await world.names()).toEqual(['photo.jpg']);
  });

  test('exits 3 and leaves nothing behind when S3 refuses a new URL as well', async () => {
    await using world = await setup();
    const refused = { kind: 'answer', status: 403, body: toXml('AccessDenied') } as const;
    world.server.fail('GET /s3/{id}', refused, refused);
    const { code, err } = await world.sluice(['download', 'u-1']);
    expect(err).toContain('403 AccessDenied');
    expect(world.server.calls('GET /uploads/{id}/download')).toHaveLength(2);
    expect(code).toBe(3);
    expect(await world.names()).toEqual([]);
  });

  test('asks once for another URL when the one that it has expires on the way', async () => {
    const bytes = Buffer.alloc(3 * 8 * MiB, 'x');
    await using world = await setup({ size: bytes.length });
    world.server.objects.set('u-1', bytes);
    world.server.fail('GET /s3/{id}', firstByteOf(bytes));
    world.server.expireUrls(1);
    expect((await world.sluice(['download', 'u-1'])).code).toBe(0);
    expect(world.server.calls('GET /uploads/{id}/download')).toHaveLength(2);
    expect((await readFile(world.file('photo.jpg'))).equals(bytes)).toBe(true);
  });

  test('tells what the API says when the upload was deleted on the way', async () => {
    await using world = await setup({ state: 'deleted' });
    const granted = { url: `${world.server.origin}/s3/u-1?signed=1`, expiresAt: '2030-01-01T00:00:00.000Z' };
    world.server.fail('GET /uploads/{id}/download', { kind: 'answer', status: 200, body: granted });
    world.server.fail('GET /s3/{id}', firstByteOf(BYTES));
    world.server.expireUrls(1);
    const { code, err } = await world.sluice(['download', 'u-1']);
    expect(err).toContain('upload_ended');
    expect(code).toBe(3);
    expect(await world.names()).toEqual([]);
  });

  test('goes on with what came before when the connection was lost for good', async () => {
    const bytes = Buffer.alloc(3 * 8 * MiB, 'y');
    await using world = await setup({ size: bytes.length });
    world.server.objects.set('u-1', bytes);
    world.server.break('bytes=8388608-16777215');
    const broken = await world.sluice(['download', 'u-1']);
    expect(broken.code).toBe(3);
    expect(broken.err).toContain('What came is kept');
    expect((await world.names()).filter((name) => name.endsWith('.part'))).toHaveLength(1);
    world.server.break(undefined);
    const before = world.server.calls('GET /s3/{id}').length;
    expect((await world.sluice(['download', 'u-1'])).code).toBe(0);
    // Its first byte, and the range that is missing.
    expect(world.server.calls('GET /s3/{id}').length - before).toBe(2);
    expect((await readFile(world.file('photo.jpg'))).equals(bytes)).toBe(true);
    expect(await world.names()).toEqual(['photo.jpg']);
  }, 30_000); // its pauses between five tries

  test('does not replace a file that has appeared meanwhile', async () => {
    await using world = await setup({ size: 512 });
    world.server.objects.set('u-1', Buffer.alloc(512));
    world.server.slowDown(() => 1);
    const downloading = world.sluice(['download', 'u-1']);
    await expect.poll(() => world.server.calls('GET /s3/{id}').length, { interval: 5 }).toBe(2);
    await writeFile(world.file('photo.jpg'), 'mine');
    const { code, err } = await downloading;
    expect(err).toContain('is there already');
    expect(code).toBe(3);
    expect(await world.names()).toEqual(['photo.jpg']);
    expect(await readFile(world.file('photo.jpg'), 'utf8')).toBe('mine');
  });

  test('exits 3 with the reason when the upload was rejected', async () => {
    await using world = await setup({ state: 'rejected', reason: 'type_mismatch' });
    const { code, err } = await world.sluice(['download', 'u-1']);
    expect(err).toContain('sluice status');
    expect(code).toBe(3);
  });
});

describe('a place that cannot be written to', () => {
  test.each<[string, string[], RegExp]>([
    ['a file is in the way', ['-o', 'taken/photo.jpg'], /A file is in the way to .*taken\/photo\.jpg/],
    ['a file is where the folder is to be', ['-o', 'taken/deep/photo.jpg'], /A file is in the way/],
    ['a folder has the name of the file', [], /photo\.jpg is a folder/],
    ['the name is too long', ['-o', `${'n'.repeat(300)}.jpg`], /longer than the file system allows/],
    ['the links lead in a circle', ['-o', 'round/photo.jpg'], /go round in a circle/],
    ['the disk is full', ['-o', '/dev/full'], /There is no space left for \/dev\/full/],
  ])('is named when %s', async (_what, options, told) => {
    await using world = await setup();
    await writeFile(world.file('taken'), 'mine');
    await symlink('round', world.file('round'));
    if (options.length === 0) await mkdir(world.file('photo.jpg'));
    const before = (await world.names()).toSorted();
    const { code, err } = await world.sluice(['download', 'u-1', ...options]);
    expect(err).toMatch(told);
    expect(err).not.toContain('fault of sluice');
    expect(code).toBe(3);
    expect((await world.names()).toSorted()).toEqual(before);
  });

  test('is no device: what comes is written to that, and it stays one', async () => {
    await using world = await setup();
    expect((await world.sluice(['download', 'u-1', '-o', '/dev/null'])).code).toBe(0);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });
});
