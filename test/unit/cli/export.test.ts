import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AdminItem, AdminPage } from '@sluice/contract/admin';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { toExported } from 'sluice/admin/exported';
import { afterEach, describe, expect, test } from 'vitest';
import { getObject } from '../../fakes/get-object.ts';
import { serve } from '../connection/servers/server.ts';
import { openShell, readLines } from './shell.ts';

const lambda = mockClient(LambdaClient);
const sts = mockClient(STSClient);
const BYTES = Buffer.from('bytes');
const CHECKSUM = { algorithm: 'sha256', value: createHash('sha256').update(BYTES).digest('base64') };

afterEach(() => {
  lambda.reset();
  sts.reset();
});

/** A deployment of these pages, and an S3 that has files, takes copies, and refuses some. */
async function setup(
  pages: (address: string) => readonly AdminPage[],
  { refuses = () => false as boolean, sent = BYTES, isDenied = false } = {},
) {
  const shell = await openShell();
  const seen: string[] = [];
  const copies = new Map<string, Buffer>();
  const server = await serve(async (request, response) => {
    const url = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    seen.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === 'PUT') {
      if (isDenied && request.headers['x-amz-copy-source'] !== undefined) {
        return response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
      }
      const isCopy = request.headers['x-amz-copy-source'] !== undefined;
      copies.set(url, isCopy ? sent : Buffer.concat(chunks));
      const xml = '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>';
      return response.writeHead(200, { etag: '"e"' }).end(isCopy ? xml : '');
    }
    if (request.url?.includes('ended') || refuses()) return response.writeHead(403).end();
    const bytes = url.startsWith('/exports/') ? copies.get(url) : sent;
    if (bytes === undefined) return response.writeHead(404).end();
    const [status, body, headers] = getObject(bytes, request.headers);
    response.writeHead(status, headers);
    return request.method === 'HEAD' ? response.end() : response.end(body);
  });
  sts.on(GetCallerIdentityCommand).rejects(new Error('AccessDenied'));
  const asked: Record<string, unknown>[] = [];
  lambda.on(InvokeCommand).callsFake(async ({ Payload }) => {
    const { cursor = '0', ...call } = JSON.parse(String(Payload));
    asked.push({ cursor, ...call });
    const page = pages(server.url)[Number(cursor)];
    return { Payload: Uint8ArrayBlobAdapter.fromString(JSON.stringify(page)) };
  });
  const run = (to: string, ...more: readonly string[]) =>
    shell.sluice(['admin', 'export', '--owner', 'ada', '--to', to, '--stage', 'prod', ...more], {
      env: {
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_REGION: 'eu-central-1',
        AWS_ENDPOINT_URL_S3: server.url,
      },
    });
  return {
    ...shell,
    run,
    seen,
    asked,
    copies,
    rows: async () => readLines(await readFile(join(shell.folder, 'out', 'uploads.ndjson'), 'utf8')),
    read: (...path: readonly string[]) => readFile(join(shell.folder, 'out', ...path)),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await shell[Symbol.asyncDispose]();
    },
  };
}

function file(address: string, id: string, row: object = {}, query = ''): AdminItem {
  return {
    id,
    outcome: 'files',
    url: `${address}/${id}${query}`,
    store: { bucket: 'files', key: `acme/${id}` },
    row: {
      id,
      filename: 'photo.jpg',
      servedType: 'image/jpeg',
      evidence: { size: BYTES.length, checksum: CHECKSUM },
      ...row,
    },
  };
}

