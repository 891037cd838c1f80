import type { Upload } from '@sluice/client/resource';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { openShell, readLines } from './shell.ts';

function upload(more: Partial<Upload> & Pick<Upload, 'id'>): Upload {
  return {
    state: 'accepted',
    filename: 'photo.jpg',
    contentType: 'image/jpeg',
    size: 2048,
    policy: 'images',
    metadata: {},
    transport: 'put',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T00:15:00.000Z',
    ...more,
  };
}

async function setup(...uploads: readonly Upload[]) {
  const shell = await openShell();
  for (const one of uploads) shell.server.uploads.set(one.id, one);
  return shell;
}

describe('sluice status', () => {
  test('tells all that is known, and exits 0 though the upload was rejected', async () => {
    await using world = await setup(
      upload({
        id: 'u-1',
        state: 'rejected',
        reason: 'type_mismatch',
        detail: 'It is HTML.',
        metadata: { project: 'apollo' },
      }),
    );
    const { code, out } = await world.sluice(['status', 'u-1']);
    expect(out).toMatch(/^state +rejected$/m);
    expect(out).toMatch(/^reason +type_mismatch$/m);
    expect(out).toMatch(/^size +2 KiB \(2048 bytes\)$/m);
    expect(out).toMatch(/^metadata project +apollo$/m);
    expect(code).toBe(0);
  });

  test('waits for the verdict and exits by it when told to', async () => {
    await using world = await setup(upload({ id: 'u-1', state: 'requested' }));
    world.server.objects.set('u-1', Buffer.from('x'));
    world.server.settleAs({ state: 'rejected', reason: 'size_mismatch' });
    expect((await world.sluice(['status', 'u-1', '--wait'])).code).toBe(1);
  });

  test('writes the resource as it came with --json', async () => {
    const one = upload({ id: 'u-1' });
    await using world = await setup(one);
    expect(readLines((await world.sluice(['status', 'u-1', '--json'])).out)).toEqual([one]);
  });

  test('cannot be made to move the cursor by a name or a detail', async () => {
    await using world = await setup(upload({ id: 'u-1', detail: '\x1b[2Jgone', filename: 'a\u202Egpj.exe' }));
    const { out } = await world.sluice(['status', 'u-1']);
    expect(out).not.toContain('\x1b');
    expect(out).not.toContain('\u202e');
    expect(out).toContain('\ufffd[2Jgone');
  });

  test('exits 3 and says where ids are found when there is no such upload', async () => {
    await using world = await setup();
    const { code, err } = await world.sluice(['status', 'u-1']);
    expect(err).toContain('sluice list');
    expect(code).toBe(3);
  });

  test.each([[[]], [['..']], [['a/b']], [['u-1', '..']]])(
    'exits 2 and asks nobody when the ids are %j',
    async (ids) => {
      await using world = await setup();
      expect((await world.sluice(['status', ...ids])).code).toBe(2);
      expect(world.server.seen).toEqual([]);
    },
  );
});

describe('sluice share', () => {
  test('says who may read the file from now on, and the address of one that anyone may read', async () => {
    await using world = await setup(upload({ id: 'u-1', servedName: 'my photo.jpg' }), upload({ id: 'u-2' }));
    const { code, out } = await world.sluice(['share', 'u-1', 'u-2', '--readers', 'anyone']);
    expect(out).toBe(
      `u-1  anyone  ${world.server.endpoint}/files/u-1/my%20photo.jpg\n` +
        `u-2  anyone  ${world.server.endpoint}/files/u-2/photo.jpg\n`,
    );
    expect(code).toBe(0);
    expect((await world.sluice(['share', 'u-1', '-r', 'tenant'])).out).toBe('u-1  tenant\n');
    expect((await world.sluice(['status', 'u-2'])).out).toMatch(/^address +http.*\/files\/u-2\/photo.jpg$/m);
  });

  test('goes on after one that it cannot share, and exits by that', async () => {
    await using world = await setup(upload({ id: 'u-2' }));
    const { code, out, err } = await world.sluice(['share', 'u-1', 'u-2', '--readers', 'tenant']);
    expect(err).toContain('upload_not_found');
    expect(out).toBe('u-2  tenant\n');
    expect(code).toBe(3);
  });

  test('writes a line of JSON for each with --json', async () => {
    await using world = await setup(upload({ id: 'u-1' }));
    const { out } = await world.sluice(['share', 'u-1', 'nothing', '--readers', 'anyone', '--json']);
    expect(readLines(out)).toMatchObject([
      { id: 'u-1', readers: 'anyone', address: `${world.server.endpoint}/files/u-1/photo.jpg` },
      { id: 'nothing', error: { code: 'upload_not_found' } },
    ]);
  });

  test.each([[['u-1']], [['u-1', '--readers', 'all']], [['--readers', 'owner']]])(
    'exits 2 and asks nobody when the command line is share %j',
    async (argv) => {
      await using world = await setup(upload({ id: 'u-1' }));
      expect((await world.sluice(['share', ...argv])).code).toBe(2);
      expect(world.server.seen).toEqual([]);
    },
  );
});

