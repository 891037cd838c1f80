import { readdirSync, readFileSync } from 'node:fs';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { captureLog } from '../../fakes/log-lines.ts';

type Handler = (event: object, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
type FunctionOf = {
  readonly environment?: object;
  readonly events?: readonly { readonly httpApi?: object }[];
};

const functions = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent', merge: true })
  .functions as Record<string, FunctionOf>;
// The console reads the page that was built for it: console.test.ts builds that, and asks for the same.
const answering = Object.entries(functions)
  .filter(([name, { events = [] }]) => name !== 'console' && events.some(({ httpApi }) => httpApi))
  .map(([name]) => name);
const fixtures = readdirSync('events').filter((file) => answering.includes(file.split('.')[0] ?? ''));

// A number where one is wanted, and as good a name for a bucket or a table as any. AWS is a port on which
// nothing listens, so that every call of it fails at once.
const WHAT_FITS_ALL = '111';
const AWS = {
  AWS_REGION: 'eu-west-1',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_MAX_ATTEMPTS: '1',
  AWS_ENDPOINT_URL_GUARDDUTY: '',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  TENANT_CLAIM: 'sub',
  API_URL: 'https://api.example.com',
  // The stack's own buckets.
  S3_ENDPOINT: '',
  FILES_ORIGIN: '',
  FILES_DISTRIBUTION: '',
  UPPY_KEY: 'k'.repeat(64),
  UPPY_PREVIOUS_KEY: 'none',
};

beforeAll(() => {
  captureLog();
  for (const { environment } of Object.values(functions)) {
    for (const name of Object.keys(environment ?? {})) {
      vi.stubEnv(name, name === 'LEDGER_INDEXES' ? '' : WHAT_FITS_ALL);
    }
  }
  for (const [name, value] of Object.entries(AWS)) vi.stubEnv(name, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function answerOf(fixture: string, change: object = {}) {
  const name = fixture.split('.')[0];
  const { handler } = (await import(`../../../src/handlers/${name}.ts`)) as { handler: Handler };
  const event = { ...JSON.parse(readFileSync(`events/${fixture}`, 'utf8')), ...change };
  return await handler(event, { functionName: name } as Context);
}

const EVERY = { 'strict-transport-security': 'max-age=31536000', 'x-content-type-options': 'nosniff' };

describe('whatever a function answers', () => {
  test.each(fixtures)('to %s, a browser is told to stay with HTTPS and with the type', async (fixture) => {
    const { statusCode, headers } = await answerOf(fixture);
    expect(headers).toMatchObject(EVERY);
    expect(statusCode).toBeGreaterThanOrEqual(200);
  });

  test.each(fixtures.filter((fixture) => !fixture.startsWith('health.')))(
    'to %s with a body of more than a mebibyte, it is refused before it is looked at',
    async (fixture) => {
      const refused = { statusCode: 413, headers: expect.objectContaining(EVERY) };
      const over = 'a'.repeat(1024 * 1024 + 16);
      expect(await answerOf(fixture, { body: over, isBase64Encoded: false })).toMatchObject(refused);
      const encoded = Buffer.from(over).toString('base64');
      expect(await answerOf(fixture, { body: encoded, isBase64Encoded: true })).toMatchObject(refused);
      const declared = { headers: { 'content-length': String(1024 * 1024 + 1) } };
      expect(await answerOf(fixture, declared)).toMatchObject(refused);
    },
  );
});

test('all kinds of answers are among them', async () => {
  const statuses = await Promise.all(fixtures.map(async (fixture) => (await answerOf(fixture)).statusCode));
  expect([...new Set(statuses)].toSorted()).toEqual(expect.arrayContaining([200, 400, 503]));
});
