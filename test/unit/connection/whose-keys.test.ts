import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSession } from '@sluice/connection/session';
import { loadSettings } from '@sluice/connection/settings/load';
import { describe, expect, test } from 'vitest';

function pair(name: string) {
  return `aws_access_key_id = AKIA${name}\naws_secret_access_key = s${name}\n`;
}
function process(name: string) {
  return `credential_process = echo '{"Version":1,"AccessKeyId":"AKIA${name}","SecretAccessKey":"s"}'\n`;
}

function setup(files: { readonly config?: string; readonly credentials?: string }) {
  const home = mkdtempSync(join(tmpdir(), 'sluice-whose-'));
  mkdirSync(join(home, '.aws'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, '.aws', name), text);
  const environment = { HOME: home, AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_DISABLED: 'true' };
  return {
    home,
    environment,
    /** Whose keys the settings of a profile show, and whose its session signs with. */
    async keysOf(profile: string) {
      const from = { environment: { ...environment, AWS_PROFILE: profile } };
      using session = createSession(from);
      return [loadSettings(from).values.accessKeyId, (await session.credentials()).accessKeyId];
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true }),
  };
}

describe('keys below a heading', () => {
  test.each([
    ['with text after it', '[prod] (careful)'],
    ['with a comment after it', '[prod] # see [dev]'],
    ['with a comment right after it', '[prod]#x'],
    ['that is not closed', '[prod'],
    ['without a name', '[]'],
    ['of blanks', '[  ]'],
    ['of brackets', '[[prod]]'],
    ['that is commented out', '#[prod]'],
    ['that is commented out with text after it', '  ; [prod] (old)'],
    ['that is indented', '  [prod]'],
    ['after a byte order mark', '\ufeff[prod]'],
  ])('%s are never those of the section above', async (_how, heading) => {
    using files = setup({ credentials: `[a]\n${pair('A')}${heading}\n${pair('PROD')}` });
    expect(await files.keysOf('a')).toEqual(['AKIAA', 'AKIAA']);
  });

  test.each(['[prod] (careful)', '[prod] # see [dev]', '[prod]#x', '  [prod]'])(
    'are those of the profile it names: %s',
    async (heading) => {
      using files = setup({ credentials: `[a]\n${pair('A')}${heading}\n${pair('PROD')}` });
      expect(await files.keysOf('prod')).toEqual(['AKIAPROD', 'AKIAPROD']);
    },
  );

  test('that is the first of a file with a byte order mark are read', async () => {
    using files = setup({ credentials: `\ufeff[a]\n${pair('A')}` });
    expect(await files.keysOf('a')).toEqual(['AKIAA', 'AKIAA']);
  });
});

describe('the name of a profile', () => {
  test.each([
    ['of two words', 'my account', 'profile "my account"'],
    ['of two words without quotes', 'my account', 'profile my account'],
    ['with an umlaut', 'müller', 'profile müller'],
    ['with parentheses', 'prod (eu)', "profile 'prod (eu)'"],
    ['with a quote', "o'neill", `profile "o'neill"`],
    ['with a number sign', 'team #1', 'profile "team #1"'],
    ['after a tab', 'dev', 'profile\tdev'],
  ])('%s leads to its process', async (_how, name, heading) => {
    using files = setup({ config: `[profile other]\n${process('OTHER')}[${heading}]\n${process('RIGHT')}` });
    expect((await files.keysOf(name))[1]).toBe('AKIARIGHT');
  });

  test('stands as it is in the credentials file', async () => {
    using files = setup({ credentials: `[my "x"]\n${pair('QUOTED')}[my x]\n${pair('PLAIN')}` });
    expect(await files.keysOf('my x')).toEqual(['AKIAPLAIN', 'AKIAPLAIN']);
    expect(await files.keysOf('my "x"')).toEqual(['AKIAQUOTED', 'AKIAQUOTED']);
  });

  test('default with the word profile before it wins over default alone, for settings and keys', async () => {
    const [plain, worded] = ['PLAIN', 'WORDED'].map((name) => pair(name));
    for (const config of [
      `[default]\n${plain}[profile default]\n${worded}`,
      `[profile default]\n${worded}[default]\n${plain}`,
    ]) {
      using files = setup({ config });
      expect(await files.keysOf('default')).toEqual(['AKIAWORDED', 'AKIAWORDED']);
    }
  });
});

test('reads keys in any case, and a colon for the sign of equality', () => {
  using files = setup({
    config: '[default]\nRegion = eu-west-3\nRETRY_MODE: adaptive\nendpoint_url: http://x:1\n',
  });
  const { AWS_REGION: _unset, ...environment } = files.environment;
  const { values } = loadSettings({ environment });
  expect(values).toMatchObject({ region: 'eu-west-3', retryMode: 'adaptive', endpoint: 'http://x:1' });
});

test('takes ~ in the location of a file for the home folder', async () => {
  using files = setup({});
  writeFileSync(join(files.home, 'mine'), `[default]\n${pair('HOME')}`);
  const environment = { ...files.environment, AWS_SHARED_CREDENTIALS_FILE: '~/mine' };
  expect(loadSettings({ environment }).values.accessKeyId).toBe('AKIAHOME');
});

