// Attacks on Uppy's routes: whoever does not hold the right session finds nothing, and no log tells of one.
import { readFile } from 'node:fs/promises';
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsClient } from 'aws4fetch';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { createGrantTokens } from '../../src/lib/grant/token.ts';
import { createSessionTokens } from '../../src/lib/uppy/session.ts';
import { rootOf } from '../contract/root.ts';
import { MiB, made } from '../uppy/files.ts';
import { openStage } from '../uppy/stage.ts';
import { add, idOf, outcomes, upload, uppySetup, WAYS } from '../uppy/ways.ts';
import { apiOf } from './api.ts';

const stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

const STRANGER = { key: `nobody/${crypto.randomUUID()}`, uploadId: 'no-such-upload' };

type Begun = { readonly key: string; readonly uploadId: string };

async function setup() {
  const { alice, session, stack } = uppySetup(stage);
  const bob = apiOf(stack.bob);
  const sessionOfBob = (await (await bob.call('POST', '/uppy-sessions', {})).json()) as {
    companionUrl: string;
  };
  const call = (base: string, method: string, path: string, body?: object) =>
    fetch(`${base}/s3/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  return {
    stack,
    alice,
    session,
    sessionOfBob: sessionOfBob.companionUrl,
    call,
    begin: async (base: string): Promise<Begun> =>
      (await (
        await call(base, 'POST', 'multipart', { filename: 'a.jpg', type: 'image/jpeg' })
      ).json()) as Begun,
  };
}

function on({ key, uploadId }: Begun) {
  return {
    path: `multipart/${encodeURIComponent(uploadId)}`,
    query: `?${new URLSearchParams({ key })}`,
  };
}

type Route = {
  readonly name: string;
  readonly method: string;
  readonly path: (begun: Begun) => string;
  readonly body?: object;
};

const MALLORY = { kind: 'user', tenant: 'mallory', subject: 'mallory' } as const;

const ROUTES: readonly Route[] = [
  { name: 'list', method: 'GET', path: (begun) => `${on(begun).path}${on(begun).query}` },
  { name: 'sign', method: 'GET', path: (begun) => `${on(begun).path}/1${on(begun).query}` },
  {
    name: 'batch',
    method: 'GET',
    path: (begun) => `${on(begun).path}/batch${on(begun).query}&partNumbers=1,2`,
  },
  { name: 'repeat', method: 'POST', path: (begun) => `${on(begun).path}${on(begun).query}` },
  {
    name: 'complete',
    method: 'POST',
    path: (begun) => `${on(begun).path}/complete${on(begun).query}`,
    body: { parts: [{ PartNumber: 1, ETag: 'x' }] },
  },
  { name: 'abort', method: 'DELETE', path: (begun) => `${on(begun).path}${on(begun).query}` },
];

describe.each(ROUTES)('the route to $name', ({ method, path, body }) => {
  test('answers a foreign upload, one of another policy and a mixed-up one exactly like an unknown one', async () => {
    const { alice, session, sessionOfBob, call, begin } = await setup();
    const own = await session({ policy: 'images' });
    const [begun, other] = [await begin(own), await begin(own)];
    const attempts: readonly (readonly [string, Begun])[] = [
      [own, STRANGER],
      [sessionOfBob, begun],
      [await session({ policy: 'documents' }), begun],
      [own, { ...begun, uploadId: other.uploadId }],
      [own, { ...begun, key: other.key }],
      [own, { ...begun, key: `${begun.key}/../${idOf(other.key)}` }],
    ];
    const answers = await Promise.all(
      attempts.map(async ([base, target]) => {
        const response = await call(base, method, path(target), body);
        const { requestId, ...rest } = (await response.json()) as { requestId: string };
        expect(requestId).not.toBe('');
        return { status: response.status, ...rest };
      }),
    );
    expect(answers[0]).toMatchObject({ status: 404, code: 'upload_not_found' });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect((await alice.read(idOf(begun.key))).state).toBe('requested');
  });
});

/** The owner of the stack's account, who may ask any service anything. */
async function rootFetch(service: string, path: string, headers: Record<string, string>, body?: unknown) {
  const stack = inject('stack');
  const root = new AwsClient({ ...rootOf(stack).credentials, region: stack.region, service });
  const response = await root.fetch(stack.endpoint + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function secretCall(operation: string, input: object) {
  const stack = inject('stack');
  const cloudFormation = new CloudFormationClient(rootOf(stack));
  const { StackResourceDetail } = await cloudFormation.send(
    new DescribeStackResourceCommand({ StackName: stack.stackName, LogicalResourceId: 'UppyKey' }),
  );
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `secretsmanager.${operation}`,
  };
  return rootFetch('secretsmanager', '/', headers, {
    SecretId: StackResourceDetail?.PhysicalResourceId,
    ...input,
  });
}

/** The keys of the deployed stack, as the owner of its account can read them. */
async function stackKeys(): Promise<{ current: string; previous: string }> {
  return JSON.parse(String((await secretCall('GetSecretValue', {})).SecretString));
}

async function stackKey(): Promise<string> {
  return (await stackKeys()).current;
}

describe('the key of the sessions', () => {
  // Whoever might read a function's configuration could sign for any caller, until 2096.
  test('is in no configuration of a function, nor anything else that signs', async () => {
    const { stack, session } = await setup();
    await session();
    const { Functions } = (await rootFetch('lambda', '/2015-03-31/functions/', {})) as {
      Functions: { FunctionName: string; Environment?: { Variables?: Record<string, string> } }[];
    };
    const own = Functions.filter(({ FunctionName }) => FunctionName.startsWith(`${stack.stackName}-`));
    expect(own.map(({ FunctionName }) => FunctionName)).toContain(`${stack.stackName}-uppy`);
    const values = own.flatMap(({ Environment }) => Object.values(Environment?.Variables ?? {}));
    const { current, previous } = await stackKeys();
    expect(current.length).toBeGreaterThanOrEqual(64);
    for (const key of [current, previous]) expect(values).not.toContain(key);
    for (const value of values.filter((text) => text.length >= 32)) {
      const token = createSessionTokens([value]).issue({ caller: MALLORY }, Date.now() + 60_000);
      const response = await fetch(`${stack.apiUrl}/uppy/${token}/s3/params?filename=a.jpg`);
      expect([value.length, response.status]).toEqual([value.length, 403]);
    }
  });

  test('is replaced without a deployment: a new session is good at once, and one of the old key stays so', async () => {
    const { session, call } = await setup();
    const { current } = await stackKeys();
    const before = await session();
    const replacement = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
    await secretCall('PutSecretValue', {
      SecretString: JSON.stringify({ current: replacement, previous: current }),
    });
    try {
      const { grantId, expiresAt } = createGrantTokens([current]).read(
        before.split('/uppy/')[1] ?? '',
        Date.now(),
      );
      const token = createGrantTokens([replacement]).issue({ grantId, expiresAt });
      // A function asks for a key that it does not know at most every ten seconds.
      const signs = async (base: string) => (await call(base, 'GET', 'params?filename=a.jpg')).status;
      await expect
        .poll(() => signs(before.replace(/slu2.*$/, token)), { timeout: 30_000, interval: 1_000 })
        .toBe(200);
      expect(await signs(before)).toBe(200);
    } finally {
      await secretCall('PutSecretValue', {
        SecretString: JSON.stringify({ current, previous: replacement }),
      });
    }
  });

  test('makes no session that lasts longer than a day, whoever has it', async () => {
    const { stack } = await setup();
    const tokens = createSessionTokens([await stackKey()]);
    const ask = async (expiresAt: number) => {
      const token = tokens.issue({ caller: MALLORY }, expiresAt);
      return (await fetch(`${stack.apiUrl}/uppy/${token}/s3/params?filename=a.jpg`)).status;
    };
    expect(await ask(Date.now() + 86_400_000)).toBe(200);
    expect(await ask(Date.now() + 2 * 86_400_000)).toBe(403);
    expect(await ask(Date.UTC(2096, 0))).toBe(403);
  });
});

describe('a session', () => {
  test('ends: an expired one uploads nothing, and both majors say so', async () => {
    const { stack, session } = await setup();
    const keys = [await stackKey()] as const;
    const { grantId } = createGrantTokens(keys).read((await session()).split('/uppy/')[1] ?? '', Date.now());
    const token = createGrantTokens(keys).issue({ grantId, expiresAt: Date.now() - 1000 });
    const expired = `${stack.apiUrl}/uppy/${token}`;
    for (const [, major] of WAYS.filter(([, , by]) => by === 'session')) {
      await using there = await stage.visit(major, { base: expired });
      await add(there, made('image/jpeg', 'late.jpg', 10));
      await upload(there);
      const told = major === 5 ? /has ended: ask for a new one/ : /Forbidden/;
      expect(await outcomes(there)).toEqual([{ name: 'late.jpg', error: expect.stringMatching(told) }]);
    }
  });

  test('that was tampered with uploads nothing', async () => {
    const { session, call } = await setup();
    const base = await session({ policy: 'images' });
    const [format, id, payload = '', mac] = base.slice(base.indexOf('slu2')).split('.');
    const widened = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), e: 4_000_000_000 }),
    ).toString('base64url');
    for (const token of [
      `${format}.${id}.${widened}.${mac}`,
      `${format}.${id}.${payload}.${'A'.repeat(43)}`,
      `${format}.${id}.${payload}`,
      'slu1',
      'slu2',
    ]) {
      const response = await call(base.replace(/slu2.*$/, token), 'GET', 'params?filename=a.jpg');
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'session_invalid', retryable: false });
    }
  });

  test('of the same caller goes on with an upload that an earlier one began', async () => {
    const { alice, session, call, begin } = await setup();
    const begun = await begin(await session());
    const later = await session();
    const { url } = (await (await call(later, 'GET', `${on(begun).path}/1${on(begun).query}`)).json()) as {
      url: string;
    };
    const part = await fetch(url, {
      method: 'PUT',
      body: await readFile('test/corpus/honest/picture.jpg'),
    });
    const parts = [{ PartNumber: 1, ETag: part.headers.get('etag') }];
    const completed = await call(later, 'POST', `${on(begun).path}/complete${on(begun).query}`, { parts });
    expect(completed.status).toBe(200);
    expect((await alice.settled(idOf(begun.key))).state).toBe('accepted');
  });

  // A page that is open while this release is deployed has one.
  test('from before grants is good until it ends', async () => {
    const { stack } = await setup();
    const caller = MALLORY;
    const token = createSessionTokens([await stackKey()]).issue(
      { caller, policy: 'images' },
      Date.now() + 60_000,
    );
    const response = await fetch(`${stack.apiUrl}/uppy/${token}/s3/params?filename=a.jpg`);
    expect(response.status).toBe(200);
  });

  test('that is revoked uploads nothing more', async () => {
    const { alice, session, call } = await setup();
    const base = await session();
    const { grantId } = createGrantTokens([await stackKey()]).read(base.split('/uppy/')[1] ?? '', Date.now());
    expect((await call(base, 'GET', 'params?filename=a.jpg')).status).toBe(200);
    expect((await alice.call('DELETE', `/grants/${grantId}`)).status).toBe(204);
    const refused = await call(base, 'GET', 'params?filename=a.jpg');
    expect([refused.status, await refused.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'grant_revoked' }),
    ]);
  });

  test('opens no route that reads or makes another', async () => {
    const { stack, session } = await setup();
    const [, token = ''] = (await session()).split('/uppy/');
    for (const path of ['/uploads', '/uppy-sessions']) {
      const response = await fetch(stack.apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
      expect([403, 404]).toContain(response.status);
    }
  });
});

test('leaves no token, signature or policy document in any log', async () => {
  const { stack, session, call } = await setup();
  const base = await session();
  await (await call(base, 'GET', 'params?filename=a.jpg')).json();
  await (await call(base, 'GET', 'multipart/none?key=none')).json();
  await using there = await stage.visit(6, { base, multipart: true });
  await add(there, made('image/jpeg', 'logged.jpg', MiB));
  await upload(there);

  const logs = new CloudWatchLogsClient(rootOf(stack));
  const logGroupNamePrefix = `/aws/lambda/${stack.stackName}-`;
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
  const messages: string[] = [];
  for (const { logGroupName } of logGroups.filter(({ logGroupName = '' }) => /uppy/.test(logGroupName))) {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, startTime: 0 }));
    messages.push(...events.map(({ message = '' }) => message));
  }
  expect(messages.some((message) => message.includes('request refused'))).toBe(true);
  expect(messages.filter((text) => /slu[12]\.|X-Amz-Signature|X-Amz-Security-Token|eyJ/.test(text))).toEqual(
    [],
  );
});
