import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIni } from '@sluice/connection/settings/ini';
import { inspectSettings, loadSettings } from '@sluice/connection/settings/load';
import { availableProfiles } from '@sluice/connection/settings/shared-file';
import fc from 'fast-check';
import { expect, test } from 'vitest';

function setup(files: { config?: string; credentials?: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-aws-'));
  const environment = {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  };
  if (files.config !== undefined) writeFileSync(environment.AWS_CONFIG_FILE, files.config);
  if (files.credentials !== undefined)
    writeFileSync(environment.AWS_SHARED_CREDENTIALS_FILE, files.credentials);
  return { environment, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

const config = `
# who we are
[default]
region = eu-central-1
s3 =
  addressing_style = path   ; for the old appliance
  use_accelerate_endpoint = false
max_attempts = 7

[profile dev]
region=us-west-2
services = local

[services local]
s3 =
  endpoint_url = http://127.0.0.1:9000
`;
const credentials = `
[dev]
aws_access_key_id = AKIADEV
aws_secret_access_key = abc#def=
`;

test('reads the default profile, nested blocks included, when none is named', () => {
  using files = setup({ config, credentials });
  const { values, sources } = loadSettings(files);
  expect(values).toMatchObject({ region: 'eu-central-1', addressingStyle: 'path', maxAttempts: 7 });
  expect(sources.maxAttempts.place).toBe(`max_attempts in [default] of ${files.environment.AWS_CONFIG_FILE}`);
});

test('joins a named profile from both files and its services section', () => {
  using files = setup({ config, credentials });
  const { values } = loadSettings({ ...files, code: { profile: 'dev' } });
  expect(values).toMatchObject({
    region: 'us-west-2',
    accessKeyId: 'AKIADEV',
    secretAccessKey: 'abc#def=',
    s3Endpoint: 'http://127.0.0.1:9000',
    maxAttempts: 3,
  });
});

test('takes the profile that AWS_PROFILE names', () => {
  using files = setup({ config });
  const environment = { ...files.environment, AWS_PROFILE: 'dev' };
  expect(loadSettings({ environment }).values.region).toBe('us-west-2');
});

test('is content without files, but not with a named profile that neither has', () => {
  using files = setup({});
  expect(loadSettings(files).values.region).toBeUndefined();
  expect(() => loadSettings({ ...files, code: { profile: 'dev' } })).toThrow(
    'profile "dev" is in neither shared file',
  );
});

test('names the file when one of its values is malformed', () => {
  using files = setup({ config: '[default]\nretry_mode = legacy\n' });
  expect(() => loadSettings(files)).toThrow(
    `retryMode: "legacy" (from retry_mode in [default] of ${files.environment.AWS_CONFIG_FILE}) is not allowed; expected one of standard, adaptive`,
  );
});

test('inspects what it would refuse, a certificate that cannot be read included', () => {
  using files = setup({
    config: '[default]\nretry_mode = legacy\nca_bundle = /nowhere.pem\nregion = eu-west-1\n',
  });
  const { faults, values } = inspectSettings(files);
  expect(faults.map(({ setting, value }) => [setting, value])).toEqual([
    ['retryMode', 'legacy'],
    ['caBundle', '/nowhere.pem'],
  ]);
  expect(values.region).toBe('eu-west-1');
});

test('merges two sections of the same heading and ignores lines that mean nothing', () => {
  const sections = parseIni('[default]\na = 1\nnonsense\n= 2\n[other]\na = 3\n[ default ]\nb = 2\r\n');
  expect(sections.get('default')).toEqual({ a: '1', b: '2' });
});

test('reads back whatever was written, whatever else is in the file', () => {
  const word = fc.stringMatching(/^[a-z][a-z_]{0,9}$/);
  const value = fc.stringMatching(/^[A-Za-z0-9/+=:.-]{1,20}$/);
  fc.assert(
    fc.property(fc.dictionary(word, value, { noNullPrototype: true }), fc.string(), (keys, noise) => {
      const lines = Object.entries(keys).map(([key, text]) => `${key} = ${text}`);
      const comment = `# ${noise.replace(/[\r\n]/g, ' ')}`;
      const parsed = parseIni(['[default]', comment, ...lines].join('\n')).get('default');
      expect(parsed).toEqual(keys);
    }),
  );
});

test('never throws on any text', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => parseIni(text).size >= 0));
});

test('lists the profiles of both files, once each, and none of what is no profile', () => {
  using files = setup({ config, credentials: `${credentials}\n[Only here]\naws_access_key_id = AKIA\n` });
  expect(availableProfiles(files.environment)).toEqual(['default', 'dev', 'Only here']);
  using none = setup({});
  expect(availableProfiles(none.environment)).toEqual([]);
});

test('names the profiles that there are when one is not', () => {
  using files = setup({ config });
  expect(() => loadSettings({ ...files, code: { profile: 'prod' } })).toThrow(
    'profile "prod" is in neither shared file, which have default, dev',
  );
});
