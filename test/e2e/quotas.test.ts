// Quotas and rates on a deployed stack of its own, whose parameters set them.
import { randomUUID } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUser, logIn } from '../../local/users.ts';
import { createCounterTable } from '../../src/lib/aws/counter-table.ts';
import { toCounterId } from '../../src/lib/quota/count.ts';
import { rootOf } from '../contract/root.ts';
import { startOwn, type TestStack } from '../setup/local-stack.ts';
import { createAdmin } from './command-line.ts';

const CSV = 'a,b\n1,2\n';
const FILE = { filename: 'rows.csv', contentType: 'text/csv', size: CSV.length };

let running: Awaited<ReturnType<typeof startOwn>>;

beforeAll(async () => {
  running = await startOwn(`quotas-${process.pid}`, async () => ({
    parameters: {
      ownerQuotaFiles: '3',
      ownerQuotaBytes: '1000',
      ownerUnfinishedUploads: '2',
      ownerRequestsPerMinute: '12',
      warmTables: 'true', // which the local DynamoDB takes no notice of
      peakUploadsPerSecond: '40',
    },
  }));
}, 300_000);

afterAll(() => running?.stop());

type Answer = { readonly status: number; readonly retryAfter: string | null; readonly body: Body };
type Body = {
  readonly id?: string;
  readonly state?: string;
  readonly code?: string;
  readonly left?: object;
  readonly put?: { readonly url: string; readonly headers: Record<string, string> };
  readonly [field: string]: unknown;
};

/** A new user of a tenant of their own, and what they do. */
async function setup(stack: TestStack = running.stack) {
  const user = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  await createUser(stack, user);
  const { idToken } = await logIn(stack, user);
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${stack.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${idToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: text === '' ? {} : JSON.parse(text),
    };
  };
  const request = (change: object = {}) => call('POST', '/uploads', { ...FILE, ...change });
  /** Requests a file, sends it, and waits for its verdict. */
  const upload = async (bytes = CSV) => {
    const { body } = await request();
    const { url = '', headers = {} } = body.put ?? {};
    const { 'content-length': _length, ...sent } = headers;
    await fetch(url, { method: 'PUT', headers: sent, body: bytes });
    for (const until = Date.now() + 60_000; Date.now() < until; ) {
      const { state } = (await call('GET', `/uploads/${body.id}`)).body;
      if (state === 'accepted' || state === 'rejected') return { id: body.id ?? '', state };
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`upload ${body.id} has no verdict`);
  };
  const usage = async () => (await call('GET', '/usage')).body;
  return { call, request, upload, usage };
}

