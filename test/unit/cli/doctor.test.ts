import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { serveBlackHole } from '../connection/servers/black-hole.ts';
import { serveProxy } from '../connection/servers/proxy.ts';
import { listen, pemPath, serve } from '../connection/servers/server.ts';
import { answer, openStorageShell, SECRET, startStore } from './storage-shell.ts';

type Finding = {
  readonly check: string;
  readonly verdict: string;
  readonly detail: string;
  readonly fix?: string;
  readonly ms?: number;
  readonly error?: string;
};
type Diagnosis = { readonly verdict: string; readonly findings: readonly Finding[] };

async function setup() {
  const shell = await openStorageShell();
  return {
    ...shell,
    /** Runs the doctor at an endpoint, and gives what it says as JSON. */
    examine: async (
      endpoint: string,
      env: Readonly<Record<string, string>> = {},
      ...argv: readonly string[]
    ) => {
      const startedAt = Date.now();
      const { code, out } = await shell.run(['doctor', '--json', '--endpoint', endpoint, ...argv], { env });
      const { verdict, findings }: Diagnosis = JSON.parse(out);
      return { code, verdict, findings, last: findings.at(-1), out, ms: Date.now() - startedAt };
    },
    [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
  };
}

// Generous: these tests ask whether a check ends, not how punctually.
const SOON = 3_000;

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>AIDA</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;
const buckets =
  '<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>';
const healthy = {
  'HEAD /': answer(405),
  'POST /': answer(200, identity),
  'GET /': answer(200, buckets),
};

describe('sluice doctor', () => {
  test('looks for no keys where nothing is signed, and asks nobody whose they are', async () => {
    await using doctor = await setup();
    await using store = await startStore(healthy);
    const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_ENDPOINT_URL: store.url };
    const { findings } = await doctor.examine(store.url, none, '--no-sign-request');
    expect(findings.find(({ check }) => check === 'credentials')).toMatchObject({
      verdict: 'ok',
      detail: 'none: nothing is signed (command line)',
    });
    expect(findings.map(({ check }) => check)).not.toContain('identity');
    expect(findings.at(-1)).toMatchObject({ check: 'access', verdict: 'ok' });
  });

  test('goes through every step to a healthy endpoint, names the caller and exits 0', async () => {
    await using world = await setup();
    await using store = await startStore(healthy);
    const { code, verdict, findings, out } = await world.examine(store.url);
    expect(findings.map(({ check, verdict: one }) => `${check} ${one}`)).toEqual([
      'settings ok',
      'endpoint ok',
      'credentials ok',
      'dns ok',
      'tcp ok',
      'tls ok',
      'first-byte ok',
      'clock ok',
      'identity ok',
      'access ok',
    ]);
    expect(findings.find(({ check }) => check === 'settings')?.detail).toBe(
      'region eu-central-1 (environment AWS_REGION)',
    );
    expect(findings.find(({ check }) => check === 'credentials')?.detail).toBe(
      '****1234 from environment AWS_ACCESS_KEY_ID',
    );
    expect(findings.find(({ check }) => check === 'identity')?.detail).toBe(
      'arn:aws:iam::123456789012:user/ada',
    );
    for (const check of ['tcp', 'first-byte']) {
      expect(findings.find((one) => one.check === check)?.ms, check).toBeGreaterThan(0);
    }
    expect(out).not.toContain(SECRET);
    expect([verdict, code]).toEqual(['ok', 0]);
  });

  test('fails at tcp when the port is refused, and says what to start or correct', async () => {
    await using world = await setup();
    const { code, last } = await world.examine('http://127.0.0.1:1');
    expect(last).toMatchObject({ check: 'tcp', verdict: 'fail', error: 'endpoint-unreachable' });
    expect(last?.fix).toContain('correct the endpoint');
    expect(code).toBe(3);
  });

  test('fails at tcp within the connect time-out when packets vanish', async () => {
    await using world = await setup();
    await using hole = await serveBlackHole();
    const { code, last, ms } = await world.examine(hole.url, {}, '--connect-timeout', '0.2');
    expect(last).toMatchObject({ check: 'tcp', error: 'connect-timeout' });
    expect(last?.detail).toContain('200 ms');
    expect(ms).toBeLessThan(SOON);
    expect(code).toBe(3);
  });

  test('fails at tls within the connect time-out when the handshake never comes', async () => {
    await using world = await setup();
    await using server = await listen(createServer(), 'https');
    const { last, ms } = await world.examine(server.url, {}, '--connect-timeout', '0.2');
    expect(last).toMatchObject({ check: 'tls', error: 'connect-timeout' });
    expect(ms).toBeLessThan(SOON);
  });

  test('fails at the first byte within the read time-out when the server is silent', async () => {
    await using world = await setup();
    await using server = await serve(() => {});
    const { last, ms } = await world.examine(server.url, {}, '--read-timeout', '0.2');
    expect(last).toMatchObject({ check: 'first-byte', error: 'read-timeout' });
    expect(ms).toBeLessThan(SOON);
  });

  test.each(['stranger', 'expired'])('fails at tls when the certificate is %s', async (certificate) => {
    await using world = await setup();
    await using server = await serve((_request, response) => response.end(), certificate);
    const { code, last } = await world.examine(server.url, { AWS_CA_BUNDLE: pemPath('authority.pem') });
    expect(last).toMatchObject({ check: 'tls', verdict: 'fail', error: 'tls' });
    expect(last?.fix).toContain('AWS_CA_BUNDLE');
    expect(code).toBe(3);
  });

  test('tells version and life of a certificate that the CA bundle vouches for', async () => {
    await using world = await setup();
    await using server = await serve((_request, response) => response.end(), 'server');
    const { findings } = await world.examine(server.url, { AWS_CA_BUNDLE: pemPath('authority.pem') });
    expect(findings.find(({ check }) => check === 'tls')).toMatchObject({
      verdict: 'ok',
      detail: expect.stringMatching(/^TLSv1\.3, certificate holds \d+ more days$/),
      ms: expect.any(Number),
    });
  });

  test('fails at the proxy when that refuses, and shows no password of it', async () => {
    await using world = await setup();
    await using server = await serve((_request, response) => response.end(), 'server');
    await using proxy = await serveProxy({ secret: 'ada:right' });
    const https_proxy = proxy.url.replace('//', '//ada:wrong-password@');
    const { last, out } = await world.examine(server.url, { https_proxy });
    expect(last).toMatchObject({ check: 'proxy', error: 'proxy-refused' });
    expect(out).not.toContain('wrong-password');
  });

  test('says nothing of a proxy that NO_PROXY passes by', async () => {
    await using world = await setup();
    await using server = await serve((_request, response) => response.end(), 'server');
    await using proxy = await serveProxy();
    const settings = { https_proxy: proxy.url, AWS_CA_BUNDLE: pemPath('authority.pem') };
    const { findings } = await world.examine(server.url, { ...settings, no_proxy: 'example.com,127.0.0.1' });
    expect(findings.map(({ check }) => check)).not.toContain('proxy');
    expect(findings.find(({ check }) => check === 'tcp')?.detail).not.toContain('proxy');
    expect(proxy.seen).toEqual([]);
  });

  test.each([
    [3_600_000, 'presigned URLs and forms will be refused'],
    [-3_600_000, 'presigned URLs and forms will be refused'],
    [120_000, '15 minutes off'],
  ])('warns at the clock when the server is %i ms off, and goes on', async (offMs, words) => {
    await using world = await setup();
    const date = new Date(Date.now() + offMs).toUTCString();
    await using store = await startStore({ ...healthy, 'HEAD /': answer(405, '', { date }) });
    const diagnosis = await world.examine(store.url);
    const clock = diagnosis.findings.find(({ check }) => check === 'clock');
    expect(clock?.verdict).toBe('warn');
    expect(clock?.fix).toContain(words);
    expect(diagnosis.last?.check).not.toBe('clock');
    expect(clock?.detail).toContain(offMs > 0 ? 'behind' : 'ahead of');
    expect(clock?.fix).toContain('NTP');
    expect(diagnosis.code).toBe(0);
  });

  test('fails at the identity when the keys are not known, and says that they are wrong', async () => {
    await using world = await setup();
    const refusal =
      '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>';
    await using store = await startStore({ ...healthy, 'POST /': answer(403, refusal) });
    const { code, last } = await world.examine(store.url);
    expect(last).toMatchObject({ check: 'identity', verdict: 'fail', error: 'access-denied' });
    expect(last?.fix).toContain('Correct the keys');
    expect(code).toBe(3);
  });

  test('warns when the endpoint has no STS, and goes on', async () => {
    await using world = await setup();
    await using store = await startStore({ ...healthy, 'POST /': answer(501) });
    const { code, findings } = await world.examine(store.url, { AWS_MAX_ATTEMPTS: '1' });
    expect(findings.slice(-2)).toMatchObject([
      { check: 'identity', verdict: 'warn' },
      { check: 'access', verdict: 'ok' },
    ]);
    expect(code).toBe(0);
  });

  test('does not ask AWS who somebody is at an endpoint that is for S3 alone', async () => {
    await using world = await setup();
    await using store = await startStore(healthy);
    const { out } = await world.run(['doctor', '--json'], { env: { AWS_ENDPOINT_URL_S3: store.url } });
    const { findings }: Diagnosis = JSON.parse(out);
    expect(findings.map(({ check }) => check)).not.toContain('identity');
  });

  test('fails at access when the bucket may not be listed, and tells the name that S3 gives it', async () => {
    await using world = await setup();
    const refusal = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    await using store = await startStore({ ...healthy, 'GET /': answer(403, refusal) });
    const { last, code } = await world.examine(store.url, {}, 's3://my-bucket');
    expect(last).toMatchObject({ check: 'access', verdict: 'fail', error: 'access-denied' });
    expect(last?.detail).toContain('403 AccessDenied');
    expect(code).toBe(3);
  });

  test('only warns when it is the list of all buckets that is refused', async () => {
    await using world = await setup();
    const refusal = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    await using store = await startStore({ ...healthy, 'GET /': answer(403, refusal) });
    const { last, code } = await world.examine(store.url);
    expect(last).toMatchObject({
      check: 'access',
      verdict: 'warn',
      fix: expect.stringContaining('Name a bucket'),
    });
    expect(code).toBe(0);
  });

  test('reports a malformed setting as its one finding', async () => {
    await using world = await setup();
    const { code, findings } = await world.examine('http://127.0.0.1:1', { AWS_RETRY_MODE: 'legacy' });
    expect(findings).toMatchObject([{ check: 'settings', verdict: 'fail', error: 'invalid-setting' }]);
    expect(findings[0]?.detail).toContain('environment AWS_RETRY_MODE');
    expect(code).toBe(3);
  });

  test('reports a region that is nowhere as its one finding', async () => {
    await using world = await setup();
    const { findings } = await world.examine('http://127.0.0.1:1', { AWS_REGION: '' });
    expect(findings).toMatchObject([{ check: 'settings', verdict: 'fail', error: 'no-region' }]);
  });

  test('writes a line for each check and an arrow for each fix to people', async () => {
    await using world = await setup();
    const { code, out, err } = await world.run(['doctor', '--endpoint', 'http://127.0.0.1:1']);
    expect(out).toMatch(/^ok {4}credentials {4}\*\*\*\*1234 from environment AWS_ACCESS_KEY_ID$/m);
    expect(out).toMatch(
      /^fail {2}tcp {12}EndpointConnectionError: .+\n {21}→ Start what should listen there/m,
    );
    expect(err).toContain('mended first');
    expect(code).toBe(3);
  });

  test.each([[['s3://a', 's3://b']], [['my-bucket']], [['s3://my-bucket/key']]])(
    'exits 2 when the command line is %j',
    async (argv) => {
      await using world = await setup();
      expect((await world.run(['doctor', ...argv])).code).toBe(2);
    },
  );
});