describe('sluice status of several uploads', () => {
  test('lists them in their order, with one call', async () => {
    await using world = await setup(upload({ id: 'u-1' }), upload({ id: 'u-2', filename: 'b.jpg' }));
    const { code, out } = await world.sluice(['status', 'u-2', 'u-1']);
    expect(out).toBe(
      'ID   STATE     SIZE   TYPE        READERS  REQUESTED   FILE\n' +
        'u-2  accepted  2 KiB  image/jpeg  owner    10 min ago  b.jpg\n' +
        'u-1  accepted  2 KiB  image/jpeg  owner    10 min ago  photo.jpg\n',
    );
    expect(code).toBe(0);
    expect(world.server.seen.map(({ route }) => route)).toEqual(['POST /uploads/batch/status']);
  });

  test('tells of those that there are, though there is no such other one, and exits 3', async () => {
    const one = upload({ id: 'u-1' });
    await using world = await setup(one);
    const { code, out } = await world.sluice(['status', 'u-9', 'u-1', '--json']);
    expect(readLines(out)).toEqual([
      { id: 'u-9', error: expect.objectContaining({ code: 'upload_not_found' }) },
      one,
    ]);
    expect(code).toBe(3);
    expect((await world.sluice(['status', 'u-9', 'u-1'])).err).toContain('u-9  failed: ');
  });

  test('waits for all verdicts, and exits by the worst', async () => {
    await using world = await setup(
      ...['u-1', 'u-2'].map((id) => upload({ id, state: 'requested', filename: `${id}.jpg` })),
    );
    world.server.objects.set('u-1', Buffer.from('x'));
    world.server.objects.set('u-2', Buffer.from('<!doctype html>'));
    const { code, out } = await world.sluice(['status', 'u-1', 'u-2', '--wait']);
    expect(out).toMatch(/^u-1 +accepted /m);
    expect(out).toMatch(/^u-2 +rejected: active_content /m);
    expect(code).toBe(1);
    expect(world.server.calls('GET /uploads/{id}')).toEqual([]);
  });
});