describe('a stack with quotas', () => {
  test('takes files up to the quota, gives back what is deleted, and tells what is left', async () => {
    const { call, request, upload, usage } = await setup();
    const files: string[] = [];
    for (let file = 0; file < 3; file += 1) files.push((await upload()).id);
    expect(await usage()).toMatchObject({
      all: {
        files: 3,
        bytes: 24,
        limits: { files: 3, bytes: 1000 },
        left: { files: 0, bytes: 976 },
      },
      unfinished: { files: 0, limits: { files: 2 } },
    });
    expect(await request()).toMatchObject({
      status: 403,
      body: { code: 'quota_files_exceeded', left: { files: 0, bytes: 976 } },
    });
    expect((await call('DELETE', `/uploads/${files[0]}`)).status).toBe(204);
    expect(await usage()).toMatchObject({ all: { files: 2, bytes: 16 } });
    expect((await request({ size: 985 })).body).toMatchObject({ code: 'quota_bytes_exceeded' });
    expect((await request()).status).toBe(201);
  });

  test('counts no rejected file, and answers each file of a list by itself', async () => {
    const { call, upload, usage } = await setup();
    expect((await upload('<html>..')).state).toBe('rejected');
    expect(await usage()).toMatchObject({ all: { files: 0, bytes: 0 }, unfinished: { files: 0 } });
    const { body } = await call('POST', '/uploads/batch', { uploads: [FILE, FILE, FILE] });
    const results = body.results as readonly { status: number; problem?: { code: string } }[];
    expect(results.map(({ status, problem }) => problem?.code ?? status)).toEqual([
      201,
      201,
      'unfinished_too_many',
    ]);
  });

  test('holds a session of Uppy to the quota of whom it is for', async () => {
    const { call, usage } = await setup();
    const { body } = await call('POST', '/uppy-sessions', { maxBytes: 400 });
    const params = () =>
      fetch(`${body.companionUrl}/s3/params?filename=rows.csv&type=text%2Fcsv`, {
        headers: { accept: 'application/json' },
      });
    expect((await params()).status).toBe(200);
    expect(await usage()).toMatchObject({ all: { files: 1, bytes: 400 }, unfinished: { files: 1 } });
    expect((await params()).status).toBe(200);
    const refused = await params();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ code: 'unfinished_too_many' });
  });

  test('lets an operator give one owner another quota, which holds at once', async () => {
    const { request, usage } = await setup();
    const dynamo = new DynamoDBClient(rootOf(running.stack));
    const { tenant, subject } = (await usage()) as { tenant: string; subject: string };
    const table = createCounterTable(dynamo, running.stack.grantsTable);
    await table.setLimits(toCounterId('owner', { tenant, subject }), { bytes: 7 });
    expect((await request()).body).toMatchObject({ code: 'quota_bytes_exceeded', left: { bytes: 7 } });
    expect((await request({ size: 7 })).status).toBe(201);
  });

  test('tells an operator what an owner has, and takes a limit of their own from them, by command line', async () => {
    const { request, upload, usage } = await setup();
    await upload();
    const { tenant, subject } = (await usage()) as { tenant: string; subject: string };
    await using folder = await mkdtempDisposable(join(tmpdir(), 'sluice-usage-'));
    const admin = createAdmin(running.stack, folder.path);
    const whose = ['usage', '--tenant', tenant, '--owner', subject];
    const told = await admin(...whose, '--recount');
    expect([told.code, told.lines]).toEqual([
      0,
      expect.arrayContaining([
        expect.objectContaining({ outcome: 'right', detail: expect.stringContaining('1 files, 8') }),
      ]),
    ]);
    await admin(...whose, '--max-files', '1');
    expect((await request()).body).toMatchObject({ code: 'quota_files_exceeded' });
    await admin(...whose, '--no-limits');
    expect((await request()).status).toBe(201);
  });

  test('counts its refusals where QuotaRefusalsAlarm looks for them', async () => {
    const { request } = await setup();
    expect((await request({ size: 1_001 })).body).toMatchObject({ code: 'quota_bytes_exceeded' });
    const logs = new CloudWatchLogsClient(rootOf(running.stack));
    const find = async () => {
      const { events = [] } = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: `/aws/lambda/${running.stack.stackName}-request-upload`,
          filterPattern: '"quota_bytes_exceeded"',
        }),
      );
      return events.flatMap(({ message = '' }) => {
        const line = JSON.parse(message);
        return line._aws === undefined ? [] : [line];
      });
    };
    await expect.poll(find, { timeout: 20_000 }).toContainEqual(
      expect.objectContaining({
        Refusals: expect.anything(),
        service: 'sluice',
        stage: 'local',
        code: 'quota_bytes_exceeded',
      }),
    );
    const [line] = await find();
    expect(line._aws.CloudWatchMetrics).toContainEqual(
      expect.objectContaining({
        Namespace: 'Sluice',
        Dimensions: expect.arrayContaining([['service', 'stage', 'code']]),
      }),
    );
  });

  test('refuses an owner who asks too often until their minute is over, and no other', async () => {
    const { request } = await setup();
    const answers: Answer[] = [];
    // One after the other in at most two minutes of the owner's.
    for (let times = 0; times < 40; times += 1) answers.push(await request({ size: 2_000 }));
    const refused = answers.find(({ body }) => body.code === 'requests_too_many');
    expect(refused).toMatchObject({ status: 429, body: { retryable: true } });
    expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
    expect(Number(refused?.retryAfter)).toBeLessThanOrEqual(60);
    expect((await (await setup()).request()).status).toBe(201);
  });
});
