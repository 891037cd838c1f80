import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBucketSigner } from '@sluice/connection/access/presign';
import { ADVICE, adviceFor } from '@sluice/connection/advice';
import { classify } from '@sluice/connection/classify';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSession } from '@sluice/connection/session';
import type { Environment } from '@sluice/connection/settings/resolve';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { afterAll, describe, expect, test } from 'vitest';
import { serve } from './servers/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-provoked-'));
afterAll(() => rmSync(folder, { recursive: true }));
function write(name: string, text: string) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
let count = 0;
function profile(text: string): Environment {
  return {
    AWS_CONFIG_FILE: write(`config-${++count}`, `[profile p]\nregion = eu-central-1\n${text}`),
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PROFILE: 'p',
  };
}
const role = 'role_arn = arn:aws:iam::123456789012:role/r\n';
const sso = 'sso_account_id = 123456789012\nsso_role_name = R\n';
mkdirSync(join(folder, 'a-folder'));

/**
 * Failures of the person's surroundings when keys are looked for: class, whether to try again, words of the
 * message.
 */
const ofKeys: readonly (readonly [
  what: string,
  text: string,
  name: string,
  retryable: boolean,
  words: string,
])[] = [
  [
    'a process that fails',
    'credential_process = echo no luck >&2; exit 3',
    'NoCredentialsError',
    false,
    'failed (3): no luck',
  ],
  [
    'a process that does not exist',
    'credential_process = /no/such/program',
    'NoCredentialsError',
    false,
    'failed (127)',
  ],
  [
    'a process that says nothing',
    'credential_process = true',
    'NoCredentialsError',
    false,
    'must write {"Version": 1',
  ],
  [
    'a process that says no JSON',
    'credential_process = echo hello',
    'NoCredentialsError',
    false,
    'must write',
  ],
  ['a process that says null', 'credential_process = echo null', 'NoCredentialsError', false, 'must write'],
  [
    'a process of another version',
    `credential_process = echo '{"Version":2}'`,
    'NoCredentialsError',
    false,
    'must write',
  ],
  [
    'a process whose keys ended',
    `credential_process = echo '{"Version":1,"AccessKeyId":"AKIAX","SecretAccessKey":"s","Expiration":"2020-01-01T00:00:00Z"}'`,
    'ExpiredCredentialsError',
    false,
    'ended at 2020',
  ],
  [
    'single sign-on that nobody began',
    `${sso}sso_region = eu-west-1\nsso_start_url = https://never.awsapps.com/start`,
    'ExpiredCredentialsError',
    false,
    'aws sso login',
  ],
  [
    'single sign-on that is incomplete',
    `${sso}sso_start_url = https://x.awsapps.com/start`,
    'NoCredentialsError',
    false,
    'sso_region',
  ],
  [
    'an sso-session that nobody began',
    `${sso}sso_session = m\n[sso-session m]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start`,
    'ExpiredCredentialsError',
    false,
    'aws sso login',
  ],
  [
    'an sso-session that does not exist',
    `${sso}sso_session = m`,
    'NoCredentialsError',
    false,
    'does not exist',
  ],
  [
    'aws login that nobody began',
    'login_session = arn:aws:iam::123456789012:user/me',
    'ExpiredCredentialsError',
    false,
    'Failed to load',
  ],
  [
    'a token file that is missing',
    `${role}web_identity_token_file = /no/such/token`,
    'NoCredentialsError',
    false,
    'is missing or empty: /no/such/token',
  ],
  [
    'a token file that is a folder',
    `${role}web_identity_token_file = ${folder}/a-folder`,
    'NoCredentialsError',
    false,
    'cannot be read (EISDIR)',
  ],
  [
    'a source profile that does not exist',
    `${role}source_profile = nobody`,
    'NoCredentialsError',
    false,
    'its source_profile nobody has none',
  ],
  ['a circle of profiles', `${role}source_profile = p`, 'NoCredentialsError', false, 'in a circle'],
  [
    'an unknown source',
    `${role}credential_source = Nowhere`,
    'NoCredentialsError',
    false,
    'credential_source Nowhere',
  ],
  [
    'a second factor',
    `${role}source_profile = q\nmfa_serial = m\n[profile q]\naws_access_key_id = AKIAQ\naws_secret_access_key = s`,
    'SettingError',
    false,
    'get-session-token',
  ],
  ['no keys anywhere', '', 'NoCredentialsError', false, 'found no keys'],
];

describe('a source of keys', () => {
  test.each(ofKeys)(
    'that is %s has its class when a URL is signed and when a call is made',
    async (...row) => {
      const [, text, name, retryable, words] = row;
      using session = createSession({
        environment: profile(text),
        code: { endpoint: 'http://127.0.0.1:9', maxAttempts: 1 },
      });
      const signing = createBucketSigner(session, 'bucket').get({ key: 'k' });
      const call = uploadBytes({
        client: session.client(createS3Client),
        bucket: 'bucket',
        key: 'k',
        bytes: Buffer.from('x'),
      });
      const [signed, { cause: called }] = await Promise.all([
        signing.then(
          () => undefined,
          (error: unknown) => error,
        ),
        call.then(
          () => ({ cause: undefined }),
          (error: Error) => error,
        ),
      ]);
      for (const thrown of [signed, called]) {
        expect(thrown).toMatchObject({ name, retryable, message: expect.stringContaining(words) });
        const known = classify(thrown);
        expect(adviceFor(known)).toBe(ADVICE[known.code]);
        expect(known.code).not.toBe('unexpected');
      }
    },
  );

  test.each([
    ['nobody listens there', 'http://127.0.0.1:9/keys', 'EndpointConnectionError', true],
    ['its address is not allowed', 'http://192.0.2.1/keys', 'NoCredentialsError', false],
    ['its address is none', 'nonsense', 'NoCredentialsError', false],
  ])(
    'that is a container is told when %s',
    async (_why, address, name, retryable) => {
      const environment = { ...profile(''), AWS_CONTAINER_CREDENTIALS_FULL_URI: address };
      using session = createSession({ environment });
      const thrown = await session.credentials().catch((error: unknown) => error);
      expect(thrown).toMatchObject({ name, retryable });
      expect(adviceFor(classify(thrown))).toBe(ADVICE[classify(thrown).code]);
    },
    20_000,
  );

  test('of the own making is not a fault of the layer when it throws whatever', async () => {
    const credentials = async () => Promise.reject('no vault today');
    using session = createSession({ code: { region: 'eu-central-1' }, credentials });
    await expect(session.credentials()).rejects.toMatchObject({
      name: 'NoCredentialsError',
      message: 'no keys: no vault today',
    });
  });
});

