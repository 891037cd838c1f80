import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { openShell, readLines } from './shell.ts';

async function setup(files: Readonly<Record<string, string>> = { 'a.txt': 'hello' }) {
  const shell = await openShell();
  const paths: Record<string, string> = {};
  for (const [name, content] of Object.entries(files)) {
    paths[name] = join(shell.folder, name);
    await writeFile(join(shell.folder, name), content);
  }
  return { ...shell, path: (name: string) => join(shell.folder, name) };
}

describe('sluice upload', () => {
  test('exits 0 and names type, size and id when the file is accepted', async () => {
    await using world = await setup();
    const { code, out } = await world.sluice(['upload', world.path('a.txt')]);
    const [id] = [...world.server.uploads.keys()];
    expect(out).toBe(`${world.path('a.txt')}  accepted as text/plain, 5 bytes  ${id}\n`);
    expect(code).toBe(0);
  });

  test('exits 1 and gives the reason when the file is rejected', async () => {
    await using world = await setup();
    world.server.settleAs({ state: 'rejected', reason: 'type_mismatch', detail: 'The bytes are HTML.' });
    const { code, out } = await world.sluice(['upload', world.path('a.txt')]);
    expect(out).toContain('rejected: The bytes are HTML. (type_mismatch)');
    expect(code).toBe(1);
  });

  test('tells the type by the extension, in whatever case', async () => {
    await using world = await setup({ 'DATA.CSV': 'a,b' });
    await world.sluice(['upload', world.path('DATA.CSV')]);
    expect([...world.server.uploads.values()][0]).toMatchObject({
      contentType: 'text/csv',
      filename: 'DATA.CSV',
    });
  });

  test('passes on what was asked for', async () => {
    await using world = await setup();
    const options = [
      '-p',
      'docs',
      '-t',
      'text/markdown',
      '-m',
      'a=1',
      '-m',
      'b=x=y',
      '--reference',
      'order 1',
      '--transport',
      'post',
      '--checksum',
      'sha256',
    ];
    await world.sluice(['upload', world.path('a.txt'), ...options]);
    expect([...world.server.uploads.values()][0]).toMatchObject({
      policy: 'docs',
      contentType: 'text/markdown',
      metadata: { a: '1', b: 'x=y' },
      reference: 'order 1',
      transport: 'post',
      checksum: { algorithm: 'sha256', value: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' },
    });
  });

  test('passes on a checksum that is known already', async () => {
    await using world = await setup();
    await world.sluice(['upload', world.path('a.txt'), '--checksum', 'crc32=NhCmhg==']);
    expect([...world.server.uploads.values()][0]?.checksum).toEqual({
      algorithm: 'crc32',
      value: 'NhCmhg==',
    });
  });

  test('does not wait for the verdict when told not to', async () => {
    await using world = await setup();
    const { code, out } = await world.sluice(['upload', world.path('a.txt'), '--no-wait']);
    expect(out).toContain('  sent  ');
    expect(code).toBe(0);
    expect(world.server.calls('GET /uploads/{id}')).toEqual([]);
  });

  test('tells the steps a line each when nobody watches, and nothing of it with --json', async () => {
    await using world = await setup();
    expect((await world.sluice(['upload', world.path('a.txt')])).err).toBe(
      'a.txt: requested\na.txt: verifying\n',
    );
    expect((await world.sluice(['upload', world.path('a.txt'), '--json'])).err).toBe('');
  });

  test('shows a bar that changes in place, and takes it away, on a terminal', async () => {
    await using world = await setup({ 'big.txt': 'x'.repeat(3_000_000) });
    const { err, out } = await world.sluice(['upload', world.path('big.txt')], { isTTY: true });
    expect(err).toContain('━');
    expect(err).toContain('of 2.9 MiB');
    expect(err.endsWith('\x1b[1A\x1b[J')).toBe(true);
    expect(out).toContain('accepted');
  });

  test('shows what it can on a terminal that does not know its width', async () => {
    await using world = await setup();
    const { err } = await world.sluice(['upload', world.path('a.txt')], { isTTY: true, columns: 0 });
    expect(err).toContain('a.txt  verifying…');
  });

  test('writes no colour and no cursor movement into a pipe', async () => {
    await using world = await setup();
    const { out, err } = await world.sluice(['upload', world.path('a.txt')]);
    expect(out + err).not.toContain('\x1b');
  });
});

describe('sluice upload with --json', () => {
  test('writes a line per file with its outcome and the upload', async () => {
    await using world = await setup({ 'a.txt': 'a', 'b.txt': 'b' });
    const { code, out } = await world.sluice(['upload', world.path('a.txt'), world.path('b.txt'), '--json']);
    const lines = readLines(out);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatchObject({
        file: expect.stringMatching(/[ab]\.txt$/),
        outcome: 'accepted',
        upload: { state: 'accepted', id: expect.any(String) },
      });
    }
    expect(code).toBe(0);
  });

  test('writes the error of a file in its line', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads', problem(422, 'policy_unknown', { field: 'policy' }));
    const { code, out } = await world.sluice(['upload', world.path('a.txt'), '--json']);
    expect(readLines(out)).toEqual([
      {
        file: world.path('a.txt'),
        outcome: 'failed',
        error: {
          code: 'policy_unknown',
          field: 'policy',
          message: 'detail of policy_unknown',
          hint: '`sluice policies` lists the policies.',
          requestId: 'r-1',
        },
      },
    ]);
    expect(code).toBe(3);
  });

  test('calls an upload that was sent and not waited for "sent"', async () => {
    await using world = await setup();
    const { out } = await world.sluice(['upload', world.path('a.txt'), '--no-wait', '--json']);
    expect(readLines(out)).toMatchObject([{ outcome: 'sent', upload: { state: 'requested' } }]);
  });
});

