import { createS3Client } from '@sluice/connection/clients/s3';
import { SettingError } from '@sluice/connection/errors/settings';
import { explain } from '@sluice/connection/settings/explain';
import { checkSettings, resolveSettings, type SettingSources } from '@sluice/connection/settings/resolve';
import { url } from '@sluice/connection/settings/rule';
import { settingTable } from '@sluice/connection/settings/table';
import { describe, expect, test } from 'vitest';

function setup(from: SettingSources) {
  return resolveSettings(from);
}

function profile(keys: Record<string, string>) {
  return { place: '[profile dev] of ~/.aws/config', keys };
}

function faultOf(from: SettingSources) {
  try {
    resolveSettings(from);
  } catch (error) {
    if (error instanceof SettingError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('precedence', () => {
  const everywhere = {
    code: { region: 'eu-central-1' },
    environment: { AWS_REGION: 'us-east-1' },
    profile: profile({ region: 'ap-south-1' }),
  };

  test.each([
    ['code', everywhere, 'eu-central-1', 'code'],
    ['the environment', { ...everywhere, code: {} }, 'us-east-1', 'AWS_REGION'],
    [
      'the profile',
      { profile: everywhere.profile },
      'ap-south-1',
      'region in [profile dev] of ~/.aws/config',
    ],
    ['nobody', {}, undefined, 'not set'],
  ] as const)('takes the region from %s when that is the strongest source', (_who, from, value, place) => {
    const { values, sources } = setup(from);
    expect(values.region).toBe(value);
    expect(sources.region.place).toBe(place);
  });

  test('reads AWS_DEFAULT_REGION, which the SDK ignores, but after AWS_REGION', () => {
    expect(setup({ environment: { AWS_DEFAULT_REGION: 'eu-west-1' } }).values.region).toBe('eu-west-1');
    const both = { AWS_DEFAULT_REGION: 'eu-west-1', AWS_REGION: 'eu-west-2' };
    expect(setup({ environment: both }).values.region).toBe('eu-west-2');
  });

  test('treats an empty variable and an undefined setting as unset', () => {
    const { values } = setup({
      code: { region: undefined },
      environment: { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' },
    });
    expect(values.region).toBe('eu-west-1');
  });

  test('reads nested keys of a profile', () => {
    const { values } = setup({
      profile: profile({
        's3.addressing_style': 'path',
        'services.s3.endpoint_url': 'http://127.0.0.1:9000',
      }),
    });
    expect(values).toMatchObject({ addressingStyle: 'path', s3Endpoint: 'http://127.0.0.1:9000' });
  });
});

describe('defaults and units', () => {
  test('uses time-outs that end, three attempts and keep-alive when nothing is set', () => {
    expect(setup({}).values).toMatchObject({
      connectTimeoutMs: 10_000,
      readTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
      maxAttempts: 3,
      retryMode: 'standard',
      maxSockets: 50,
      keepAlive: true,
      addressingStyle: 'auto',
      requestChecksumCalculation: 'WHEN_SUPPORTED',
      responseChecksumValidation: 'WHEN_SUPPORTED',
    });
  });

  test('reads AWS_HTTP_TIMEOUT in seconds as the default of every time-out, and code in milliseconds over it', () => {
    const { values } = setup({ environment: { AWS_HTTP_TIMEOUT: '2.5' }, code: { connectTimeoutMs: 300 } });
    expect(values).toMatchObject({ connectTimeoutMs: 300, readTimeoutMs: 2_500, idleTimeoutMs: 2_500 });
  });

  test('accepts text in any case and gives the canonical word', () => {
    const environment = {
      AWS_RETRY_MODE: 'ADAPTIVE',
      AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
      AWS_USE_FIPS_ENDPOINT: 'True',
    };
    expect(setup({ environment }).values).toMatchObject({
      retryMode: 'adaptive',
      requestChecksumCalculation: 'WHEN_REQUIRED',
      useFipsEndpoint: true,
    });
  });
});

describe('refusals', () => {
  test.each([
    ['AWS_RETRY_MODE', 'legacy', 'retryMode', 'one of standard, adaptive (for legacy use standard)'],
    ['AWS_MAX_ATTEMPTS', '0', 'maxAttempts', 'a whole number from 1 to 100'],
    ['AWS_MAX_ATTEMPTS', 'three', 'maxAttempts', 'a whole number from 1 to 100'],
    ['AWS_HTTP_TIMEOUT', '0', 'connectTimeoutMs', 'seconds, a number greater than 0'],
    ['AWS_HTTP_TIMEOUT', '1e9', 'connectTimeoutMs', 'seconds, a number greater than 0'],
    ['AWS_REGION', 'Frankfurt!', 'region', 'a region such as eu-central-1'],
    ['AWS_ENDPOINT_URL', '127.0.0.1:4566', 'endpoint', 'a URL that begins with http:// or https://'],
    ['AWS_ENDPOINT_URL_S3', 'ftp://host', 's3Endpoint', 'a URL that begins with http:// or https://'],
    ['AWS_USE_DUALSTACK_ENDPOINT', 'yes', 'useDualstackEndpoint', 'true or false'],
    [
      'AWS_RESPONSE_CHECKSUM_VALIDATION',
      'never',
      'responseChecksumValidation',
      'one of WHEN_SUPPORTED, WHEN_REQUIRED',
    ],
    ['AWS_SDK_UA_APP_ID', 'two words', 'userAgentSuffix', 'up to 50 characters without blanks'],
  ])('names setting, value, source and allowed values for %s=%s', (variable, value, setting, allowed) => {
    const error = faultOf({ environment: { [variable]: value } });
    expect(error.fault).toEqual({ setting, value, source: `environment ${variable}`, allowed });
    expect(error.message).toBe(
      `${setting}: "${value}" (from environment ${variable}) is not allowed; expected ${allowed}`,
    );
  });

  test.each([
    ['connectTimeoutMs', 0],
    ['connectTimeoutMs', 2 ** 31],
    ['readTimeoutMs', 1.5],
    ['maxSockets', -1],
    ['maxAttempts', Number.NaN],
    ['roleDurationSeconds', 60],
    ['roleArn', 'arn:aws:iam::123456789012:user/me'],
    ['roleSessionName', 'a b'],
    ['caBundle', ''],
  ] as const)('refuses %s: %s given in code', (setting, value) => {
    expect(faultOf({ code: { [setting]: value } }).fault).toMatchObject({ setting, source: 'code' });
  });

  test('refuses a name it does not know, and lists the names it does', () => {
    // As from JavaScript, or from a spread of something else: TypeScript refuses the literal.
    const misspelt: object = { conectTimeoutMs: 300 };
    const { fault } = faultOf({ code: misspelt });
    expect(fault).toMatchObject({ setting: 'conectTimeoutMs', source: 'code' });
    expect(fault.allowed).toContain('connectTimeoutMs');
  });

  test('refuses half a key', () => {
    expect(faultOf({ environment: { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' } }).fault).toMatchObject({
      setting: 'secretAccessKey',
      source: 'environment AWS_ACCESS_KEY_ID',
    });
  });
});

describe('keys', () => {
  const environment = {
    AWS_ACCESS_KEY_ID: 'AKIAENV',
    AWS_SECRET_ACCESS_KEY: 'env',
    AWS_SESSION_TOKEN: 'token',
  };
  const dev = profile({ aws_access_key_id: 'AKIAFILE', aws_secret_access_key: 'file' });

  test('takes all parts from one source, so that no token of another key slips in', () => {
    const { values } = setup({ code: { accessKeyId: 'AKIACODE', secretAccessKey: 'code' }, environment });
    expect(values).toMatchObject({
      accessKeyId: 'AKIACODE',
      secretAccessKey: 'code',
      sessionToken: undefined,
    });
  });

  test('prefers the environment to the profile, unless the profile was named in code', () => {
    expect(setup({ environment, profile: dev }).values.accessKeyId).toBe('AKIAENV');
    const named = setup({ code: { profile: 'dev' }, environment, profile: dev });
    expect(named.values).toMatchObject({ accessKeyId: 'AKIAFILE', sessionToken: undefined });
  });

  // MinIO takes them, and they were refused.
  test.each(['minio-admin', 'a.person@example.org', 'app+1', 'ABC'])('takes the id %s', (accessKeyId) => {
    const { values } = setup({ code: { accessKeyId, secretAccessKey: 'code' } });
    expect(values.accessKeyId).toBe(accessKeyId);
  });

  test.each(['a/b/c', 'a,b,c', 'a=b=c', 'my key', 'ab', 'schlüssel', 'key\n'])(
    'refuses the id %j, which no signature could name',
    (accessKeyId) => {
      const { fault } = faultOf({ code: { accessKeyId, secretAccessKey: 'code' } });
      expect(fault.setting).toBe('accessKeyId');
    },
  );
});

describe('explain', () => {
  test('lists every setting once, with value and source, and no secret in it', () => {
    const rows = explain(
      setup({
        code: { maxAttempts: 5, roleExternalId: 'sesame' },
        environment: {
          AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
          AWS_SESSION_TOKEN: 'FwoGZXIvYXdz',
          HTTPS_PROXY: 'http://user:hunter2@proxy.test:3128',
        },
      }),
    );
    expect(rows).toContainEqual({ setting: 'maxAttempts', value: '5', source: 'code' });
    expect(rows).toContainEqual({
      setting: 'accessKeyId',
      value: '****MPLE',
      source: 'environment AWS_ACCESS_KEY_ID',
    });
    expect(rows).toContainEqual({
      setting: 'httpsProxy',
      value: 'http://****@proxy.test:3128',
      source: 'environment HTTPS_PROXY',
    });
    expect(rows).toContainEqual({ setting: 'retryMode', value: 'standard', source: 'default' });
    expect(rows).toContainEqual({ setting: 'caBundle', value: '', source: 'not set' });
    expect(new Set(rows.map(({ setting }) => setting)).size).toBe(rows.length);
    expect(JSON.stringify(rows)).not.toMatch(/wJalrXUtnFEMI|FwoGZXIvYXdz|hunter2|sesame/);
  });

  test.each([
    'user:hunter2@proxy',
    'socks://user:hunter2@proxy:1',
    'http://user:p@hunter2@proxy:1',
    'user:hunter2@proxy:port',
    'socks://user:hunter\nhunter2@proxy:1',
  ])('keeps the password of %s, and of its refusal, to itself', (value) => {
    const rows = explain(setup({ environment: { HTTPS_PROXY: value } }));
    expect(rows.find(({ setting }) => setting === 'httpsProxy')?.value).toContain('****@proxy');
    expect(JSON.stringify(rows)).not.toContain('hunter2');
    expect(() => setup({ code: { httpsProxy: `socks://${value}` } })).not.toThrow('hunter2');
  });

  const addresses = Object.entries(settingTable).filter(([, { rule }]) => rule === url);
  test.each(addresses.map(([name]) => name))('keeps a password in %s to itself', (name) => {
    const rows = explain(setup({ code: { [name]: 'http://user:hunter2@s3.test:9000' } }));
    const row = rows.find(({ setting }) => setting === name);
    expect(row?.value).toBe('http://****@s3.test:9000');
  });

  test.each([
    'caBundle',
    'clientCertificate',
    'clientKey',
    'proxyCaBundle',
    'proxyClientCertificate',
    'proxyClientKey',
  ] as const)('keeps a key that was given in place of its path as %s, and its refusal, to itself', (name) => {
    const pem = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n';
    // Whichever file is read first is the one that is refused.
    const settings = setup({
      code: {
        ...{ region: 'eu-central-1', httpsProxy: 'https://proxy.test' },
        ...(name.startsWith('client') && { clientCertificate: pem, clientKey: pem }),
        ...(name.startsWith('proxyClient') && { proxyClientKey: pem }),
        [name]: pem,
      },
    });
    expect(JSON.stringify(explain(settings))).not.toContain('hunter2');
    let refusal: unknown;
    try {
      createS3Client(settings).destroy();
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(SettingError);
    expect(String(refusal) + JSON.stringify(refusal)).not.toContain('hunter2');
  });

  test('shows all settings when several are wrong, and what is allowed for those', () => {
    const environment = { AWS_RETRY_MODE: 'legacy', AWS_ACCESS_KEY_ID: 'AKIAENV', HTTP_PROXY: 'ftp://proxy' };
    const rows = explain(checkSettings({ environment, code: { maxAttempts: 0 } }));
    expect(rows.map(({ setting }) => setting)).toEqual(Object.keys(settingTable));
    expect(rows.filter(({ error }) => error !== undefined)).toEqual([
      {
        setting: 'secretAccessKey',
        value: '',
        source: 'not set',
        error: 'not allowed; expected accessKeyId and secretAccessKey in the same place',
      },
      {
        setting: 'maxAttempts',
        value: '0',
        source: 'code',
        error: 'not allowed; expected a whole number from 1 to 100',
      },
      {
        setting: 'retryMode',
        value: 'legacy',
        source: 'environment AWS_RETRY_MODE',
        error: 'not allowed; expected one of standard, adaptive (for legacy use standard)',
      },
      {
        setting: 'httpProxy',
        value: 'ftp://proxy',
        source: 'environment HTTP_PROXY',
        error: 'not allowed; expected a URL that begins with http:// or https://, or host:port',
      },
    ]);
  });
});

describe('a size', () => {
  const inFile = (text: string) =>
    setup({ profile: { place: '[p]', keys: { 's3.multipart_chunksize': text } } }).values.transferPartBytes;

  test.each([
    ['16777216', 2 ** 24],
    ['16MB', 2 ** 24],
    ['16 MiB', 2 ** 24],
    ['1gb', 2 ** 30],
  ])('may be written as in the AWS CLI: %s', (given, bytes) => {
    expect(inFile(given)).toBe(bytes);
  });

  test.each(['0', '16 megabytes', '-1', '1.5MB', ''])('is not "%s"', (given) => {
    if (given === '') expect(inFile(given)).toBeUndefined();
    else expect(() => inFile(given)).toThrow('transferPartBytes: ');
  });
});

describe('a rate', () => {
  const inFile = (rate: string) =>
    setup({ profile: { place: '[p]', keys: { 's3.max_bandwidth': rate } } }).values.maxBytesPerSecond;

  test.each([
    ['5000', 5000],
    ['50MB/s', 50 * 2 ** 20],
    ['1 GB/s', 2 ** 30],
    ['8Mb/s', 2 ** 20],
    ['3kB/s', 3072],
    ['2KiB/s', 2048],
    ['4096B/s', 4096],
  ])('may be written as in the AWS CLI: %s', (given, bytes) => {
    expect(inFile(given)).toBe(bytes);
    expect(setup({ code: { maxBytesPerSecond: bytes } }).values.maxBytesPerSecond).toBe(bytes);
  });

  test.each(['0', '1023', '8Kb/s per file', 'fast', '-5MB/s', '1.5MB/s', '4Kb/s'])('is not %s', (given) => {
    expect(() => inFile(given)).toThrow('maxBytesPerSecond: ');
  });
});

describe('a proxy', () => {
  test.each([
    ['proxy.corp:3128', 'http://proxy.corp:3128'],
    ['//proxy.corp:3128', 'http://proxy.corp:3128'],
    ['user:secret@10.0.0.1:3128', 'http://user:secret@10.0.0.1:3128'],
    ['localhost', 'http://localhost'],
    ['https://proxy.corp', 'https://proxy.corp'],
  ])('given as %s is %s, as in boto3', (given, value) => {
    expect(setup({ environment: { HTTP_PROXY: given } }).values.httpProxy).toBe(value);
    expect(setup({ code: { httpsProxy: given } }).values.httpsProxy).toBe(value);
  });

  test.each([
    ['HTTP_PROXY', 'http://127.0.0.1:1', 'https://127.0.0.1:1'],
    ['https_proxy', 'https://127.0.0.1:1', 'http://127.0.0.1:1'],
  ])(
    'in %s that cannot be used is refused by a client of %s, and by none of %s',
    (variable, used, unused) => {
      const open = (endpoint: string) =>
        createS3Client(
          setup({
            code: { endpoint, region: 'eu-central-1' },
            environment: { [variable]: 'socks5://user:hunter2@proxy:1080' },
          }),
        );
      expect(() => open(used)).toThrow(`"socks5://****@proxy:1080" (from environment ${variable})`);
      expect(() => open(unused).destroy()).not.toThrow();
    },
  );

  test('with a line break in it is refused before Node shows its password', () => {
    const httpsProxy = 'http://user:hunter2@proxy:1\n';
    expect(faultOf({ code: { httpsProxy } }).message).toContain('http://****@proxy:1');
  });

  test('in code that cannot be used is refused at once', () => {
    expect(faultOf({ code: { httpProxy: 'socks5://proxy' } }).fault.setting).toBe('httpProxy');
  });
});
