import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createHandler } from '../../../src/handlers/console.ts';
import { buildConsole, readPage } from '../../fakes/console-page.ts';
import { captureLog } from '../../fakes/log-lines.ts';

// What a deployment with a pool of its own puts in the environment.
const AWS = {
  AWS_REGION: 'eu-west-1',
  AWS_ENDPOINT_URL: '',
  INCOMING_BUCKET: 'sluice-incoming',
  STORE_BUCKET: 'sluice-store',
  USER_POOL_CLIENT_ID: 'client1',
  USER_POOL_ENDPOINT: 'https://cognito-idp.eu-west-1.amazonaws.com',
  SERVICE_TOKEN_URL: 'https://sluice-dev-1.auth.eu-west-1.amazoncognito.com/oauth2/token',
  JWT_ISSUER: '',
};

type Headers = Record<string, string>;

let folder = '';

/** A function instance that has just started with this environment, and ways to ask it. */
async function setup(environment: Partial<typeof AWS> = {}) {
  const handler = createHandler({ page: readPage(folder, { ...AWS, ...environment }) });

  const ask = async (file: string | undefined, headers: Headers = {}) => {
    const event = {
      headers,
      requestContext: { requestId: 'request1' },
      ...(file !== undefined && { pathParameters: { file } }),
    };
    // Only what the handler reads of them.
    const result: APIGatewayProxyStructuredResultV2 = await handler(
      event as unknown as APIGatewayProxyEventV2,
      { functionName: 'console' } as Context,
    );
    return { ...result, headers: result.headers ?? {}, text: result.body ?? '' };
  };
  const policyOf = async (): Promise<Map<string, string>> => {
    const { headers } = await ask(undefined);
    const policy = String(headers['content-security-policy']);
    return new Map(
      policy.split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources.join(' ')];
      }),
    );
  };
  return { ask, policyOf };
}

beforeAll(() => {
  folder = buildConsole();
  captureLog();
});
afterAll(() => vi.restoreAllMocks());

describe('every answer', () => {
  test.each([
    ['the page', undefined, {}],
    ['a file', 'console.js', { 'accept-encoding': 'gzip' }],
    ['a file that there is not', 'other.js', {}],
  ])('such as %s tells a browser to stay with HTTPS and with the type', async (_what, file, asked) => {
    const { ask } = await setup();
    const every = { 'strict-transport-security': 'max-age=31536000', 'x-content-type-options': 'nosniff' };
    const { headers } = await ask(file, asked);
    expect(headers).toMatchObject(every);
    if (typeof headers.etag !== 'string') return;
    const unchanged = await ask(file, { 'if-none-match': headers.etag });
    expect(unchanged).toMatchObject({ statusCode: 304, headers: every });
  });
});

