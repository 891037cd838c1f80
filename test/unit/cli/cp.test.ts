import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { answer, openStorage } from './storage-shell.ts';

const setup = openStorage;

describe('sluice cp', () => {
  it.each([
    [['a.txt', 'b.txt']],
    [['a.txt']],
    [['-', '-']],
    [['-', 's3://bucket']],
    [['-', 's3://bucket/folder/']],
    [['s3://bucket', '.']],
    [['s3://bucket/folder/', '.']],
    [['s3://bucket/a', '.', '--content-type', 'text/plain']],
    [['s3://bucket/a', 's3://bucket/b', '--resume']],
    [['a.txt', 's3://bucket', '--concurrency', '0']],
  ])('exits 2 and asks nobody when the command line is %j', async (argv) => {
    await using world = await setup();
    await writeFile(world.file('a.txt'), 'hello');
    expect((await world.s3(['cp', ...argv])).code).toBe(2);
    expect(world.store.seen).toEqual([]);
  });

  it('uploads a file under its own name, with the type of its extension and what is to be kept with it', async () => {
    const sent: unknown[] = [];
    await using world = await setup({
      'PUT /bucket': async (request, response) => {
        const { 'content-type': type, 'x-amz-meta-project': project } = request.headers;
        sent.push([request.url?.split('?')[0], type, project, String(await buffer(request))]);
        response.setHeader('etag', '"e"').end();
      },
    });
    await writeFile(world.file('a.csv'), 'id,name\n');
    const { code, out } = await world.s3([
      'cp',
      'a.csv',
      's3://bucket/in/',
      '-m',
      'project=apollo',
      '--json',
    ]);
    expect(sent).toEqual([['/bucket/in/a.csv', 'text/csv', 'apollo', expect.stringContaining('id,name\n')]]);
    expect(JSON.parse(out)).toEqual({ from: 'a.csv', to: 's3://bucket/in/a.csv', bytes: 8, etag: '"e"' });
    expect(code).toBe(0);
  });

  it('downloads into a folder that is made on the way, and to standard output alone', async () => {
    const headers = { etag: '"e"', 'content-length': '5', 'content-type': 'text/plain' };
    await using world = await setup({
      'HEAD /bucket': answer(200, '', headers),
      'GET /bucket': answer(206, 'hello', { ...headers, 'content-range': 'bytes 0-4/5' }),
    });
    expect((await world.s3(['cp', 's3://bucket/in/a.txt', 'back/'])).code).toBe(0);
    expect(await readFile(world.file('back/a.txt'), 'utf8')).toBe('hello');

    const { piped, out, err } = await world.s3(['cp', 's3://bucket/in/a.txt', '-']);
    expect([piped, out]).toEqual(['hello', '']);
    expect(err).toContain('5 bytes');
  });

  it('exits 3 and asks nobody when there is no such file, or it is a folder', async () => {
    await using world = await setup();
    await mkdir(world.file('folder'));
    for (const name of ['missing.txt', 'folder']) {
      expect((await world.s3(['cp', name, 's3://bucket'])).code, name).toBe(3);
    }
    expect(world.store.seen).toEqual([]);
  });

  it('names the object that is not there, though the answer to a HEAD says nothing', async () => {
    await using world = await setup({ 'HEAD /bucket/missing.bin': answer(404, '') });
    const { code, err } = await world.s3(['cp', 's3://bucket/missing.bin', '.']);
    expect([code, err]).toEqual([
      3,
      expect.stringContaining('there is no s3://bucket/missing.bin (not-found)'),
    ]);
  });

  it('says how to go on when an upload fails that is to be resumed', async () => {
    await using world = await setup({
      'POST /bucket/a.bin?uploads': answer(
        200,
        '<InitiateMultipartUploadResult><UploadId>U7</UploadId></InitiateMultipartUploadResult>',
      ),
      'PUT /bucket/a.bin': answer(403, '<Error><Code>AccessDenied</Code><Message>no</Message></Error>'),
    });
    await writeFile(world.file('a.bin'), Buffer.alloc(9 * 2 ** 20));
    const { code, err } = await world.s3(['cp', 'a.bin', 's3://bucket', '--resume', '--concurrency', '1']);
    expect(err).toContain('--resume --upload-id U7');
    expect(world.store.seen.filter((one) => one.startsWith('DELETE'))).toEqual([]);
    expect(code).toBe(3);
  });

  it('blames the disk, not the network, when the target cannot be written', async () => {
    const headers = { etag: '"e"', 'content-length': '5' };
    await using world = await setup({
      'HEAD /bucket': answer(200, '', headers),
      'GET /bucket': answer(206, 'hello', { ...headers, 'content-range': 'bytes 0-4/5' }),
    });
    await writeFile(world.file('taken'), '');
    const { code, err } = await world.s3(['cp', 's3://bucket/a.txt', 'taken/a.txt']);
    expect(err).toContain('The file could not be used');
    expect(code).toBe(3);
  });

  it('draws its progress on a terminal and wipes it away at the end', async () => {
    await using world = await setup({ 'PUT /bucket': answer(200, '', { etag: '"e"' }) });
    await writeFile(world.file('a.txt'), 'hello');
    const { err } = await world.s3(['cp', 'a.txt', 's3://bucket'], { isTTY: true });
    expect(err).toContain('━ 100%  5 bytes of 5 bytes');
    expect(err.endsWith('\x1b[1A\x1b[J')).toBe(true);
  });
});
