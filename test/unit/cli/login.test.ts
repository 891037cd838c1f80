import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { startSluiceServer } from '../../fakes/sluice-server.ts';
import { openShell } from './shell.ts';

const HOUR_MS = 3_600_000;

/** A shell that knows no token, and by default no endpoint either. */
async function setup() {
  const shell = await openShell();
  const { server, folder } = shell;
  return {
    ...shell,
    /** Runs as somebody who named the endpoint and has to log in. */
    there: (argv: readonly string[], options: Parameters<typeof shell.sluice>[1] = {}) =>
      shell.sluice(argv, { env: { SLUICE_ENDPOINT: server.endpoint }, ...options }),
    /** Runs in a folder below the one where the local stack is, with nothing said. */
    here: (argv: readonly string[]) => shell.sluice(argv, { env: {} }),
    startStack: async (password = 'open-sesame', { hasPool = true } = {}) => {
      await mkdir(join(folder, '.sluice'), { recursive: true });
      const stack = {
        apiUrl: server.endpoint,
        endpoint: server.origin,
        ...(hasPool && { userPoolClientId: 'client-1', demo: { email: 'demo@example.com', password } }),
      };
      await writeFile(join(folder, '.sluice', 'stack.json'), JSON.stringify(stack));
    },
  };
}

function withPassword(password: string) {
  return { readStdin: async () => `${password}\n` };
}

const LOGIN = ['login', '--email', 'me@example.com', '--password-stdin'];

