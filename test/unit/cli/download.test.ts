import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Upload } from '@sluice/client/resource';
import { describe, expect, test } from 'vitest';
import { openShell, readLines } from './shell.ts';

const BYTES = Buffer.from('the bytes that were verified');
const SHA256 = 'Lt+Ww8eVfv2B6oimw+KzcZFyfV+ymqEz5UlEpCug+OE=';

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

  test('accepts the bytes when they have the SHA-256 that was declared', async () => {
    await using world = await setup({ checksum: { algorithm: 'sha256', value: SHA256 } });
    expect((await world.sluice(['download', 'u-1'])).code).toBe(0);
  });

  test.each<[string, Partial<Upload>]>([
    ['fewer bytes than the file has', { size: 1000 }],
    ['more bytes than the file has', { size: 5 }],
    [
      'bytes of another SHA-256',
      { checksum: { algorithm: 'sha256', value: 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=' } },
    ],
  ])('exits 3 and leaves nothing behind when S3 gives %s', async (_what, more) => {
    await using world = await setup(more);
    expect((await world.sluice(['download', 'u-1'])).code).toBe(3);
    expect(await world.names()).toEqual([]);
  });

  test('exits 3 and leaves nothing behind when S3 refuses', async () => {
    await using world = await setup();
    world.server.fail('GET /s3/{id}', { kind: 'answer', status: 403, body: '<Error/>' });
    const { code, err } = await world.sluice(['download', 'u-1']);
    expect(err).toContain('403');
    expect(code).toBe(3);
    expect(await world.names()).toEqual([]);
  });

  test('exits 3 with the reason when the upload was rejected', async () => {
    await using world = await setup({ state: 'rejected', reason: 'type_mismatch' });
    const { code, err } = await world.sluice(['download', 'u-1']);
    expect(err).toContain('sluice status');
    expect(code).toBe(3);
  });
});