describe('sluice list', () => {
  const many = Array.from({ length: 130 }, (_, i) =>
    upload({ id: `u-${i}`, state: i % 2 ? 'accepted' : 'rejected' }),
  );

  test('lists under a heading, the file name last', async () => {
    await using world = await setup(upload({ id: 'u-1' }));
    const { out, code } = await world.sluice(['list']);
    expect(out).toBe(
      'ID   STATE     SIZE   TYPE        READERS  REQUESTED   FILE\n' +
        'u-1  accepted  2 KiB  image/jpeg  owner    10 min ago  photo.jpg\n',
    );
    expect(code).toBe(0);
  });

  test('says why an upload was rejected', async () => {
    await using world = await setup(upload({ id: 'u-1', state: 'rejected', reason: 'size_mismatch' }));
    expect((await world.sluice(['list'])).out).toContain('u-1  rejected: size_mismatch  2 KiB');
  });

  test('lists an upload whose size nobody has said yet, as Uppy begins them', async () => {
    const { size: _unsaid, ...begun } = upload({ id: 'u-1', state: 'requested', transport: 'multipart' });
    await using world = await setup(begun);
    expect((await world.sluice(['list'])).out).toContain('u-1  requested  unknown  image/jpeg');
    expect((await world.sluice(['status', 'u-1'])).out).toMatch(/^size +unknown$/m);
  });

  test('lists twenty and says that there are more', async () => {
    await using world = await setup(...many);
    const { out, err } = await world.sluice(['list']);
    expect(out.trim().split('\n')).toHaveLength(21);
    expect(err).toContain('--all');
  });

  test('lists all of them, page by page, with --all', async () => {
    await using world = await setup(...many);
    const { out } = await world.sluice(['list', '--all', '--json']);
    expect(readLines(out)).toEqual([{ uploads: many, more: false }]);
    expect(world.server.calls('GET /uploads')).toHaveLength(2);
  });

  test('lists as many as asked for, over pages that are smaller', async () => {
    await using world = await setup(...many);
    const [answer] = readLines((await world.sluice(['list', '-n', '110', '--json'])).out);
    expect(answer).toMatchObject({ more: true, uploads: { length: 110 } });
  });

  test('lists only one state when told to', async () => {
    await using world = await setup(...many);
    const [answer] = readLines((await world.sluice(['list', '--state', 'rejected', '--all', '--json'])).out);
    expect(answer).toMatchObject({ uploads: { length: 65 } });
  });

  test('lists what everybody of the tenant may read, with --tenant', async () => {
    await using world = await setup(upload({ id: 'u-1' }), upload({ id: 'u-2', readers: 'tenant' }));
    const { out } = await world.sluice(['list', '--tenant']);
    expect(out).toMatch(/u-2 .* tenant /);
    expect(out).not.toContain('u-1');
  });

  test('lists only what was uploaded with one reference when told to', async () => {
    await using world = await setup(upload({ id: 'u-1', reference: 'order 1' }), upload({ id: 'u-2' }));
    const [answer] = readLines((await world.sluice(['list', '--reference', 'order 1', '--json'])).out);
    expect(answer).toMatchObject({ uploads: [{ id: 'u-1', reference: 'order 1' }] });
    expect((await world.sluice(['status', 'u-1'])).out).toMatch(/^reference +order 1$/m);
  });

  test('says that there are none on stderr, so that a pipe stays empty', async () => {
    await using world = await setup();
    expect(await world.sluice(['list'])).toEqual({ code: 0, out: '', err: 'There are none.\n' });
  });

  test.each([
    [['--state', 'done']],
    [['--limit', '0']],
    [['--limit', 'ten']],
    [['--limit', '5', '--all']],
    [['u-1']],
  ])('exits 2 when the command line is list %j', async (argv) => {
    await using world = await setup();
    expect((await world.sluice(['list', ...argv])).code).toBe(2);
  });
});

describe('sluice delete', () => {
  test('deletes each of them and says so', async () => {
    await using world = await setup(upload({ id: 'u-1' }), upload({ id: 'u-2', state: 'requested' }));
    const { code, out } = await world.sluice(['delete', 'u-1', 'u-2']);
    expect(out).toBe('u-1  deleted\nu-2  deleted\n');
    expect([...world.server.uploads.values()].map(({ state }) => state)).toEqual(['deleted', 'aborted']);
    expect(code).toBe(0);
  });

  test('deletes a hundred with each call', async () => {
    const many = Array.from({ length: 230 }, (_, n) => upload({ id: `u-${n}` }));
    await using world = await setup(...many);
    const { code, out } = await world.sluice(['delete', ...many.map(({ id }) => id)]);
    expect(out.trim().split('\n')).toEqual(many.map(({ id }) => `${id}  deleted`));
    expect(code).toBe(0);
    expect(world.server.seen.map(({ route }) => route)).toEqual(Array(3).fill('POST /uploads/batch/delete'));
  });

  test('deletes each by itself where the server takes no batches', async () => {
    await using world = await setup(upload({ id: 'u-1' }), upload({ id: 'u-2' }));
    world.server.beOld();
    const { code, out } = await world.sluice(['delete', 'u-1', 'u-2']);
    expect(out).toBe('u-1  deleted\nu-2  deleted\n');
    expect(code).toBe(0);
    expect(world.server.calls('DELETE /uploads/{id}')).toHaveLength(2);
  });

  test('goes on after one that cannot be deleted, and exits 3', async () => {
    await using world = await setup(upload({ id: 'u-2' }));
    const { code, out } = await world.sluice(['delete', 'u-1', 'u-2', '--json']);
    expect(readLines(out)).toMatchObject([
      { id: 'u-1', deleted: false, error: { code: 'upload_not_found' } },
      { id: 'u-2', deleted: true },
    ]);
    expect(code).toBe(3);
  });
});

