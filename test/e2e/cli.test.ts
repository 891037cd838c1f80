// The command line tool as a person uses it, against the deployed stack.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PROMISES } from 'sluice/check/promises';
import { describe, expect, inject, test } from 'vitest';
import { readService } from '../../local/users.ts';
import { DISHONEST } from '../corpus/dishonest.ts';
import { HONEST } from '../corpus/honest.ts';
import { isTaken } from '../corpus/taken.ts';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/sluice.ts', import.meta.url));

async function setup() {
  const { apiUrl, endpoint, userPoolClientId, alice, bob } = inject('stack');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
  const start = (argv: readonly string[], env: Readonly<Record<string, string>>) => {
    const child = spawn(process.execPath, [ENTRY, ...argv], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...env },
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const result = Promise.all([text(child.stdout), text(child.stderr), ended]).then(([out, err, code]) => ({
      out,
      err,
      code,
    }));
    return { child, result };
  };
  const asAlice = { SLUICE_ENDPOINT: apiUrl, SLUICE_TOKEN: alice.idToken };
  return {
    folder,
    path: (name: string) => join(folder, name),
    /** Starts `sluice` as Alice, and lets it run. */
    start: (...argv: readonly string[]) => start(argv, asAlice),
    /** Runs `sluice` as Alice to its end. */
    sluice: (...argv: readonly string[]) => start(argv, asAlice).result,
    sluiceAsBob: (...argv: readonly string[]) =>
      start(argv, { ...asAlice, SLUICE_TOKEN: bob.idToken }).result,
    /** Runs `sluice` with nothing said, beside the file that describes the local stack. */
    sluiceBesideStack: async (...argv: readonly string[]) => {
      await mkdir(join(folder, '.sluice'), { recursive: true });
      const demo = { email: alice.email, password: alice.password };
      await writeFile(
        join(folder, '.sluice', 'stack.json'),
        JSON.stringify({
          apiUrl,
          endpoint,
          userPoolClientId,
          demo,
          service: await readService(inject('stack')),
        }),
      );
      return start(argv, {}).result;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

type Line = {
  readonly file: string;
  readonly outcome: string;
  readonly upload: { readonly id: string; readonly servedType?: string; readonly reason?: string };
};

function readLines(out: string): Line[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function onlyLine(out: string): Line {
  const [line, ...more] = readLines(out);
  if (line === undefined || more.length > 0) throw new Error(`not one line: ${out}`);
  return line;
}

// Some of the corpus are named by what is special about them; here the extension has to tell the type.
const honest = HONEST.filter(
  ({ name, type }, i) =>
    isTaken(type) && /^[\w.]+\.\w+$/.test(name) && HONEST.findIndex((other) => other.name === name) === i,
);

test('checks what the stack promises, and finds all of it kept', async () => {
  await using alice = await setup();
  const { out, code } = await alice.sluiceBesideStack('check', '--json');
  const { kept, checks } = JSON.parse(out) as { kept: boolean; checks: { check: string; verdict: string }[] };
  expect(
    checks.map(({ check, verdict }) => `${check} ${verdict}`),
    out,
  ).toEqual(
    // No policy of this stack demands a scanner; test/clamav has one that does.
    PROMISES.map((check) => `${check} ${check === 'scanned' ? 'none' : 'ok'}`),
  );
  expect([code, kept]).toEqual([0, true]);
});

describe('sluice upload', () => {
  test('has every honest file accepted under the type that its extension stands for', async () => {
    await using world = await setup();
    for (const { name, bytes } of honest) await writeFile(world.path(name), bytes);
    const { out, err, code } = await world.sluice(
      'upload',
      '--json',
      '--checksum',
      'sha256',
      ...honest.map(({ name }) => name),
    );
    const outcomes = readLines(out).map(
      ({ file, outcome, upload }) => `${file} ${outcome} ${upload?.servedType?.split(';', 1)[0]}`,
    );
    expect(outcomes.toSorted()).toEqual(
      honest.map(({ name, type }) => `${name} accepted ${type}`).toSorted(),
    );
    expect([err, code]).toEqual(['', 0]);
  });

  test.each(
    DISHONEST.filter(({ outcome, declared }) => outcome !== 'inert' && isTaken(declared))
      .filter((_file, i) => i % 12 === 0)
      .slice(0, 8),
  )(
    'has $name rejected as $outcome, tells why, and gives no byte of it back',
    async ({ name, declared, bytes, outcome }) => {
      await using world = await setup();
      await writeFile(world.path('file'), bytes);
      const { out, code } = await world.sluice('upload', 'file', '--json', '--content-type', declared);
      const { upload } = onlyLine(out);
      expect(upload.reason, name).toBe(outcome);
      expect(code).toBe(1);

      const download = await world.sluice('download', upload.id);
      expect(download.code).toBe(3);
      await expect(stat(world.path('file.part'))).rejects.toThrow('ENOENT');
    },
  );

  test('takes a form as well as a PUT', async () => {
    await using world = await setup();
    await writeFile(world.path('a "quoted" naïve 名前.csv'), 'id,name\n1,Ada\n');
    const { out, code } = await world.sluice(
      'upload',
      'a "quoted" naïve 名前.csv',
      '--transport',
      'post',
      '--json',
    );
    expect(onlyLine(out)).toMatchObject({
      outcome: 'accepted',
      upload: { filename: 'a "quoted" naïve 名前.csv', transport: 'post' },
    });
    expect(code).toBe(0);
  });

  test('keeps metadata, and gives them back', async () => {
    await using world = await setup();
    await writeFile(world.path('a.txt'), 'hello');
    const { out } = await world.sluice('upload', 'a.txt', '-m', 'project=apollo', '-m', 'note=a=b', '--json');
    const { upload } = onlyLine(out);
    const status = await world.sluice('status', upload.id, '--json');
    expect(JSON.parse(status.out)).toMatchObject({ metadata: { project: 'apollo', note: 'a=b' } });
  });

  test('is refused by S3 when the bytes are not those of the declared checksum', async () => {
    await using world = await setup();
    await writeFile(world.path('a.txt'), 'hello');
    const other = createHash('sha256').update('other').digest('base64');
    const { out, code } = await world.sluice('upload', 'a.txt', '--checksum', `sha256=${other}`, '--json');
    expect(onlyLine(out).outcome).not.toBe('accepted');
    expect(code).not.toBe(0);
  });

  test.each([
    ['program.exe', ['--content-type', 'application/x-msdownload'], 'type_not_allowed'],
    ['a.txt', ['--policy', 'nothing'], 'policy_unknown'],
    ['a.txt', ['--policy', 'images'], 'type_not_allowed'],
  ])('of %s with %j exits 3 with the code %s before a byte is sent', async (name, options, code) => {
    await using world = await setup();
    await writeFile(world.path(name), 'hello');
    const result = await world.sluice('upload', name, ...options);
    expect(result.err).toContain(code);
    expect(result.err).toContain('sluice policies');
    expect(result.code).toBe(3);
  });

  test('gives an upload in one piece up at Ctrl-C', async () => {
    await using world = await setup();
    // Sparse: two gigabytes that take no time to make, and some to send.
    await writeFile(world.path('big.csv'), '');
    await truncate(world.path('big.csv'), 2 * 1024 ** 3);
    const { child, result } = world.start('upload', 'big.csv', '--transport', 'put');
    const requested = new Promise<void>((resolve) =>
      child.stderr.on('data', (data) => String(data).includes('requested') && resolve()),
    );
    await requested;
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    const { uploads } = JSON.parse((await world.sluice('list', '--limit', '1', '--json')).out);
    expect(uploads[0]).toMatchObject({ filename: 'big.csv', state: 'aborted' });
  });
});

describe('what was accepted', () => {
  test('comes back byte for byte, under its own name, and is gone once deleted', async () => {
    await using world = await setup();
    const bytes = Buffer.from(randomBytes(3_000_000).toString('hex'));
    await writeFile(world.path('numbers.txt'), bytes);
    const { upload } = onlyLine(
      (await world.sluice('upload', 'numbers.txt', '--checksum', 'sha256', '--json')).out,
    );

    expect((await world.sluice('download', upload.id, '-o', 'back/')).code).toBe(0);
    expect((await readFile(world.path('back/numbers.txt'))).equals(bytes)).toBe(true);

    expect((await world.sluice('delete', upload.id)).code).toBe(0);
    expect((await world.sluice('download', upload.id, '-o', 'again/')).code).toBe(3);
    expect(JSON.parse((await world.sluice('status', upload.id, '--json')).out)).toMatchObject({
      state: 'deleted',
    });
  });

  test('comes back by ranges, held to its checksum, and after a kill with one draft at most', async () => {
    await using world = await setup();
    const bytes = Buffer.from(randomBytes(20_000_000).toString('hex'));
    await writeFile(world.path('large.csv'), bytes);
    const send = ['upload', 'large.csv', '--transport', 'put', '--checksum', 'sha256', '--json'];
    const line = onlyLine((await world.sluice(...send)).out);
    expect(line).toMatchObject({ outcome: 'accepted', upload: { checksum: { algorithm: 'sha256' } } });
    const { upload } = line;
    const drafts = async () => (await readdir(world.path('back'))).filter((name) => name.endsWith('.part'));

    await mkdir(world.path('back'));
    const { child, result } = world.start('download', upload.id, '-o', 'back/');
    await expect.poll(drafts, { timeout: 30_000, interval: 5 }).toHaveLength(1);
    child.kill('SIGKILL');
    await result;
    expect((await drafts()).length).toBeLessThanOrEqual(1);
    await rm(world.path('back/large.csv'), { force: true }); // where it was faster
    expect((await world.sluice('download', upload.id, '-o', 'back/')).code).toBe(0);
    expect((await readFile(world.path('back/large.csv'))).equals(bytes)).toBe(true);
    expect(await readdir(world.path('back'))).toEqual(['large.csv']);
  });

  test('is listed to its owner, and does not exist for anybody else', async () => {
    await using world = await setup();
    await writeFile(world.path('mine.txt'), 'mine');
    const { upload } = onlyLine((await world.sluice('upload', 'mine.txt', '--json')).out);
    expect((await world.sluice('list', '--state', 'accepted')).out).toContain(upload.id);
    expect((await world.sluiceAsBob('list', '--all')).out).not.toContain(upload.id);
    for (const command of ['status', 'download', 'delete']) {
      const { code, err } = await world.sluiceAsBob(command, upload.id);
      expect(err).toContain('upload_not_found');
      expect(code).toBe(3);
    }
    expect((await world.sluice('status', upload.id)).out).toMatch(/^state +accepted$/m);
  });
});

describe('beside the local stack, with nothing said', () => {
  test('logs in as the demo user and keeps the login', async () => {
    await using world = await setup();
    const { out, code } = await world.sluiceBesideStack('policies');
    expect(out).toContain('images');
    expect(code).toBe(0);
    expect((await stat(world.path('.sluice/sessions.json'))).mode & 0o777).toBe(0o600);
  });

  test('logs in as somebody else by email and password', async () => {
    await using world = await setup();
    const { bob } = inject('stack');
    await world.sluiceBesideStack('policies');
    const login = await loginAs(world.folder, bob);
    expect(login).toEqual({ code: 0, out: expect.stringContaining(`as ${bob.email}`) });
  });
});

async function loginAs(
  cwd: string,
  { email, password }: { readonly email: string; readonly password: string },
) {
  const child = spawn(process.execPath, [ENTRY, 'login', '--email', email, '--password-stdin'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
  });
  child.stdin.end(password);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { out: await text(child.stdout), code: await ended };
}
