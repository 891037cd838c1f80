import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingTable } from '@sluice/connection/settings/table';
import { describe, expect, test } from 'vitest';
import { openStorageShell, SECRET } from './storage-shell.ts';

type Line = {
  readonly setting: string;
  readonly value: string;
  readonly source: string;
  readonly error?: string;
};

async function setup() {
  const shell = await openStorageShell();
  const read = (out: string) => {
    const { settings }: { readonly settings: readonly Line[] } = JSON.parse(out);
    return (name: string) => settings.find(({ setting }) => setting === name);
  };
  return {
    ...shell,
    /** Runs `explain`, and gives the lines by name. */
    explain: async (argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
      read((await shell.run(['explain', '--json', ...argv], { env })).out),
    putStack: async () => {
      await mkdir(join(shell.folder, '.sluice'), { recursive: true });
      await writeFile(
        join(shell.folder, '.sluice', 'stack.json'),
        JSON.stringify({
          apiUrl: 'http://127.0.0.1:1/api',
          endpoint: 'http://127.0.0.1:1',
          userPoolClientId: 'c',
          demo: { email: 'a@example.com', password: 'p' },
        }),
      );
    },
    [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
  };
}

describe('sluice explain', () => {
  test('lists the profiles of both files with --profiles, as text and as JSON', async () => {
    await using world = await openStorageShell();
    await writeFile(
      world.file('config'),
      '[default]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-1\n',
    );
    await writeFile(world.file('credentials'), '[ci]\naws_access_key_id = AKIA\naws_secret_access_key = s\n');
    expect(await world.run(['explain', '--profiles'])).toMatchObject({ code: 0, out: 'default\ndev\nci\n' });
    const { out } = await world.run(['explain', '--profiles', '--json']);
    expect(JSON.parse(out)).toEqual({ profiles: ['default', 'dev', 'ci'] });
  });

  test('lists every setting once, in the order of the table', async () => {
    await using world = await setup();
    const { out, code } = await world.run(['explain', '--json']);
    const { settings }: { readonly settings: readonly Line[] } = JSON.parse(out);
    expect(settings.map(({ setting }) => setting)).toEqual(Object.keys(settingTable));
    expect(code).toBe(0);
  });

  test('lets the command line win over the environment, that over the file, and that over the default', async () => {
    await using world = await setup();
    await writeFile(
      world.file('config'),
      '[default]\nregion = us-west-1\nretry_mode = adaptive\nmax_attempts = 7\n',
    );
    const line = await world.explain(['--region', 'eu-north-1'], { AWS_MAX_ATTEMPTS: '5' });
    expect(line('region')).toEqual({ setting: 'region', value: 'eu-north-1', source: 'command line' });
    expect(line('maxAttempts')).toMatchObject({ value: '5', source: 'environment AWS_MAX_ATTEMPTS' });
    expect(line('retryMode')).toMatchObject({ value: 'adaptive' });
    expect(line('retryMode')?.source).toContain(`retry_mode in [default] of ${world.file('config')}`);
    expect(line('maxSockets')).toMatchObject({ value: '50', source: 'default' });
    expect(line('roleArn')).toMatchObject({ value: '', source: 'not set' });
  });

  test('takes time-outs in seconds, fractions too, and a role with its external id', async () => {
    await using world = await setup();
    const arn = 'arn:aws:iam::123456789012:role/reader';
    const line = await world.explain([
      '--connect-timeout',
      '0.5',
      '--read-timeout',
      '3',
      '--role-arn',
      arn,
      '--external-id',
      'sesame',
    ]);
    expect(line('connectTimeoutMs')?.value).toBe('500');
    expect(line('readTimeoutMs')?.value).toBe('3000');
    expect(line('idleTimeoutMs')?.value).toBe('3000');
    expect(line('roleArn')?.value).toBe(arn);
    expect(line('roleExternalId')?.value).toBe('****');
  });

  test('reads the profile that is named', async () => {
    await using world = await setup();
    await writeFile(world.file('config'), '[profile dev]\nregion = ap-south-1\n');
    const line = await world.explain(['--profile', 'dev'], { AWS_REGION: '' });
    expect(line('region')?.value).toBe('ap-south-1');
  });

  test('shows neither secret key nor token nor the password of a proxy, in either form', async () => {
    await using world = await setup();
    const env = {
      AWS_SESSION_TOKEN: 'token-secret',
      https_proxy: 'http://ada:proxy-secret@proxy.example:3128',
    };
    for (const argv of [['explain'], ['explain', '--json']]) {
      const { out, err } = await world.run(argv, { env });
      for (const secret of [SECRET, 'token-secret', 'proxy-secret', 'AKIAEXAMPLE1234']) {
        expect(out + err).not.toContain(secret);
      }
      expect(out).toContain('proxy.example:3128');
    }
  });

  test('shows every setting when some are wrong, says what is allowed, and exits 3', async () => {
    await using world = await setup();
    await writeFile(world.file('config'), '[default]\nretry_mode = legacy\n');
    const env = { AWS_CA_BUNDLE: '/nope', HTTP_PROXY: 'socks5://ada:proxy-secret@proxy.example' };
    const { out, code, err } = await world.run(['explain', '--json'], { env });
    expect(code).toBe(3);
    expect(out + err).not.toContain('proxy-secret');
    const { settings }: { readonly settings: readonly Line[] } = JSON.parse(out);
    expect(settings).toHaveLength(Object.keys(settingTable).length);
    expect(settings.filter(({ error }) => error)).toMatchObject([
      { setting: 'retryMode', value: 'legacy', error: expect.stringContaining('for legacy use standard') },
      { setting: 'httpProxy', value: 'socks5://****@proxy.example', source: 'environment HTTP_PROXY' },
      {
        setting: 'caBundle',
        value: '/nope',
        source: 'environment AWS_CA_BUNDLE',
        error: 'not allowed; expected the path of a readable PEM file',
      },
    ]);
    const people = await world.run(['explain'], { env });
    expect(people.code).toBe(3);
    expect(people.out).toMatch(
      /^caBundle +\/nope +environment AWS_CA_BUNDLE: not allowed; expected the path of a readable PEM file$/m,
    );
    expect(people.out).toMatch(/^region +eu-central-1 +environment AWS_REGION$/m);
  });

  test('shows a profile whose role wants a second factor', async () => {
    await using world = await setup();
    await writeFile(
      world.file('config'),
      '[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = x\nmfa_serial = me\n',
    );
    const line = await world.explain(['--profile', 'dev']);
    expect(line('mfaSerial')?.value).toBe('me');
  });

  test('writes columns to people', async () => {
    await using world = await setup();
    const { out } = await world.run(['explain']);
    expect(out).toMatch(/^SETTING +VALUE +SOURCE$/m);
    expect(out).toMatch(/^region +eu-central-1 +environment AWS_REGION$/m);
  });
});

describe('an option of the connection', () => {
  test.each([
    ['--region', 'A_B', 'a region such as'],
    ['--endpoint', 'ftp://a', 'http:// or https://'],
    ['--role-arn', 'me', 'the ARN of a role'],
    ['--connect-timeout', '0', 'greater than 0'],
    ['--read-timeout', 'soon', 'greater than 0'],
  ])('%s refuses %s as a wrong command line and says what is allowed', async (option, value, allowed) => {
    await using world = await setup();
    const { code, err } = await world.run(['explain', option, value]);
    expect(err).toContain(option);
    expect(err).toContain(allowed);
    expect(code).toBe(2);
  });

  test('--external-id is refused without a role to say it to', async () => {
    await using world = await setup();
    const { code, err } = await world.run(['explain', '--external-id', 'sesame']);
    expect(err).toContain('--role-arn');
    expect(code).toBe(2);
  });

  test('--token is refused, as S3 knows none', async () => {
    await using world = await setup();
    expect((await world.run(['explain', '--token', 'x'])).code).toBe(2);
  });

  test('--profile exits 3 with the code of the taxonomy when there is no such profile', async () => {
    await using world = await setup();
    const { code, err } = await world.run(['explain', '--profile', 'nobody']);
    expect(err).toContain('ProfileNotFoundError');
    expect(err).toContain('(profile-not-found)');
    expect(err).toContain('~/.aws/config');
    expect(code).toBe(3);
  });
});

describe('--local', () => {
  test("takes the local stack's endpoint and keys, and nothing of the environment's or the files'", async () => {
    await using world = await setup();
    await world.putStack();
    await writeFile(world.file('config'), '[default]\nregion = us-west-1\nca_bundle = /nowhere.pem\n');
    const env = {
      http_proxy: 'http://proxy.example',
      AWS_ENDPOINT_URL_S3: 'https://elsewhere.example',
      AWS_PROFILE: 'x',
    };
    const line = await world.explain(['--local'], env);
    expect(line('endpoint')?.value).toBe('http://127.0.0.1:1');
    expect(line('region')?.value).toBe('us-east-1');
    for (const name of ['endpoint', 'region', 'accessKeyId', 'secretAccessKey']) {
      expect(line(name)?.source, name).toBe('local stack');
    }
    const elsewhere = await world.explain(['--local', '--region', 'eu-west-3'], env);
    expect(elsewhere('region')).toMatchObject({ value: 'eu-west-3', source: 'command line' });
    for (const name of ['s3Endpoint', 'httpProxy', 'caBundle', 'profile'])
      expect(line(name)?.value, name).toBe('');
  });

  test('is not taken for granted: without it the stack beside is not used, only named when keys are missing', async () => {
    await using world = await setup();
    await world.putStack();
    const { code, err } = await world.runBare(['ls']);
    expect(err).toContain('NoRegionError');
    expect(err).toContain('--local');
    expect(code).toBe(3);
  });

  test('exits 3 and says how to start a stack when there is none', async () => {
    await using world = await setup();
    const { code, err } = await world.run(['explain', '--local']);
    expect(err).toContain('npm start');
    expect(code).toBe(3);
  });

  test.each([
    ['--endpoint', 'http://127.0.0.1:1'],
    ['--profile', 'dev'],
  ])('is refused together with %s', async (option, value) => {
    await using world = await setup();
    await world.putStack();
    expect((await world.run(['explain', '--local', option, value])).code).toBe(2);
  });
});