describe('the local stack', () => {
  test('is named as the reason where it refuses a checksum that AWS would take', async () => {
    await using world = await setup();
    await world.startStack();
    await writeFile(join(world.folder, 'big.txt'), 'x'.repeat(200_000));
    world.server.fail('POST /uploads/{id}/complete', problem(409, 'multipart_checksum_mismatch'));
    const { err } = await world.here([
      ...['upload', join(world.folder, 'big.txt')],
      ...['--transport', 'multipart', '--checksum', 'crc64nvme'],
    ]);
    expect(err).toContain('multipart_checksum_mismatch');
    expect(err).toContain('use --transport put, or leave --checksum out');
    expect(err).not.toContain('damaged');
  });

  test('is used as its demo user when nothing is said, and the login is kept for its owner alone', async () => {
    await using world = await setup();
    await world.startStack();
    expect((await world.here(['policies'])).code).toBe(0);
    const file = join(world.folder, '.sluice', 'sessions.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('token-1');
  });

  test('is logged in to once for many commands', async () => {
    await using world = await setup();
    await world.startStack();
    await world.here(['policies']);
    await world.here(['policies']);
    expect(world.server.calls('POST /')).toHaveLength(1);
  });

  test('is logged in to once for many files at a time', async () => {
    await using world = await setup();
    await world.startStack();
    const paths = ['a.txt', 'b.txt', 'c.txt'].map((name) => join(world.folder, name));
    for (const path of paths) await writeFile(path, 'x');
    expect((await world.here(['upload', ...paths])).code).toBe(0);
    expect(world.server.calls('POST /')).toHaveLength(1);
  });

  test('is logged in to anew when the token is about to end', async () => {
    await using world = await setup();
    await world.startStack();
    await world.here(['policies']);
    world.passTime(HOUR_MS - 30_000);
    world.server.accept('token-2');
    expect((await world.here(['policies'])).code).toBe(0);
    expect(world.server.calls('POST /')).toHaveLength(2);
  });

  test('is logged in to anew when the token is refused, as after a fresh start', async () => {
    await using world = await setup();
    await world.startStack();
    await world.here(['policies']);
    world.server.accept('token-2');
    expect((await world.here(['policies'])).code).toBe(0);
  });

  test('gives a token to curl and to scripts, and with it the address of the API', async () => {
    await using world = await setup();
    await world.startStack();
    expect(await world.here(['token'])).toMatchObject({ code: 0, out: 'token-1\n', err: '' });
    const { out } = await world.here(['token', '--json']);
    expect(JSON.parse(out)).toEqual({ endpoint: world.server.endpoint, token: 'token-1' });
    // A remembered token that the API refuses, as after a fresh start, is not handed out.
    world.server.accept('token-2');
    expect((await world.here(['token'])).out).toBe('token-2\n');
  });

  test('with another issuer is used with a token of it, and without one the message says so', async () => {
    await using world = await setup();
    await world.startStack(undefined, { hasPool: false });
    const without = await world.here(['policies']);
    expect(without.code).not.toBe(0);
    expect(without.err).toContain('takes the tokens of another issuer');
    expect(without.err).toContain('SLUICE_TOKEN');
    expect((await world.here(['policies', '--token', 'token-1'])).code).toBe(0);
  });

  test('with another issuer has no login that is remembered of the pool that it had before', async () => {
    await using world = await setup();
    await world.startStack();
    await world.here(['policies']);
    await world.startStack(undefined, { hasPool: false });
    expect((await world.here(['token'])).err).toContain('takes the tokens of another issuer');
  });

  test('is not asked for when an endpoint is named', async () => {
    await using world = await setup();
    await world.startStack();
    await using other = await startSluiceServer();
    await world.sluice(['policies'], { env: { SLUICE_ENDPOINT: other.endpoint, SLUICE_TOKEN: 'token-1' } });
    expect(world.server.seen).toEqual([]);
    expect(other.calls('GET /policies')).toHaveLength(1);
  });

  test('is missed with a word on how to start it when there is none', async () => {
    await using world = await setup();
    const { code, err } = await world.here(['policies']);
    expect(err).toContain('npm start');
    expect(code).toBe(3);
  });

  test('is missed in the same way when its file is not one', async () => {
    await using world = await setup();
    await mkdir(join(world.folder, '.sluice'));
    await writeFile(join(world.folder, '.sluice', 'stack.json'), '{"apiUrl": 1}');
    expect((await world.here(['policies'])).err).toContain('npm start');
  });

  test('is said to be down, with a word on how to start it, when nothing listens there', async () => {
    await using world = await setup();
    await world.startStack();
    await world.server[Symbol.asyncDispose]();
    const { code, err } = await world.here(['policies']);
    expect(err).toContain('ECONNREFUSED');
    expect(err).toContain('npm start');
    expect(code).toBe(3);
  });
});

describe('sluice login', () => {
  test('is what a deployment asks for when nobody is logged in', async () => {
    await using world = await setup();
    const { code, err } = await world.there(['policies']);
    expect(err).toContain('sluice login');
    expect(code).toBe(3);
  });

  test('keeps the login among the settings, for its owner alone, and later commands use it', async () => {
    await using world = await setup();
    expect((await world.there(LOGIN, withPassword('open-sesame'))).code).toBe(0);
    const file = join(world.folder, 'settings', 'sessions.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain('open-sesame');
    expect((await world.there(['policies'])).code).toBe(0);
  });

  test('asks for what was not said, and shows no password', async () => {
    await using world = await setup();
    const asked: [string, boolean | undefined][] = [];
    const ask = async (question: string, { secret }: { readonly secret?: boolean } = {}) => {
      asked.push([question, secret]);
      return secret ? 'open-sesame' : 'me@example.com';
    };
    expect((await world.there(['login'], { ask })).code).toBe(0);
    expect(asked).toEqual([
      ['Email: ', false],
      ['Password: ', true],
    ]);
  });

  test('is renewed without a password when the token has ended', async () => {
    await using world = await setup();
    await world.there(LOGIN, withPassword('open-sesame'));
    world.passTime(2 * HOUR_MS);
    world.server.accept('token-2');
    expect((await world.there(['policies'])).code).toBe(0);
  });

  test('exits 3 in the words of the user pool when the password is wrong, and keeps nothing', async () => {
    await using world = await setup();
    const { code, err } = await world.there(LOGIN, withPassword('wrong'));
    expect(err).toContain('E-mail or password is wrong.');
    expect(code).toBe(3);
    await expect(stat(join(world.folder, 'settings'))).rejects.toThrow('ENOENT');
  });

  test('has a person choose a password at the first login', async () => {
    await using world = await setup();
    world.server.fail('POST /', {
      kind: 'answer',
      status: 200,
      body: { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 's-1' },
    });
    const answers = ['me@example.com', 'temporary', 'my own choice', 'my own choice'];
    const { code, err } = await world.there(['login'], { ask: async () => answers.shift() ?? '' });
    expect(err).toContain('choose a password');
    const [, chosen] = world.server.calls('POST /');
    expect(JSON.parse(chosen?.body.toString() ?? '')).toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: 's-1',
      ChallengeResponses: { USERNAME: 'me@example.com', NEW_PASSWORD: 'my own choice' },
    });
    expect(code).toBe(0);
  });

  test('exits 3 when the two new passwords differ', async () => {
    await using world = await setup();
    const body = { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 's-1' };
    world.server.fail('POST /', { kind: 'answer', status: 200, body });
    const answers = ['me@example.com', 'temporary', 'one', 'another'];
    expect((await world.there(['login'], { ask: async () => answers.shift() ?? '' })).code).toBe(3);
    expect(world.server.calls('POST /')).toHaveLength(1);
  });

  test('exits 3 and names the way round when the pool wants a step that it does not know', async () => {
    await using world = await setup();
    world.server.fail('POST /', {
      kind: 'answer',
      status: 200,
      body: { ChallengeName: 'SMS_MFA', Session: 's-1' },
    });
    const { code, err } = await world.there(LOGIN, withPassword('open-sesame'));
    expect(err).toContain('SMS_MFA');
    expect(err).toContain('SLUICE_TOKEN');
    expect(code).toBe(3);
  });

  test('exits 3 and names the way round when the deployment has an issuer of its own', async () => {
    await using world = await setup();
    world.server.fail('GET /console/config.json', {
      kind: 'answer',
      status: 200,
      body: { signIn: { kind: 'token' } },
    });
    const { code, err } = await world.there(LOGIN, withPassword('open-sesame'));
    expect(err).toContain('SLUICE_TOKEN');
    expect(code).toBe(3);
  });

  test('exits 3 when the address is not that of Sluice', async () => {
    await using world = await setup();
    world.server.fail('GET /console/config.json', { kind: 'answer', status: 200, body: '<!doctype html>' });
    expect(await world.there(LOGIN, withPassword('open-sesame'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('does not answer as Sluice'),
    });
  });

  test('exits 2 when there is nobody to ask', async () => {
    await using world = await setup();
    expect((await world.there(['login'])).code).toBe(2);
  });

  test.each(['not-a-url', 'ftp://example.com', 'https://'])(
    'exits 2 when the endpoint is %s',
    async (endpoint) => {
      await using world = await setup();
      expect((await world.sluice(['policies', '--endpoint', endpoint])).code).toBe(2);
    },
  );
});

describe('sluice logout', () => {
  test('forgets the login, and says so when there was none', async () => {
    await using world = await setup();
    await world.there(LOGIN, withPassword('open-sesame'));
    expect((await world.there(['logout'])).out).toContain('You are logged out');
    expect((await world.there(['policies'])).code).toBe(3);
    expect((await world.there(['logout'])).out).toMatch(/^You were not logged in to \S+\.\n$/);
  });

  test('says as whom commands go on at the local stack', async () => {
    await using world = await setup();
    await world.startStack();
    expect((await world.here(['logout'])).out).toContain('as the demo user of the local stack');
  });
});

describe('a token that was passed', () => {
  test('is used as it is, and a refusal of it says how to get another', async () => {
    await using world = await setup();
    const { code, err } = await world.there(['policies', '--token', 'wrong']);
    expect(err).toContain('sluice login');
    expect(code).toBe(3);
    expect(world.server.calls('POST /')).toEqual([]);
  });
});