describe('sluice policies', () => {
  test('lists names, limits and types', async () => {
    await using world = await setup();
    const { out } = await world.sluice(['policies']);
    expect(out).toBe('everything  Everything, up to 1 GiB\n  text/plain\n  image/png\n');
  });

  test('writes the answer as it came with --json', async () => {
    await using world = await setup();
    expect(readLines((await world.sluice(['policies', '--json'])).out)).toMatchObject([
      { policies: [{ name: 'everything', maxBytes: 1024 ** 3 }] },
    ]);
  });
});

describe('sluice usage', () => {
  test('tells what is there and what is left, a line for each counter', async () => {
    await using world = await setup();
    const { out, code } = await world.sluice(['usage']);
    expect(out).toBe(
      [
        'OF          FILES  LEFT      BYTES    LEFT',
        'all         3      no limit  2 KiB    1022 KiB',
        'everything  1      1         5 bytes  no limit',
        'unfinished  0      9',
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  test('tells it of whom a service names, as it came with --json', async () => {
    await using world = await setup();
    const { out } = await world.sluice(['usage', '--owner-tenant', 'globex', '--owner', 'bob', '--json']);
    expect(readLines(out)).toMatchObject([{ tenant: 'globex', subject: 'bob' }]);
  });

  test('takes no name', async () => {
    await using world = await setup();
    expect((await world.sluice(['usage', 'ada'])).code).toBe(2);
  });
});

describe('sluice', () => {
  test.each([['--help'], ['-h'], ['help']])('explains itself on stdout and exits 0 with %s', async (flag) => {
    await using world = await setup();
    const { code, out } = await world.sluice([flag]);
    for (const word of [
      'upload',
      'status',
      'list',
      'download',
      'delete',
      'policies',
      'login',
      'Exit codes:',
      'SLUICE_ENDPOINT',
    ]) {
      expect(out).toContain(word);
    }
    expect(code).toBe(0);
  });

  test.each([
    ...[
      'upload',
      'status',
      'list',
      'download',
      'share',
      'delete',
      'policies',
      'usage',
      'login',
      'logout',
      'token',
    ],
    ...['explain', 'doctor', 'cp', 'ls', 'rm', 'presign', 'mb', 'rb'],
  ])('explains %s with examples, asked in either way, though the rest is wrong', async (name) => {
    await using world = await setup();
    const { code, out } = await world.sluice([name, '--wrong', '--help']);
    expect(out).toContain(`Usage: sluice ${name}`);
    expect(out).toMatch(/Examples:\n {2}\S/);
    expect(code).toBe(0);
    expect((await world.sluice(['help', name])).out).toBe(out);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test.each([[[]], [['frobnicate']]])('exits 2 when the command is %j', async (argv) => {
    await using world = await setup();
    const { code, err } = await world.sluice(argv);
    expect(err).toContain('sluice --help');
    expect(code).toBe(2);
  });

  test('takes the options of every command before the command too', async () => {
    await using world = await setup(upload({ id: 'u-1' }));
    const { code, out } = await world.sluice(
      ['--json', '--endpoint', world.server.endpoint, '--token', 'token-1', 'status', 'u-1'],
      { env: {} },
    );
    expect(readLines(out)).toMatchObject([{ id: 'u-1' }]);
    expect(code).toBe(0);
  });

  test('writes an error as JSON on stderr with --json', async () => {
    await using world = await setup();
    world.server.fail('GET /policies', problem(500, 'internal', { requestId: 'r-9' }));
    const { code, out, err } = await world.sluice(['policies', '--json']);
    expect(out).toBe('');
    expect(readLines(err)).toEqual([
      {
        error: {
          code: 'internal',
          message: 'detail of internal',
          hint: 'The log tells more under request r-9.',
          requestId: 'r-9',
        },
      },
    ]);
    expect(code).toBe(3);
  });
});

describe('a name that looks like options', () => {
  test('is refused with the way to write it, though an h is among its letters', async () => {
    await using world = await setup();
    const { code, err } = await world.sluice(['upload', '-dash.png']);
    expect(code).toBe(2);
    expect(err).toContain('./-like-this');
  });

  test('is no file to download into', async () => {
    await using world = await setup(upload({ id: 'u-1' }));
    const { code, err } = await world.sluice(['download', 'u-1', '-o', '-']);
    expect(code).toBe(2);
    expect(err).toContain('give --output a name');
  });
});
