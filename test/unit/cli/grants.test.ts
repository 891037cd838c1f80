import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { openShell, readLines } from './shell.ts';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const GRANT = {
  id: ID,
  owner: { tenant: 'acme', subject: 'ada' },
  uploads: 2,
  bytes: 2048,
  metadata: { order: '7' },
  taken: { uploads: 1, bytes: 1024 },
  left: { uploads: 1, bytes: 1024 },
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
};

/** The routes of grants, and a shell that calls them. */
async function setup() {
  const shell = await openShell();
  const bodies: unknown[] = [];
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    if (request.method === 'POST') bodies.push(await json(request));
    const answer = request.method === 'POST' ? { ...GRANT, token: 'slu2.a.b.c', companionUrl: 'u' } : GRANT;
    response.writeHead(request.method === 'DELETE' ? 204 : 200, { 'content-type': 'application/json' });
    response.end(request.method === 'DELETE' ? undefined : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    shell,
    calls,
    bodies,
    grants: (...argv: string[]) =>
      shell.sluice(['grants', ...argv, '--endpoint', endpoint, '--token', 'of-a-service']),
    [Symbol.asyncDispose]: async () => {
      server.close();
      await shell[Symbol.asyncDispose]();
    },
  };
}

describe('sluice grants', () => {
  test('create asks for what the options say, and writes the token alone to standard output', async () => {
    await using world = await setup();
    const { code, out, err } = await world.grants(
      ...['create', '--tenant', 'acme', '--owner', 'ada', '-n', '2', '--bytes', '2048', '--max-bytes', '9'],
      ...['-p', 'images', '-t', 'image/png', '-t', 'image/jpeg', '-m', 'order=7', '-r', 'order-7'],
      ...['--expires-in', '600'],
    );
    expect([code, out]).toEqual([0, 'slu2.a.b.c\n']);
    expect(err).toContain('1 left of 2');
    expect(err).not.toContain('slu2');
    expect(world.calls).toEqual(['POST /grants Bearer of-a-service']);
    expect(world.bodies).toEqual([
      {
        owner: { tenant: 'acme', subject: 'ada' },
        policy: 'images',
        types: ['image/png', 'image/jpeg'],
        maxBytes: 9,
        uploads: 2,
        bytes: 2048,
        metadata: { order: '7' },
        reference: 'order-7',
        expiresInSeconds: 600,
      },
    ]);
  });

  test('show tells what is left, and revoke ends it', async () => {
    await using world = await setup();
    expect((await world.grants('show', ID)).out).toMatch(/^bytes +1 KiB \(1024 bytes\) left of 2 KiB/m);
    expect(readLines((await world.grants('show', ID, '--json')).out)).toEqual([GRANT]);
    expect((await world.grants('revoke', ID)).out).toBe(`${ID}  revoked\n`);
    expect(world.calls.at(-1)).toBe(`DELETE /grants/${ID} Bearer of-a-service`);
  });

  test.each([
    [[], 'create, show or revoke'],
    [['make'], 'create, show or revoke'],
    [['show'], 'One grant at a time'],
    [['revoke', 'a', 'b'], 'One grant at a time'],
    [['show', '../x'], 'is not the id of a grant'],
    [['create', ID], 'takes no id'],
    [['create', '--owner', 'ada'], 'go together'],
    [['create', '--uploads', '0'], '--uploads must be'],
    [['create', '--bytes', '1.5'], '--bytes must be'],
    [['create', '--expires-in', '59'], '--expires-in must be'],
  ])('%j is a mistake that says what to do', async (argv, said) => {
    await using world = await setup();
    const { code, err } = await world.grants(...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    expect(world.calls).toEqual([]);
  });
});

describe('sluice upload --grant', () => {
  test('uploads by the grant, and takes no token beside it', async () => {
    await using shell = await openShell();
    const path = `${shell.folder}/a.txt`;
    await writeFile(path, 'abc');
    const env = { SLUICE_ENDPOINT: shell.server.endpoint, SLUICE_TOKEN: 'of-somebody-else' };
    const { code } = await shell.sluice(['upload', path, '--grant', 'token-1'], { env });
    expect(code).toBe(0);
    expect(shell.server.calls('POST /uploads')[0]?.headers.authorization).toBe('Bearer token-1');
    const both = await shell.sluice(['upload', path, '--grant', 'a', '--token', 'b']);
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('exclude each other')]);
  });
});