describe('a shared file that cannot be read', () => {
  const breaks: Readonly<Record<string, (home: string) => void>> = {
    EISDIR: (home) => mkdirSync(join(home, '.aws', 'config')),
    ENOTDIR(home) {
      rmSync(join(home, '.aws'), { recursive: true });
      writeFileSync(join(home, '.aws'), '');
    },
    EACCES(home) {
      // To root it is just an empty file.
      writeFileSync(join(home, '.aws', 'config'), '');
      chmodSync(join(home, '.aws', 'config'), 0);
    },
  };
  test.each(Object.keys(breaks))('(%s) is no matter to keys of the environment', async (code) => {
    using files = setup({});
    breaks[code]?.(files.home);
    const given = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' };
    using session = createSession({ environment: { ...files.environment, ...given } });
    expect((await session.credentials()).accessKeyId).toBe('AKIAENV');
  });

  test.each(['EISDIR', 'ENOTDIR'])(
    '(%s) is named where a profile or keys were needed of it',
    async (code) => {
      using files = setup({});
      breaks[code]?.(files.home);
      const { environment } = files;
      const reason = `config cannot be read (${code})`;
      expect(() => loadSettings({ environment: { ...environment, AWS_PROFILE: 'dev' } })).toThrow(reason);
      using session = createSession({ environment });
      await expect(session.credentials()).rejects.toThrow(reason);
    },
  );
});

describe('an sso-session', () => {
  const profile = '[profile p]\nsso_session = the team\nsso_account_id = 123456789012\nsso_role_name = R\n';
  const session =
    '[sso-session the team]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n';

  test.each([
    ['does not exist', profile, 'names [sso-session the team], which does not exist'],
    ['has no region', profile + session.replace(/sso_region.*\n/, ''), 'which has no sso_region'],
    ['has no address', profile + session.replace(/sso_start_url.*\n/, ''), 'which has no sso_start_url'],
  ])('that %s is named', async (_what, config, message) => {
    using files = setup({ config });
    await expect(files.keysOf('p')).rejects.toMatchObject({ name: 'NoCredentialsError' });
    await expect(files.keysOf('p')).rejects.toThrow(message);
  });

  test('whose name has a blank is found, and says that somebody has to log in', async () => {
    using files = setup({ config: profile + session });
    await expect(files.keysOf('p')).rejects.toMatchObject({ name: 'ExpiredCredentialsError' });
    await expect(files.keysOf('p')).rejects.toThrow('aws sso login');
  });
});

describe('the end of keys', () => {
  const given = { AWS_ACCESS_KEY_ID: 'ASIAENV', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
  const open = (expiration: string) =>
    createSession({
      environment: {
        AWS_REGION: 'eu-central-1',
        AWS_CONFIG_FILE: '/nowhere',
        ...given,
        AWS_CREDENTIAL_EXPIRATION: expiration,
      },
    });

  test('is that of the environment, and nothing outlives it', async () => {
    const end = new Date(Date.now() + 600_000).toISOString();
    using session = open(end);
    expect((await session.credentials()).expiration?.toISOString()).toBe(end);
  });

  test('once past refuses them', async () => {
    using session = open('2020-01-01T00:00:00Z');
    await expect(session.credentials()).rejects.toMatchObject({
      name: 'ExpiredCredentialsError',
      message: 'the keys ended at 2020-01-01T00:00:00.000Z',
    });
  });

  test('that cannot be read is refused by name', () => {
    expect(() => open('tomorrow')).toThrow(
      'keyExpiration: "tomorrow" (from environment AWS_CREDENTIAL_EXPIRATION)',
    );
  });

  test('is not that of keys from another place', async () => {
    using session = createSession({
      code: { accessKeyId: 'AKIACODE', secretAccessKey: 's', region: 'eu-central-1' },
      environment: { AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z', AWS_CONFIG_FILE: '/nowhere' },
    });
    expect((await session.credentials()).expiration).toBeUndefined();
  });

  test('is looked at whoever gave them', async () => {
    const ended = { accessKeyId: 'AKIAX', secretAccessKey: 's', expiration: new Date(0) };
    using session = createSession({ code: { region: 'eu-central-1' }, credentials: async () => ended });
    await expect(session.credentials()).rejects.toMatchObject({ name: 'ExpiredCredentialsError' });
  });
});

describe('a client without a session', () => {
  test('signs with the keys that the settings show, and not with those that another parser finds', async () => {
    using files = setup({ credentials: `[a]\n${pair('A')}[prod] (careful)\n${pair('PROD')}` });
    const client = createS3Client(loadSettings({ environment: { ...files.environment, AWS_PROFILE: 'a' } }));
    expect((await client.config.credentials()).accessKeyId).toBe('AKIAA');
  });

  test.each([
    ['a process', process('X')],
    ['a role', `${pair('X')}role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = p\n`],
    ['nothing', ''],
  ])('refuses a profile that leads to %s', (_what, text) => {
    using files = setup({ config: `[profile p]\n${text}` });
    const settings = loadSettings({ environment: { ...files.environment, AWS_PROFILE: 'p' } });
    expect(() => createS3Client(settings)).toThrow(
      'profile: "p" (from environment AWS_PROFILE) is not allowed; expected a session',
    );
  });
});