describe('sluice upload of several files', () => {
  test('sends all of them though one fails, and exits with the worst', async () => {
    await using world = await setup({ 'a.txt': 'a', 'c.txt': 'c' });
    const { code, out, err } = await world.sluice([
      'upload',
      world.path('a.txt'),
      world.path('missing.txt'),
      world.path('c.txt'),
    ]);
    expect(out.match(/accepted/g)).toHaveLength(2);
    expect(err).toContain('missing.txt  failed: ');
    expect(code).toBe(3);
  });

  test('requests small files together, and asks for their verdicts together', async () => {
    const names = Array.from({ length: 15 }, (_, i) => `${i}.txt`);
    await using world = await setup(Object.fromEntries(names.map((name) => [name, name])));
    const { code } = await world.sluice(['upload', ...names.map(world.path)]);
    expect(code).toBe(0);
    expect(world.server.objects.size).toBe(15);
    const calls = world.server.seen.filter(({ route }) => route.includes(' /uploads'));
    expect(calls.length).toBeLessThan(15);
  });

  test('sends more files than it sends at once', async () => {
    const names = Array.from({ length: 11 }, (_, i) => `${i}.txt`);
    await using world = await setup(Object.fromEntries(names.map((name) => [name, name])));
    const { code, out } = await world.sluice(['upload', ...names.map(world.path)]);
    expect(out.trim().split('\n')).toHaveLength(11);
    expect(world.server.objects.size).toBe(11);
    expect(code).toBe(0);
  });
});

describe('sluice upload, when something is wrong', () => {
  test('asks for --content-type when the extension tells none', async () => {
    await using world = await setup({ 'a.xyz': 'a' });
    const { code, err } = await world.sluice(['upload', world.path('a.xyz')]);
    expect(err).toContain('--content-type');
    expect(code).toBe(3);
    expect(world.server.seen).toEqual([]);
  });

  test('says so when a path is a folder', async () => {
    await using world = await setup();
    const { code, err } = await world.sluice(['upload', world.folder, '-t', 'text/plain']);
    expect(err).toContain('is not a file');
    expect(code).toBe(3);
  });

  test('sends the file anew when the connection breaks in the middle of it', async () => {
    await using world = await setup({ 'big.txt': 'x'.repeat(3_000_000) });
    world.server.fail('PUT /s3/{id}', { kind: 'cut-in-body', afterBytes: 1_000_000 });
    const { code } = await world.sluice(['upload', world.path('big.txt')]);
    expect(code).toBe(0);
  });

  test('exits 3 when S3 refuses the signature', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}', {
      kind: 'answer',
      status: 403,
      body: '<Error><Code>AccessDenied</Code></Error>',
    });
    const { code, err } = await world.sluice(['upload', world.path('a.txt')]);
    expect(err).toContain('S3 refused the signature');
    expect(err).toContain('s3_AccessDenied');
    expect(code).toBe(3);
  });

  test('tells how to go on waiting when the verdict does not come', async () => {
    await using world = await setup();
    world.server.settleAs({ state: 'verifying' });
    const { code, err } = await world.sluice(['upload', world.path('a.txt')]);
    const [id] = [...world.server.uploads.keys()];
    expect(err).toContain(`sluice status ${id} --wait`);
    expect(code).toBe(3);
  });

  test('exits 130 and gives the upload up when it is stopped in the middle of the file', async () => {
    await using world = await setup({ 'big.txt': 'x'.repeat(3_000_000) });
    world.server.fail('PUT /s3/{id}', { kind: 'silence' });
    const stop = new AbortController();
    const running = world.sluice(['upload', world.path('big.txt')], { signal: stop.signal });
    await expect.poll(() => world.server.uploads.size).toBe(1);
    stop.abort();
    const { code, err } = await running;
    expect(code).toBe(130);
    expect(err).toContain('Stopped.');
    expect([...world.server.uploads.values()][0]?.state).toBe('aborted');
  });

  test.each([
    [['upload']],
    [['upload', 'a.txt', '--metadata', 'novalue']],
    [['upload', 'a.txt', '-m', 'a=1', '-m', 'a=2']],
    [['upload', 'a.txt', '--transport', 'ftp']],
    [['upload', 'a.txt', '--checksum', 'md5']],
    [['upload', 'a.txt', '--checksum', 'crc16=AAAA']],
    [['upload', 'a.txt', '--policy']],
    [['upload', 'a.txt', '--policy', 'a', '--policy', 'b']],
    [['upload', 'a.txt', '--unknown']],
  ])('exits 2 and points to the help when the command line is %j', async (argv) => {
    await using world = await setup();
    const { code, err } = await world.sluice(argv);
    expect(code).toBe(2);
    expect(err).toContain('Try `sluice upload --help`.');
    expect(world.server.seen).toEqual([]);
  });
});