describe("a proxy's password", () => {
  const open = (proxy: string) =>
    createSession({
      code: {
        accessKeyId: 'AKIAX',
        secretAccessKey: 's',
        region: 'eu-central-1',
        endpoint: 'http://127.0.0.1:9',
        maxAttempts: 1,
      },
      environment: { http_proxy: proxy, AWS_CONFIG_FILE: '/nowhere' },
    });
  const send = async (proxy: string) => {
    using session = open(proxy);
    const request = {
      client: session.client(createS3Client),
      bucket: 'bucket',
      key: 'k',
      bytes: Buffer.from('x'),
    };
    return uploadBytes(request).catch((error: Error) => error.cause);
  };

  test('may hold a bare percent sign, which reaches the proxy as it is', async () => {
    const seen: unknown[] = [];
    await using proxy = await serve((request, response) => {
      seen.push(request.headers['proxy-authorization']);
      response.setHeader('content-length', 0).end();
    });
    await send(proxy.url.replace('http://', 'http://user:p%ss%41@'));
    expect(seen).toEqual([`Basic ${Buffer.from('user:p%ssA').toString('base64')}`]);
  });

  test('that is no text when it is decoded makes a setting that is refused, without being shown', async () => {
    expect(() => open('http://user:%ff@127.0.0.1:9').client(createS3Client)).toThrow(
      'httpProxy: "http://****@127.0.0.1:9" (from environment http_proxy) is not allowed',
    );
  });
});

describe('what S3 could not take', () => {
  const bad: readonly (readonly [what: string, request: object, words: string])[] = [
    ['an ARN as a bucket', { bucket: 'arn:aws:s3:::bucket' }, 'nor the ARN of an access point'],
    ['a bucket with a blank', { bucket: 'b b' }, '"b b" is not the name of a bucket'],
    ['a bucket with a slash', { bucket: 'a/b' }, "Bucket name shouldn't contain '/'"],
    ['no bucket', { bucket: '' }, 'Bucket'],
    ['no key', { key: '' }, 'Key'],
    [
      'metadata with an umlaut',
      { params: { Metadata: { a: 'ü' } } },
      'metadata "a" may hold only printable ASCII',
    ],
    [
      'metadata beyond Latin',
      { params: { Metadata: { a: '字' } } },
      'metadata "a" may hold only printable ASCII',
    ],
    [
      'metadata of two lines',
      { params: { Metadata: { a: 'x\ny' } } },
      'metadata "a" may hold only printable ASCII',
    ],
    [
      'metadata whose name has an umlaut',
      { params: { Metadata: { ü: 'x' } } },
      'metadata "ü": a name has only',
    ],
    [
      'metadata whose name has a blank',
      { params: { Metadata: { 'a b': 'x' } } },
      'metadata "a b": a name has only',
    ],
    [
      'a disposition with an umlaut',
      { params: { ContentDisposition: 'filename=ü' } },
      'ContentDisposition may hold only',
    ],
    ['a type of two lines', { params: { ContentType: 'a\r\nx: y' } }, 'ContentType may hold only'],
  ];
  test.each(bad)('is refused before anything is sent: %s', async (_what, request, words) => {
    let asked = 0;
    await using server = await serve((_request, response) => {
      asked += 1;
      response.end();
    });
    using session = createSession({
      code: { accessKeyId: 'AKIAX', secretAccessKey: 's', region: 'eu-central-1', endpoint: server.url },
    });
    const client = session.client(createS3Client);
    const failed = uploadBytes({ client, bucket: 'bucket', key: 'k', bytes: Buffer.from('x'), ...request });
    await expect(failed).rejects.toMatchObject({ cause: { name: 'ParamValidationError', retryable: false } });
    await expect(failed).rejects.toThrow(words);
    const thrown = await failed.catch((error: unknown) => error);
    expect(adviceFor(classify(thrown))).toBe(ADVICE['invalid-parameter']);
    expect(asked).toBe(0);
  });

  test.each([
    ['an ARN as a bucket', 'arn:aws:s3:::x', {}, 'not a bucket name'],
    ['metadata with an umlaut', 'bucket', { metadata: { a: 'ü' } }, 'printable ASCII'],
    ['a validity of a year', 'bucket', { expiresInSeconds: 31_536_000 }, ''],
  ])('is refused when a URL is to be signed: %s', async (_what, bucket, grant, words) => {
    using session = createSession({
      code: { accessKeyId: 'AKIAX', secretAccessKey: 's', region: 'eu-central-1' },
    });
    const signed = (async () => createBucketSigner(session, bucket).put({ key: 'k', ...grant }))();
    await expect(signed).rejects.toMatchObject({ name: 'ParamValidationError' });
    await expect(signed).rejects.toThrow(words);
  });
});