describe('files', () => {
  test('serves the page at the root', async () => {
    const { ask } = await setup();
    const { statusCode, headers, text } = await ask(undefined);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('<title>Sluice</title>');
  });

  test.each([
    ['console.js', 'text/javascript; charset=utf-8'],
    ['console.css', 'text/css; charset=utf-8'],
    ['dashboard.js', 'text/javascript; charset=utf-8'],
    ['dashboard.css', 'text/css; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
    ['config.json', 'application/json'],
  ])('serves %s as %s', async (file, type) => {
    const { ask } = await setup();
    const { statusCode, headers, text } = await ask(file);
    expect({ statusCode, type: headers['content-type'] }).toEqual({ statusCode: 200, type });
    expect(text.length).toBeGreaterThan(0);
  });

  test('serves every file that the page asks for, by an address below its own', async () => {
    const { ask } = await setup();
    const { text } = await ask(undefined);
    const addresses = [...text.matchAll(/(?:src|href)="([^#"]+)"/g)].map(([, address = '']) => address);
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const address of addresses) {
      expect(address).toMatch(/^console\/[\w.]+$/);
      expect(await ask(address.replace('console/', ''))).toMatchObject({ statusCode: 200 });
    }
  });

  test.each([
    'index.html',
    'console.ts',
    'tokens.css',
    'CONSOLE.JS',
    'console.js/',
    '',
    '.',
    '..',
    '../index.html',
    '..%2findex.html',
    '/etc/passwd',
    'console.js\u0000.png',
    '__proto__',
    'constructor',
  ])('answers 404 to the name %j, which is not on its list', async (file) => {
    const { ask } = await setup();
    const { statusCode, text, headers } = await ask(file);
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({ code: 'route_not_found', requestId: 'request1' });
  });

  test('sends a file gzipped to whoever takes that, and the same bytes to whoever does not', async () => {
    const { ask } = await setup();
    const plain = await ask('console.js');
    const packed = await ask('console.js', { 'accept-encoding': 'gzip, br' });
    expect(packed).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    expect(gunzipSync(Buffer.from(packed.text, 'base64')).toString()).toBe(plain.text);
    expect(plain.headers).toMatchObject({ vary: 'accept-encoding' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
  });

  test.each([
    [
      '26 KiB until somebody has signed in',
      26,
      [undefined, 'console.js', 'console.css', 'icon.svg', 'config.json'],
    ],
    ['96 KiB more after that', 96, ['dashboard.js', 'dashboard.css']],
  ])('weighs at most %s, on its way to whoever takes gzip', async (_when, kibibytes, files) => {
    const { ask } = await setup();
    const answers = await Promise.all(files.map((file) => ask(file, { 'accept-encoding': 'gzip' })));
    const bytes = answers.reduce((sum, { text }) => sum + Buffer.from(text, 'base64').length, 0);
    expect(bytes).toBeGreaterThan(kibibytes * 1024 * 0.7);
    expect(bytes).toBeLessThanOrEqual(kibibytes * 1024);
  });

  test('answers 304 without a body when the visitor has this version already', async () => {
    const { ask } = await setup();
    const { etag = '', ...headers } = (await ask('console.js')).headers;
    expect(headers['cache-control']).toBe('no-cache');
    expect(await ask('console.js', { 'if-none-match': String(etag) })).toMatchObject({
      statusCode: 304,
      text: '',
    });
    expect(await ask('console.css', { 'if-none-match': String(etag) })).toMatchObject({ statusCode: 200 });
  });

  test('fails to start when the page was not built', () => {
    expect(() => readPage(join(folder, 'absent'), AWS)).toThrow('ENOENT');
  });
});

describe('security', () => {
  test('runs no script but its own files and the one inline script that it names by hash', async () => {
    const { ask, policyOf } = await setup();
    const { text } = await ask(undefined);
    const inline = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
    const hashes = inline.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(hashes).toHaveLength(1);
    const policy = await policyOf();
    expect(policy.get('script-src')).toBe(`'self' ${hashes[0]}`);
    expect(policy.get('default-src')).toBe("'none'");
    expect(policy.get('style-src')).toBe("'self'");
    expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*|data:|blob:|\bhttps?:(?!\/\/)/);
  });

  test('cannot be framed, rebased, submitted elsewhere, or made to parse a string as markup', async () => {
    const policy = await (await setup()).policyOf();
    expect(Object.fromEntries(policy)).toMatchObject({
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
    });
  });

  test('has no style or handler in its markup, which the policy would block', async () => {
    const { text } = await (await setup()).ask(undefined);
    expect(text).not.toMatch(/\sstyle=|<style|\son\w+=|="javascript:/i);
  });

  test('sends bytes to the incoming bucket only, shows pictures and text from the store only, and signs in at the pool', async () => {
    const policy = await (await setup()).policyOf();
    expect(policy.get('connect-src')).toBe(
      "'self' https://sluice-incoming.s3.eu-west-1.amazonaws.com https://sluice-store.s3.eu-west-1.amazonaws.com https://cognito-idp.eu-west-1.amazonaws.com",
    );
    expect(policy.get('img-src')).toBe("'self' https://sluice-store.s3.eu-west-1.amazonaws.com");
  });

  test('names the one endpoint of a local stack in place of all of AWS', async () => {
    const policy = await (await setup({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).policyOf();
    expect(policy.get('connect-src')).toBe("'self' http://127.0.0.1:4566");
    expect(policy.get('img-src')).toBe("'self' http://127.0.0.1:4566");
  });

  test('tells browsers not to guess types and not to say where a visitor came from', async () => {
    const { headers } = await (await setup()).ask('console.js');
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer' });
  });
});

describe('configuration', () => {
  test('says where to sign in when the stack has a pool of its own', async () => {
    const { text } = await (await setup()).ask('config.json');
    expect(JSON.parse(text)).toEqual({
      signIn: {
        kind: 'cognito',
        region: 'eu-west-1',
        clientId: 'client1',
        endpoint: 'https://cognito-idp.eu-west-1.amazonaws.com',
        tokenUrl: 'https://sluice-dev-1.auth.eu-west-1.amazoncognito.com/oauth2/token',
      },
    });
  });

  test("asks for a token when the team has its own issuer, and lets the page reach no pool's address", async () => {
    const environment = { USER_POOL_CLIENT_ID: '', JWT_ISSUER: 'https://id.example.com/' };
    const { ask, policyOf } = await setup(environment);
    expect(JSON.parse((await ask('config.json')).text)).toEqual({
      signIn: { kind: 'token', issuer: 'https://id.example.com/' },
    });
    expect((await policyOf()).get('connect-src')).toBe(
      "'self' https://sluice-incoming.s3.eu-west-1.amazonaws.com https://sluice-store.s3.eu-west-1.amazonaws.com",
    );
  });
});
