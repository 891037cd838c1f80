import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createS3Client } from '@sluice/connection/clients/s3';
import { createSession, type SessionSources } from '@sluice/connection/session';
import type { CodeSettings } from '@sluice/connection/settings/resolve';
import { describe, expect, test, vi } from 'vitest';
import { serveProxy } from './servers/proxy.ts';
import { serve } from './servers/server.ts';

/**
 * S3 and STS in one: remembers who signed and which roles were asked for; its keys live as long as it is
 * told.
 */
async function setup({ keyLivesMs = 3_600_000, action = 'AssumeRole' } = {}) {
  const signers: string[] = [];
  const assumed: Record<string, string>[] = [];
  const open = new Set<Socket>();
  const server = await serve(async (request, response) => {
    open.add(request.socket.once('close', () => open.delete(request.socket)));
    signers.push(/Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody');
    if (request.url === '/container') {
      response.setHeader('content-type', 'application/json');
      const Expiration = new Date(Date.now() + keyLivesMs).toISOString();
      const key = { AccessKeyId: 'AKIACONTAINER', SecretAccessKey: 's', Token: 't', Expiration };
      response.end(JSON.stringify(key));
      return;
    }
    if (request.method !== 'POST') {
      response.setHeader('content-length', 0).end();
      return;
    }
    assumed.push(Object.fromEntries(new URLSearchParams(await text(request))));
    response.end(`<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>
      <AccessKeyId>ASIAROLE${assumed.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
      <Expiration>${new Date(Date.now() + keyLivesMs).toISOString()}</Expiration>
      </Credentials></${action}Result></${action}Response>`);
  });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-session-'));
  const write = (name: string, lines: string) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, lines);
    return path;
  };
  const environment = {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: 'eu-central-1',
  };
  return {
    server,
    signers,
    assumed,
    environment,
    folder,
    write,
    writeConfig: (lines: string) => write('config', lines),
    connections: () => open.size,
    open: (code: CodeSettings, more: SessionSources = {}) => createSession({ environment, code, ...more }),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
      rmSync(folder, { recursive: true });
      await server[Symbol.asyncDispose]();
    },
  };
}

const head = new HeadBucketCommand({ Bucket: 'bucket' });
function keys(name: string) {
  return { accessKeyId: `AKIA${name}`, secretAccessKey: 'secret' };
}
const roleArn = 'arn:aws:iam::123456789012:role/uploader';

describe('sessions', () => {
  test('act side by side, each with its own keys', async () => {
    await using aws = await setup();
    using one = aws.open(keys('ONE'));
    using two = aws.open(keys('TWO'));
    await one.client(createS3Client).send(head);
    await two.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['AKIAONE', 'AKIATWO']);
  });

  test('with the same settings share one client, and its sockets', async () => {
    await using aws = await setup();
    using one = aws.open(keys('SAME'));
    using two = aws.open(keys('SAME'));
    expect(one.client(createS3Client)).toBe(two.client(createS3Client));
    expect(one.client(createDynamoDBClient)).not.toBe(one.client(createS3Client));
    await one.client(createS3Client).send(head);
    await two.client(createS3Client).send(head);
    expect(two.sockets()).toMatchObject({ opened: 1, reused: 1, idle: 1 });
  });

  test('with other settings or another source of keys share nothing', async () => {
    await using aws = await setup();
    const provider = async () => keys('PROVIDED');
    using one = aws.open(keys('SAME'));
    using patient = aws.open({ ...keys('SAME'), readTimeoutMs: 90_000 });
    using provided = aws.open({}, { credentials: provider });
    using other = aws.open({}, { credentials: async () => keys('OTHER') });
    using sameAgain = aws.open({}, { credentials: provider });
    const clients = [one, patient, provided, other].map((session) => session.client(createS3Client));
    expect(new Set(clients).size).toBe(4);
    expect(sameAgain.client(createS3Client)).toBe(provided.client(createS3Client));
  });

  test('close the client only when the last user closes, and closing twice is once', async () => {
    await using aws = await setup();
    const one = aws.open(keys('CLOSE'));
    const two = aws.open(keys('CLOSE'));
    await one.client(createS3Client).send(head);
    one.close();
    one.close();
    expect(two.sockets().idle).toBe(1);
    await two.client(createS3Client).send(head);
    two.close();
    await expect.poll(() => two.sockets().idle).toBe(0);
    expect(() => two.client(createS3Client)).toThrow('closed');
    using reopened = aws.open(keys('CLOSE'));
    await reopened.client(createS3Client).send(head);
    expect(reopened.sockets().opened).toBe(1);
  });
});