describe('an export into a folder', () => {
  test('has the rows, and the files with the bytes that were verified', async () => {
    const rejected = { id: 'r', outcome: 'rows', row: { id: 'r', state: 'rejected' } };
    await using world = await setup((at) => [
      { counts: { files: 1, rows: 1 }, items: [file(at, 'a'), rejected] },
    ]);
    const { code, out } = await world.run('out');
    expect([code, out]).toEqual([0, '1 files, 1 rows.\n']);
    expect(await world.read('a', 'photo.jpg')).toEqual(BYTES);
    expect(await world.rows()).toEqual([file('', 'a').row, rejected.row]);
  });

  test('fails over a file that has other bytes, and keeps nothing of it', async () => {
    await using world = await setup((at) => [{ counts: { files: 1 }, items: [file(at, 'a')] }], {
      sent: Buffer.from('bytez'),
    });
    const { code, err } = await world.run('out');
    expect([code, err]).toEqual([3, expect.stringContaining('are not those that were uploaded')]);
    expect(await readdir(join(world.folder, 'out', 'a'))).toEqual([]);
  });

  test('keeps what is there with its bytes, fetches what has others, and has each row once', async () => {
    await using world = await setup((at) => [
      { counts: { files: 2 }, items: [file(at, 'a'), file(at, 'b')] },
    ]);
    for (const [id, bytes] of [
      ['a', 'bytes'],
      ['b', 'bytez'],
    ] as const) {
      await mkdir(join(world.folder, 'out', id), { recursive: true });
      await writeFile(join(world.folder, 'out', id, 'photo.jpg'), bytes);
    }
    expect((await world.run('out')).code).toBe(0);
    expect(await world.read('b', 'photo.jpg')).toEqual(BYTES);
    expect(world.seen.filter((asked) => asked.startsWith('GET /a'))).toEqual([]);
    await world.run('out');
    expect(await world.rows()).toHaveLength(2);
  });

  test('goes on at the page where it was stopped, and cuts off what was half written', async () => {
    let isDown = true;
    const pages = (at: string): AdminPage[] => [
      { counts: { files: 1 }, items: [file(at, 'a')], cursor: '1' },
      { counts: { files: 1 }, items: [file(at, 'b')] },
    ];
    await using world = await setup(pages, { refuses: () => isDown && world.asked.length > 1 });
    expect((await world.run('out')).code).toBe(3);
    isDown = false;
    // What a process that was killed in the middle of a page leaves.
    await writeFile(
      join(world.folder, 'out', 'uploads.ndjson'),
      `${await world.read('uploads.ndjson')}{"id":`,
    );
    world.asked.length = 0;
    const { code, err } = await world.run('out');
    expect([code, err]).toEqual([0, expect.stringContaining('Goes on where it was stopped.')]);
    expect(world.asked.map(({ cursor }) => cursor)).toEqual(['1']);
    expect(await world.rows()).toEqual([file('', 'a').row, file('', 'b').row]);
    expect(await readdir(join(world.folder, 'out'))).toEqual(['a', 'b', 'uploads.ndjson']);
  });

  test('is not mixed with one of somebody else that was stopped there', async () => {
    await using world = await setup(() => [{ counts: {}, items: [] }]);
    const mark = { owner: '{"tenant":"eve","subject":"eve"}', cursor: '1', bytes: 0 };
    await mkdir(join(world.folder, 'out'));
    await writeFile(join(world.folder, 'out', '.sluice-export.json'), JSON.stringify(mark));
    const { code, err } = await world.run('out');
    expect([code, err]).toEqual([3, expect.stringContaining('somebody else')]);
  });

  test('asks for a page again whose addresses have ended', async () => {
    await using world = await setup((at) => [
      { counts: { files: 1 }, items: [file(at, 'a', {}, world.asked.length > 1 ? '' : '?ended')] },
    ]);
    expect((await world.run('out')).code).toBe(0);
    expect(world.asked).toHaveLength(2);
  });

  test('gives up on a file that S3 refuses twice', async () => {
    await using world = await setup((at) => [{ counts: { files: 1 }, items: [file(at, 'a', {}, '?ended')] }]);
    const { code, err } = await world.run('out');
    expect([code, err]).toEqual([3, expect.stringContaining('a')]);
    expect(world.asked).toHaveLength(2);
  });

  test.each([
    ['../../etc/passwd', '_.._.._etc_passwd'],
    ['..', '_'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['report. . .', 'report'],
    ['a/b\\c:d', 'a_b_c_d'],
    ['what?"<>|*', 'what______'],
    ['.bashrc', '_.bashrc'],
    ['line\nbreak', 'line_break'],
    ['', 'x'],
    ['\u202egpj.exe', '_gpj.exe'],
  ])('writes a file named %j as %j', (filename, name) => {
    expect(toExported({ id: 'x', outcome: 'files', row: { filename } }).name).toBe(name);
  });

  test('cuts a name that no disk takes, and keeps its extension', () => {
    const { name } = toExported({ id: 'x', outcome: 'files', row: { filename: `${'漢'.repeat(250)}.jpg` } });
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^漢+\.jpg$/);
  });

  test('has no folder outside of itself, whatever the id', () => {
    expect(() => toExported({ id: '../x', outcome: 'files' })).toThrow('is not the id of an upload');
  });

  test('keeps two files of one name apart', async () => {
    await using world = await setup((at) => [
      { counts: { files: 2 }, items: [file(at, 'a'), file(at, 'b')] },
    ]);
    await world.run('out');
    expect(await world.read('a', 'photo.jpg')).toEqual(await world.read('b', 'photo.jpg'));
  });
});

describe('an export into a bucket', () => {
  const page = (at: string): AdminPage[] => [{ counts: { files: 1 }, items: [file(at, 'a')] }];

  test('is copied by S3, a row beside each file, and not twice', async () => {
    await using world = await setup(page);
    expect((await world.run('s3://exports/ada')).code).toBe(0);
    expect([...world.copies.keys()].toSorted()).toEqual([
      '/exports/ada/files/a/photo.jpg',
      '/exports/ada/rows/a.json',
    ]);
    expect(JSON.parse(String(world.copies.get('/exports/ada/rows/a.json')))).toEqual(file('', 'a').row);
    const copied = () => world.seen.filter((asked) => /^PUT .*photo/.test(asked)).length;
    expect(copied()).toBe(1);
    await world.run('s3://exports/ada/');
    expect(copied()).toBe(1);
  });

  test('fails over a copy with other bytes', async () => {
    await using world = await setup(page, { sent: Buffer.from('more bytes') });
    const { code, err } = await world.run('s3://exports/ada');
    expect([code, err]).toEqual([3, expect.stringContaining('has not the bytes that were verified')]);
  });

  test('says which rights the keys have not', async () => {
    await using world = await setup(page, { isDenied: true });
    const { code, err } = await world.run('s3://exports/ada');
    expect([code, err]).toEqual([
      3,
      expect.stringContaining('does not let your keys copy s3://files/acme/a'),
    ]);
    expect(err).toContain('s3:GetObject');
  });
});
