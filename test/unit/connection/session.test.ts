import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createDynamoDBClient } from '../../../src/lib/connection/clients/dynamodb.ts';
import { createS3Client } from '../../../src/lib/connection/clients/s3.ts';
import { createSession, type SessionSources } from '../../../src/lib/connection/session.ts';
import type { CodeSettings } from '../../../src/lib/connection/settings/resolve.ts';
import { serve } from './servers/server.ts';

/** S3 and STS in one: remembers who signed and which roles were asked for; its keys live as long as it is told. */
async function setup({ keyLivesMs = 3_600_000 } = {}) {
  const signers: string[] = [];
  const assumed: Record<string, string>[] = [];
  const server = await serve(async (request, response) => {
    signers.push(/Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody');
    if (request.method !== 'POST') {
      response.setHeader('content-length', 0).end();
      return;
    }
    assumed.push(Object.fromEntries(new URLSearchParams(await text(request))));
    response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>ASIAROLE${assumed.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
      <Expiration>${new Date(Date.now() + keyLivesMs).toISOString()}</Expiration>
      </Credentials></AssumeRoleResult></AssumeRoleResponse>`);
  });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-session-'));
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
    writeConfig: (lines: string) => writeFileSync(environment.AWS_CONFIG_FILE, lines),
    open: (code: CodeSettings, more: SessionSources = {}) => createSession({ environment, code, ...more }),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
      await server[Symbol.asyncDispose]();
    },
  };
}

const head = new HeadBucketCommand({ Bucket: 'bucket' });
const keys = (name: string) => ({ accessKeyId: `AKIA${name}`, secretAccessKey: 'secret' });
const roleArn = 'arn:aws:iam::123456789012:role/uploader';

describe('sessions', () => {
  it('act side by side, each with its own keys', async () => {
    await using aws = await setup();
    using one = aws.open(keys('ONE'));
    using two = aws.open(keys('TWO'));
    await one.client(createS3Client).send(head);
    await two.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['AKIAONE', 'AKIATWO']);
  });

  it('with the same settings share one client, and its sockets', async () => {
    await using aws = await setup();
    using one = aws.open(keys('SAME'));
    using two = aws.open(keys('SAME'));
    expect(one.client(createS3Client)).toBe(two.client(createS3Client));
    expect(one.client(createDynamoDBClient)).not.toBe(one.client(createS3Client));
    await one.client(createS3Client).send(head);
    await two.client(createS3Client).send(head);
    expect(two.sockets()).toMatchObject({ opened: 1, reused: 1, idle: 1 });
  });

  it('with other settings or another source of keys share nothing', async () => {
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

  it('close the client only when the last user closes, and closing twice is once', async () => {
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
  it('is asked for once, with external id, duration and name, and signs the calls of every client', async () => {
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

  it('is renewed before its key expires', async () => {
    await using aws = await setup({ keyLivesMs: 60_000 });
    using session = aws.open({ ...keys('BASE'), roleArn });
    await session.client(createS3Client).send(head);
    const first = aws.signers.at(-1);
    await session.client(createS3Client).send(head);
    expect(aws.signers.at(-1)).toMatch(/^ASIAROLE/);
    expect(aws.signers.at(-1)).not.toBe(first);
  });

  it("may stand in a profile, and is reached with the session's own endpoint", async () => {
    await using aws = await setup();
    aws.writeConfig(
      `[profile app]\nrole_arn = ${roleArn}\nsource_profile = base\n[profile base]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s\n`,
    );
    using session = aws.open({ profile: 'app' });
    await session.client(createS3Client).send(head);
    expect(aws.signers).toEqual(['AKIAFILE', 'ASIAROLE1']);
  });

  it('is refused when it wants a second factor, saying what to do instead', async () => {
    await using aws = await setup();
    const mfaSerial = 'arn:aws:iam::123456789012:mfa/me';
    expect(() => aws.open({ ...keys('BASE'), roleArn, mfaSerial })).toThrow(/mfaSerial.*get-session-token/);
    aws.writeConfig(
      `[profile app]\nrole_arn = ${roleArn}\nsource_profile = base\nmfa_serial = ${mfaSerial}\n`,
    );
    expect(() => aws.open({ profile: 'app' })).toThrow(/mfaSerial.*mfa_serial in \[app\]/);
  });
});