describe('an assumed role', () => {
  test('is asked for once, with external id, duration and name, and signs the calls of every client', async () => {
    await using aws = await setup();
    const role = { roleArn, roleExternalId: 'sesame', roleDurationSeconds: 900, roleSessionName: 'me' };
    using session = aws.open({ ...keys('BASE'), ...role });
    const s3 = session.client(createS3Client);
    await Promise.all([s3.send(head), s3.send(head)]);
    await session.credentials();
    expect(aws.assumed).toHaveLength(1);
    expect(aws.assumed[0]).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: roleArn,
      ExternalId: 'sesame',
      DurationSeconds: '900',
      RoleSessionName: 'me',
    });
    expect(aws.signers).toEqual(['AKIABASE', 'ASIAROLE1', 'ASIAROLE1']);
  });

  test('is renewed before its key expires', async () => {
    await using aws = await setup({ keyLivesMs: 60_000 });
    using session = aws.open({ ...keys('BASE'), roleArn });
    await session.client(createS3Client).send(head);
    const first = aws.signers.at(-1);
    await session.client(createS3Client).send(head);
    expect(aws.signers.at(-1)).toMatch(/^ASIAROLE/);
    expect(aws.signers.at(-1)).not.toBe(first);
  });

  test("may stand in a profile, and is reached with the session's own endpoint", async () => {
    await using aws = await setup();
    aws.writeConfig(
      `[profile app]\nrole_arn = ${roleArn}\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s\n`,
    );
    using session = aws.open({ profile: 'app' });
    await session.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['AKIAFILE', 'ASIAROLE1']);
  });

  test('of a profile may be assumed with the keys of the given environment, not of the process', async () => {
    await using aws = await setup();
    aws.writeConfig(`[profile app]\nrole_arn = ${roleArn}\ncredential_source = Environment\n`);
    const environment = { ...aws.environment, AWS_ACCESS_KEY_ID: 'AKIAGIVEN', AWS_SECRET_ACCESS_KEY: 's' };
    using session = aws.open({ profile: 'app' }, { environment });
    await session.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['AKIAGIVEN', 'ASIAROLE1']);
  });

  test('named in code is assumed with the keys that a profile leads to', async () => {
    await using aws = await setup();
    aws.writeConfig(
      `[profile app]\nrole_arn = ${roleArn}\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s\n`,
    );
    using session = aws.open({ profile: 'app', roleArn: `${roleArn}-of-code` });
    expect((await session.credentials()).accessKeyId).toBe('ASIAROLE2');
    expect(aws.assumed.map(({ RoleArn }) => RoleArn)).toEqual([roleArn, `${roleArn}-of-code`]);
  });

  test('is not looked for in circles', async () => {
    await using aws = await setup();
    aws.writeConfig(
      `[profile a]\nrole_arn = ${roleArn}\nsource_profile = b\n[profile b]\nrole_arn = ${roleArn}\nsource_profile = a\n`,
    );
    using session = aws.open({ profile: 'a' });
    await expect(session.credentials()).rejects.toThrow('in a circle: a, b, a');
  });

  test('of a web identity is that of the given environment', async () => {
    await using aws = await setup({ action: 'AssumeRoleWithWebIdentity' });
    const environment = {
      ...aws.environment,
      AWS_ROLE_ARN: roleArn,
      AWS_WEB_IDENTITY_TOKEN_FILE: aws.write('token', 'a-token'),
    };
    using session = aws.open({}, { environment });
    expect((await session.credentials()).accessKeyId).toBe('ASIAROLE1');
    expect(aws.assumed[0]).toMatchObject({ WebIdentityToken: 'a-token', RoleArn: roleArn });
  });

  test('gives up the sockets it was asked for on when the session closes', async () => {
    await using aws = await setup();
    using session = aws.open({ ...keys('BASE'), roleArn });
    await session.credentials();
    expect(aws.connections()).toBe(1);
    session.close();
    await expect.poll(aws.connections).toBe(0);
  });
});

