import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { serveStrictStore } from '../connection/servers/strict-store.ts';
import { answer, openStorage } from './storage-shell.ts';

const setup = openStorage;

const MIB = 2 ** 20;

/**
 * A store that keeps parts, and a `sluice` beside it that is stopped when the second part is about to be
 * sent.
 */
async function setupParts() {
  const uploads = new Map<string, Map<number, Buffer>>();
  const sent: string[] = [];
  let begun = 0;
  let stop: (() => void) | undefined;
  const gone = answer(404, '<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>');
  const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;
  const handle: RequestListener = async (request, response) => {
    const { searchParams: query } = new URL(`http://s3${request.url}`);
    if (query.has('uploads')) {
      begun += 1;
      uploads.set(`U${begun}`, new Map());
      return answer(200, `<R><UploadId>U${begun}</UploadId></R>`)(request, response);
    }
    const id = query.get('uploadId') ?? '';
    const parts = uploads.get(id);
    if (parts === undefined) return gone(request, response);
    if (request.method === 'GET') {
      const listed = [...parts].map(
        ([number, bytes]) =>
          `<Part><PartNumber>${number}</PartNumber><ETag>${etagOf(bytes)}</ETag><Size>${bytes.length}</Size></Part>`,
      );
      return answer(200, `<ListPartsResult>${listed.join('')}</ListPartsResult>`)(request, response);
    }
    if (request.method === 'POST') {
      uploads.delete(id);
      return answer(200, '<R><ETag>"whole"</ETag></R>')(request, response);
    }
    const number = Number(query.get('partNumber'));
    if (number === 2 && stop) return stop();
    const bytes = await buffer(request);
    sent.push(`${id} ${number}`);
    parts.set(number, bytes);
    response.setHeader('etag', etagOf(bytes)).end();
  };
  const world = await setup(
    Object.fromEntries(['GET', 'PUT', 'POST'].map((method) => [`${method} /bucket/`, handle])),
  );
  await writeFile(world.file('a.bin'), Buffer.alloc(9 * MIB, 'x'));
  // Without checksums of its own the client sends the bytes bare, and compares parts by their ETags.
  const env = { AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED' };
  const cp = (...options: string[]) =>
    world.s3(['cp', 'a.bin', 's3://bucket', '--concurrency', '1', '--part-size', '5MiB', ...options], {
      env,
    });
  const cpAndStop = async (...options: string[]) => {
    const controller = new AbortController();
    stop = () => controller.abort();
    const argv = ['cp', 'a.bin', 's3://bucket', '--concurrency', '1', '--part-size', '5MiB', ...options];
    const result = await world.s3(argv, { env, signal: controller.signal });
    stop = undefined;
    return result;
  };
  return { world, uploads, sent, cp, cpAndStop, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

describe('sluice cp', () => {
  test.each([
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
    [['a.txt', 's3://bucket', '--part-size', '0']],
    [['a.txt', 's3://bucket', '--part-size', '6GiB']],
    [['s3://bucket/a', 's3://bucket/b', '--part-size', '6GiB']],
    [['s3://bucket/a', '.', '--part-size', '0']],
    [['s3://bucket/a', '.', '--storage-class', 'STANDARD_IA']],
    [['s3://bucket/a', '.', '--cache-control', 'no-store']],
    [['a.txt', 's3://bucket', '--grants']],
    [['s3://bucket/a', '.', '--acl', 'private']],
    [['s3://bucket/a', '.', '--checksum-algorithm', 'SHA256']],
    [['s3://bucket/a', '.', '--sse-c-copy-source-key', 'a.txt']],
    [['a.txt', 's3://bucket', '--metadata-directive', 'REPLACE']],
    [['s3://bucket/a', 's3://bucket/b', '--content-type', 'text/plain']],
    [['s3://bucket/a', 's3://bucket/b', '-m', 'a=b']],
    [['a.txt', 's3://bucket', '--request-payer', 'somebody']],
    [['a.txt', 's3://bucket', '--max-bandwidth', '10 per second']],
    [['a.txt', 's3://bucket', '--max-bandwidth', '100']],
    [['a.txt', 's3://bucket', '--source-profile', 'theirs']],
    [['s3://bucket/a', '.', '--source-region', 'us-west-2']],
    [['a.txt', 's3://bucket', '--object-lock-retain-until-date', 'tomorrow']],
  ])('exits 2 and asks nobody when the command line is %j', async (argv) => {
    await using world = await setup();
    await writeFile(world.file('a.txt'), 'hello');
    expect((await world.s3(['cp', ...argv])).code).toBe(2);
    expect(world.store.seen).toEqual([]);
  });

  test('uploads a file under its own name, with the type of its extension and what is to be kept with it', async () => {
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

  test('encrypts with a key of the own from a file, and needs it for the way back and for a copy', async () => {
    const key = Buffer.alloc(32, 7);
    await using store = await serveStrictStore({
      key,
      sourceKey: key,
      headers: { 'x-amz-request-payer': 'requester', 'x-amz-expected-bucket-owner': '123456789012' },
    });
    await using world = await setup();
    const cp = (...argv: string[]) =>
      world.run([
        ...['cp', ...argv, '--endpoint', store.url, '--sse-c-key'],
        ...[world.file('key'), '--request-payer', 'requester', '--expected-bucket-owner', '123456789012'],
      ]);
    await writeFile(world.file('a.txt'), 'hello');
    await writeFile(world.file('key'), key);
    expect(await cp('a.txt', 's3://bucket/a.txt')).toMatchObject({ code: 0 });
    // Base64 with a line end, as openssl writes it.
    await writeFile(world.file('key'), `${key.toString('base64')}\n`);
    expect(await cp('s3://bucket/a.txt', 'b.txt')).toMatchObject({ code: 0 });
    expect(await readFile(world.file('b.txt'), 'utf8')).toBe('hello');

    await writeFile(world.file('key'), 'too short');
    const short = await cp('a.txt', 's3://bucket/a.txt');
    expect([short.code, short.err]).toEqual([3, expect.stringContaining('must hold 32 bytes')]);
    await rm(world.file('key'));
    const missing = await cp('a.txt', 's3://bucket/a.txt');
    expect([missing.code, missing.err]).toEqual([3, expect.stringContaining('cannot be read')]);
  });

  test('looks the source of a copy up as another profile, in another region', async () => {
    const asked: unknown[] = [];
    await using world = await setup({
      'HEAD /theirs': (request, response) => {
        asked.push([
          'HEAD',
          /Credential=(\w+)\/\d+\/([\w-]+)/.exec(request.headers.authorization ?? '')?.slice(1),
        ]);
        response.writeHead(200, { etag: '"e"', 'content-length': '5' }).end();
      },
      'PUT /bucket': (request, response) => {
        asked.push([
          'PUT',
          /Credential=(\w+)\/\d+\/([\w-]+)/.exec(request.headers.authorization ?? '')?.slice(1),
        ]);
        response.end('<CopyObjectResult><ETag>"copy"</ETag></CopyObjectResult>');
      },
    });
    const keys = 'aws_access_key_id = AKIATHEIRS\naws_secret_access_key = s\n';
    await writeFile(world.file('config'), `[profile theirs]\n${keys}`);
    const source = ['--source-profile', 'theirs', '--source-region', 'us-west-2'];
    expect((await world.s3(['cp', 's3://theirs/a', 's3://bucket/a', ...source])).code).toBe(0);
    expect(asked).toEqual([
      ['HEAD', ['AKIATHEIRS', 'us-west-2']],
      ['PUT', ['AKIAEXAMPLE1234', 'eu-central-1']],
    ]);
  });

  test('copies no faster than --max-bandwidth, and still all of it', async () => {
    await using store = await serveStrictStore();
    await using world = await setup();
    await writeFile(world.file('a.txt'), 'x'.repeat(3000));
    const cp = (...argv: string[]) =>
      world.run(['cp', ...argv, '--endpoint', store.url, '--max-bandwidth', '100KB/s']);
    expect((await cp('a.txt', 's3://bucket/a.txt')).code).toBe(0);
    expect((await cp('s3://bucket/a.txt', 'b.txt')).code).toBe(0);
    expect(await readFile(world.file('b.txt'), 'utf8')).toBe('x'.repeat(3000));
  });

  test('copies inside S3 with what is to be replaced, locked and paid for', async () => {
    await using store = await serveStrictStore({ headers: { 'x-amz-request-payer': 'requester' } });
    store.objects.set('a.txt', Buffer.from('hello'));
    await using world = await setup();
    const { code } = await world.run([
      ...[
        'cp',
        's3://bucket/a.txt',
        's3://bucket/b.txt',
        '--endpoint',
        store.url,
        '--request-payer',
        'requester',
      ],
      ...[
        '--metadata-directive',
        'REPLACE',
        '--content-type',
        'text/csv',
        '--acl',
        'private',
        '--sse',
        'AES256',
      ],
      ...['--object-lock-mode', 'GOVERNANCE', '--object-lock-retain-until-date', '2030-01-31T12:00:00Z'],
      ...['--checksum-algorithm', 'SHA256', '--object-lock-legal-hold-status', 'ON'],
    ]);
    expect(code).toBe(0);
    expect(store.calls.at(-1)).toMatchObject({
      operation: 'copy',
      headers: {
        'content-type': 'text/csv',
        'x-amz-acl': 'private',
        'x-amz-checksum-algorithm': 'SHA256',
        'x-amz-metadata-directive': 'REPLACE',
        'x-amz-object-lock-legal-hold': 'ON',
        'x-amz-object-lock-mode': 'GOVERNANCE',
        'x-amz-object-lock-retain-until-date': '2030-01-31T12:00:00Z',
        'x-amz-server-side-encryption': 'AES256',
      },
    });
  });

  test('downloads into a folder that is made on the way, and to standard output alone', async () => {
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

  test('exits 3 and asks nobody when there is no such file, or it is a folder', async () => {
    await using world = await setup();
    await mkdir(world.file('folder'));
    for (const name of ['missing.txt', 'folder']) {
      expect((await world.s3(['cp', name, 's3://bucket'])).code, name).toBe(3);
    }
    expect(world.store.seen).toEqual([]);
  });

  test('names the object that is not there, though the answer to a HEAD says nothing', async () => {
    await using world = await setup({ 'HEAD /bucket/missing.bin': answer(404, '') });
    const { code, err } = await world.s3(['cp', 's3://bucket/missing.bin', '.']);
    expect([code, err]).toEqual([
      3,
      expect.stringContaining('there is no s3://bucket/missing.bin (not-found)'),
    ]);
  });

  test('says how to go on when an upload fails that is to be resumed', async () => {
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

  test('blames the disk, not the network, when the target cannot be written', async () => {
    const headers = { etag: '"e"', 'content-length': '5' };
    await using world = await setup({
      'HEAD /bucket': answer(200, '', headers),
      'GET /bucket': answer(206, 'hello', { ...headers, 'content-range': 'bytes 0-4/5' }),
    });
    await writeFile(world.file('taken'), '');
    const { code, err } = await world.s3(['cp', 's3://bucket/a.txt', 'taken/a.txt']);
    expect(err).toContain('A file is in the way to');
    expect(code).toBe(3);
  });

  test('draws its progress on a terminal and wipes it away at the end', async () => {
    await using world = await setup({ 'PUT /bucket': answer(200, '', { etag: '"e"' }) });
    await writeFile(world.file('a.txt'), 'hello');
    const { err } = await world.s3(['cp', 'a.txt', 's3://bucket'], { isTTY: true });
    expect(err).toContain('━ 100%  5 bytes of 5 bytes');
    expect(err.endsWith('\x1b[1A\x1b[J')).toBe(true);
  });
});

describe('sluice cp --resume of an upload', () => {
  test('goes on by the same command after Ctrl-C, says so both times, and forgets it at the end', async () => {
    await using s3 = await setupParts();
    const stopped = await s3.cpAndStop('--resume');
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain('the same command goes on with them, or elsewhere --resume --upload-id U1');

    const { code, err } = await s3.cp('--resume');
    expect(err).toContain('Goes on with the parts that arrived before.');
    expect(s3.sent).toEqual(['U1 1', 'U1 2']);
    expect([code, s3.uploads.size]).toEqual([0, 0]);
    expect(await readdir(s3.world.file('state/cp'))).toEqual([]);
  });

  test('begins anew when what it remembers is gone', async () => {
    await using s3 = await setupParts();
    await s3.cpAndStop('--resume');
    s3.uploads.clear();
    const { code, err } = await s3.cp('--resume');
    expect(err).toContain('They are no longer there: begins anew.');
    expect(s3.sent).toEqual(['U1 1', 'U2 1', 'U2 2']);
    expect([code, s3.uploads.size]).toEqual([0, 0]);
  });

  test.each([
    ['the file has changed', (path: string) => utimes(path, 1, 1), []],
    ['other things are to be kept with it', async () => undefined, ['-m', 'project=apollo']],
  ])('begins another one when %s', async (_why, change, options) => {
    await using s3 = await setupParts();
    await s3.cpAndStop('--resume');
    await change(s3.world.file('a.bin'));
    await s3.cp('--resume', ...options);
    expect(s3.sent).toEqual(['U1 1', 'U2 1', 'U2 2']);
  });

  test('goes on with the upload that --upload-id names, and complains of one that is not there', async () => {
    await using s3 = await setupParts();
    await s3.cpAndStop('--resume');
    const { code, err } = await s3.cp('--upload-id', 'nonsense');
    expect(err).toContain('There is no unfinished upload of s3://bucket/a.bin with this id.');
    expect(code).toBe(3);
    expect((await s3.cp('--upload-id', 'U1')).code).toBe(0);
    expect(s3.sent).toEqual(['U1 1', 'U1 2']);
  });
});

describe('the options of sluice cp, and what it says of files', () => {
  test('keeps a storage class and a cache control with an upload, and is quiet when told to', async () => {
    const sent: unknown[] = [];
    await using world = await setup({
      'PUT /bucket': (request, response) => {
        sent.push([request.headers['x-amz-storage-class'], request.headers['cache-control']]);
        response.setHeader('etag', '"e"').end();
      },
    });
    await writeFile(world.file('a.txt'), 'hello');
    const options = ['--storage-class', 'STANDARD_IA', '--cache-control', 'max-age=60', '--quiet'];
    const result = await world.s3(['cp', 'a.txt', 's3://bucket', ...options], { isTTY: true });
    expect(result).toMatchObject({ code: 0, out: '', err: '' });
    expect(sent).toEqual([['STANDARD_IA', 'max-age=60']]);
  });

  test('has nothing to say of files when an option is unknown, and of -o when a folder is in the way', async () => {
    await using world = await setup();
    const { err } = await world.s3(['cp', './a.txt', 's3://bucket', '--grants', 'private']);
    expect(err).toContain("Unknown option '--grants'");
    expect(err).not.toContain('dash');
    await mkdir(world.file('a.txt'));
    const { err: inTheWay } = await world.s3(['cp', 's3://bucket/a.txt', '.']);
    expect(inTheWay).toContain('Give the file another name.');
  });

  test.each(['ENOSPC', 'EDQUOT', 'EFBIG'])(
    'blames the disk when writing fails by %s, which names no path',
    async (code) => {
      const full = Object.assign(new Error(`${code}: no more, write`), { code, syscall: 'write' });
      const headers = { etag: '"e"', 'content-length': '5' };
      await using world = await setup({
        'HEAD /bucket': answer(200, '', headers),
        'GET /bucket': answer(206, 'hello', { ...headers, 'content-range': 'bytes 0-4/5' }),
      });
      const openStdout = () => new Writable({ write: (_bytes, _encoding, done) => done(full) });
      const { err } = await world.s3(['cp', 's3://bucket/a.txt', '-'], { openStdout });
      expect(err).toMatch(/standard output/);
    },
  );
});