describe('a second factor', () => {
  const mfaSerial = 'arn:aws:iam::123456789012:mfa/me';
  const profile = `[profile app]\nrole_arn = ${roleArn}\nsource_profile = base\nmfa_serial = ${mfaSerial}\n`;

  test('of a role is refused when its keys are needed, saying what to do instead', async () => {
    await using aws = await setup();
    using inCode = aws.open({ ...keys('BASE'), roleArn, mfaSerial });
    await expect(inCode.credentials()).rejects.toThrow(/mfaSerial.*get-session-token/);
    aws.writeConfig(profile);
    using inProfile = aws.open({ profile: 'app' });
    await expect(inProfile.credentials()).rejects.toThrow(/mfaSerial.*mfa_serial in \[app\]/);
    expect(aws.assumed).toEqual([]);
  });

  test('of a profile is no matter to keys in the environment, as that advice has it', async () => {
    await using aws = await setup();
    aws.writeConfig(profile.replace('profile app', 'default'));
    const session = { AWS_ACCESS_KEY_ID: 'ASIASESSION', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
    using given = aws.open({}, { environment: { ...aws.environment, ...session } });
    await given.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['ASIASESSION']);
  });
});

describe('the identity of a session', () => {
  const process = (name: string) =>
    `credential_process = echo '{"Version":1,"AccessKeyId":"AKIA${name}","SecretAccessKey":"s"}'\n`;

  test('is that of its own files when the same profile stands in two', async () => {
    await using aws = await setup();
    const files = ['A', 'B'].map((name) => aws.write(name, `[profile app]\n${process(name)}`));
    for (const file of files) {
      const environment = { ...aws.environment, AWS_CONFIG_FILE: file, AWS_PROFILE: 'app' };
      // Left open, so that the second could share the first one's.
      await aws.open({}, { environment }).client(createS3Client).send(head);
    }
    expect(aws.signers).toEqual(['AKIAA', 'AKIAB']);
  });

  test('follows a file that was changed between two sessions', async () => {
    await using aws = await setup();
    for (const name of ['BEFORE', 'AFTER']) {
      aws.writeConfig(`[default]\n${process(name)}`);
      await aws.open({}).client(createS3Client).send(head);
    }
    expect(aws.signers).toEqual(['AKIABEFORE', 'AKIAAFTER']);
  });

  test('is nobody without keys in the given environment, whatever that of the process has', async () => {
    await using aws = await setup();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAPROCESS');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's');
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', aws.server.url);
    vi.stubEnv('AWS_ROLE_ARN', roleArn);
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', aws.write('token', 'a-token'));
    const environment = { ...aws.environment, AWS_EC2_METADATA_DISABLED: 'true' };
    using session = aws.open({}, { environment });
    await expect(session.credentials()).rejects.toThrow('found no keys');
    expect(aws.signers).toEqual([]);
  });

  test('is the container that the given environment names', async () => {
    await using aws = await setup();
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', '/of-the-process');
    const environment = {
      ...aws.environment,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.server.url}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Credential=CONTAINER',
    };
    using session = aws.open({}, { environment });
    await session.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['CONTAINER', 'AKIACONTAINER']);
  });

  test("is asked of single sign-on in the region of the profile, by the session's own way out", async () => {
    await using aws = await setup();
    await using proxy = await serveProxy({ refuseWith: 403 });
    const start = 'https://example.awsapps.com/start';
    vi.stubEnv('HOME', aws.folder);
    aws.write(
      `.aws/sso/cache/${createHash('sha1').update(start).digest('hex')}.json`,
      JSON.stringify({ accessToken: 'a', expiresAt: '2999-01-01T00:00:00Z' }),
    );
    aws.writeConfig(
      `[profile sso]\nsso_start_url = ${start}\nsso_region = eu-west-3\nsso_account_id = 1\nsso_role_name = r\n`,
    );
    using session = aws.open({ profile: 'sso', httpsProxy: proxy.url, maxAttempts: 1 });
    await expect(session.credentials()).rejects.toThrow();
    expect(proxy.seen).toEqual(['CONNECT portal.sso.eu-west-3.amazonaws.com:443']);
  });

  test('of a profile named in code wins over keys in both environments, without a warning', async () => {
    await using aws = await setup();
    const both = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' };
    for (const [name, value] of Object.entries(both)) vi.stubEnv(name, value);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    aws.writeConfig('[profile app]\naws_access_key_id = AKIAAPP\naws_secret_access_key = s\n');
    using session = aws.open({ profile: 'app' }, { environment: { ...aws.environment, ...both } });
    await session.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['AKIAAPP']);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('the logger of a session', () => {
  test('hears of its own calls and of no other session, whichever was opened first', async () => {
    await using aws = await setup();
    const heard: string[] = [];
    const logger = (name: string) => ({ debug: () => void heard.push(name) });
    using first = aws.open(keys('LOG'), { logger: logger('first') });
    using silent = aws.open(keys('LOG'));
    using second = aws.open(keys('LOG'), { logger: logger('second') });
    for (const session of [silent, second, first]) await session.client(createS3Client).send(head);
    expect(heard).toEqual(['second', 'first']);
  });
});
