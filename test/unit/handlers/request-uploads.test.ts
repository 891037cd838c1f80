// POST /uploads/batch: many files in one call.
import type { QuotaLimits } from '@sluice/contract/quota';
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHandler as createRequestUpload } from '../../../src/handlers/request-upload.ts';
import { createHandler } from '../../../src/handlers/request-uploads.ts';
import { createOwnerLimits } from '../../../src/lib/quota/owner-limits.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { context, createWorld, readEvent } from '../events/world.ts';

const FILE = { filename: 'holiday.jpg', contentType: 'image/jpeg', size: 482_113 };

let lines: Record<string, unknown>[] = [];

beforeEach(() => {
  lines = captureLog();
});
afterEach(() => void vi.restoreAllMocks());

type Answered = {
  readonly status: number;
  readonly upload?: { readonly id: string; readonly state: string; readonly put?: object };
  readonly problem?: { readonly code: string; readonly field?: string };
};

/** @param limits of the files of each owner; nothing is counted without it */
async function setup(limits?: QuotaLimits) {
  const world = await createWorld();
  const settings = { counted: [], owner: limits ?? {}, tenant: {} };
  const together = vi.fn(world.recordTogether);
  let ids = 0;
  const newId = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const deps = {
    ...world,
    newId,
    sign: world.signUpload,
    multipart: async () => world.multipart,
    recordTogether: together,
    limits: createOwnerLimits(settings, world.grants.counters, async () => {}),
  };
  const handler = createHandler(deps);
  const single = createRequestUpload(deps);
  const event = (body: unknown, headers: object) => {
    const known = readEvent('request-uploads.several.json');
    const { 'idempotency-key': _, ...others } = known.headers;
    return { ...known, headers: { ...others, ...headers }, body: JSON.stringify(body) };
  };
  const send = async (body: unknown, headers: object = {}, within: Context = context) => {
    const answer = await handler(event(body, headers) as never, within);
    return { answer, body: JSON.parse(answer.body ?? '{}') };
  };
  const request = async (uploads: unknown, headers: object = {}, within?: Context): Promise<Answered[]> =>
    (await send({ uploads }, headers, within)).body.results;
  /** As a service of one tenant. */
  const requestAsService = async (uploads: readonly object[], tenant: string): Promise<Answered[]> => {
    const call = event({ uploads }, {});
    call.requestContext.authorizer.lambda = {
      kind: 'service',
      client: 'c-1',
      scopes: 'uploads.write',
      tenant,
      expiresAt: 4_070_908_800_000,
    };
    return JSON.parse((await handler(call as never, context)).body ?? '{}').results;
  };
  return {
    ...world,
    together,
    send,
    request,
    requestAsService,
    requestOne: async (body: unknown, headers: object) =>
      JSON.parse((await single(event(body, headers) as never, context)).body ?? '{}'),
  };
}

describe('a hundred files in one call', () => {
  test('are each recorded, and each has its own signature', async () => {
    const { request, ledger } = await setup();
    const results = await request(
      Array.from({ length: 100 }, (_, index) => ({ ...FILE, filename: `${index}.jpg` })),
    );
    expect(new Set(results.map(({ upload }) => JSON.stringify(upload?.put))).size).toBe(100);
    expect(results.map(({ upload }) => ledger.rows.get(upload?.id ?? '')?.upload.filename)).toEqual(
      results.map((_, index) => `${index}.jpg`),
    );
    expect(lines.filter(({ message }) => message === 'upload requested')).toHaveLength(100);
  });

  test.each([0, 101])('are the most: of %i none is recorded', async (length) => {
    const { send, ledger } = await setup();
    const { answer, body } = await send({ uploads: Array.from({ length }, () => FILE) });
    expect(answer.statusCode).toBe(422);
    expect(body).toMatchObject({ code: 'batch_invalid', field: 'uploads' });
    expect(ledger.rows.size).toBe(0);
  });

  test('are taken but for the one that is wrong', async () => {
    const { request, ledger } = await setup();
    const results = await request(
      Array.from({ length: 100 }, (_, index) => ({ ...FILE, ...(index === 41 && { size: -1 }) })),
    );
    expect(results[41]).toMatchObject({ status: 422, problem: { code: 'size_invalid', field: 'size' } });
    expect(results.filter(({ status }) => status === 201)).toHaveLength(99);
    expect(ledger.rows.size).toBe(99);
  });

  test('are a body of at most 1 MB', async () => {
    const { send } = await setup();
    const { answer, body } = await send({ uploads: [{ ...FILE, filename: 'x'.repeat(1024 * 1024) }] });
    expect(answer.statusCode).toBe(413);
    expect(body.code).toBe('body_too_large');
  });

  test('fit into the body that is taken, with the longest of everything', async () => {
    const { send } = await setup();
    const { answer, body } = await send({ uploads: Array.from({ length: 100 }, () => LONGEST) });
    expect(body.results?.map(({ status }: Answered) => status)).toEqual(
      Array.from({ length: 100 }, () => 201),
    );
    // Lambda puts the answer into JSON once more, and takes 6 MB of that. The keys of a role come with a
    // token of up to 2 KB, which is in every URL.
    const urls = String(answer.body).match(/X-Amz-Signature=/g)?.length ?? 0;
    expect(urls).toBe(400);
    expect(JSON.stringify(answer).length + urls * 3 * 2_048).toBeLessThan(6 * 1024 * 1024);
  });
});

// What is longest in JSON: each character of the metadata has six there, and twelve in an answer of Lambda's.
const LONGEST = {
  filename: `${'ü'.repeat(251)}.mp4`,
  contentType: 'video/mp4',
  size: 1024 ** 3,
  policy: 'media',
  transport: 'multipart',
  metadata: { n: '\u0001'.repeat(1_200) },
};

describe('an idempotency key', () => {
  const KEY = { 'idempotency-key': 'k-1' };

  test('of the call makes a repetition find the same uploads', async () => {
    const { request, ledger } = await setup();
    const uploads = [FILE, { ...FILE, filename: 'b.jpg' }];
    const first = await request(uploads, KEY);
    const second = await request(uploads, KEY);
    expect(second.map(({ upload }) => upload?.id)).toEqual(first.map(({ upload }) => upload?.id));
    expect(second.map(({ upload }) => upload?.put)).not.toContain(undefined);
    expect(ledger.rows.size).toBe(2);
  });

  test('of the call with a position is that of its entry alone', async () => {
    const { request, requestOne, ledger } = await setup();
    const [, second] = await request([FILE, { ...FILE, filename: 'b.jpg' }], KEY);
    const again = await requestOne({ ...FILE, filename: 'b.jpg' }, { 'idempotency-key': 'k-1.1' });
    expect(again.id).toBe(second?.upload?.id);
    expect(ledger.rows.size).toBe(2);
  });

  test('that was used with another list is refused for those entries that differ', async () => {
    const { request } = await setup();
    await request([FILE, FILE], KEY);
    const results = await request([FILE, { ...FILE, size: 1 }], KEY);
    expect(results).toMatchObject([{ status: 201 }, { problem: { code: 'idempotency_key_reused' } }]);
  });

  test.each([
    [252, 200],
    [253, 400],
  ])('of %i characters is answered %i: a position has to fit behind it', async (length, status) => {
    const { send } = await setup();
    const { answer } = await send({ uploads: [FILE] }, { 'idempotency-key': 'k'.repeat(length) });
    expect(answer.statusCode).toBe(status);
  });
});

test('a call that has no time left says of every entry that it is to be asked for again', async () => {
  const { request, ledger } = await setup();
  const late = { ...context, getRemainingTimeInMillis: () => 1_500 };
  const results = await request([FILE, FILE], {}, late);
  expect(results).toMatchObject([
    { status: 503, problem: { code: 'out_of_time' } },
    { status: 503, problem: { code: 'out_of_time' } },
  ]);
  expect(ledger.rows.size).toBe(0);
});

test('a service requests for several users in one call, and is refused only where a tenant is not its own', async () => {
  const { requestAsService, ledger } = await setup();
  const of = (tenant: string, subject: string) => ({ ...FILE, owner: { tenant, subject } });
  const results = await requestAsService(
    [of('acme', 'ada'), of('other', 'bob'), FILE, of('acme', 'cem')],
    'acme',
  );
  expect(results).toMatchObject([
    { status: 201, upload: { owner: { tenant: 'acme', subject: 'ada' } } },
    { status: 403, problem: { code: 'tenant_not_served', field: 'owner.tenant' } },
    { status: 422, problem: { code: 'field_missing', field: 'owner' } },
    { status: 201, upload: { owner: { tenant: 'acme', subject: 'cem' } } },
  ]);
  expect([...ledger.rows.values()].map(({ upload }) => upload.subject)).toEqual(['ada', 'cem']);
});

describe('a list of files that are counted', () => {
  test('is recorded by twenty-five, so that their counter is written four times and not a hundred', async () => {
    const { request, together, grants } = await setup({ bytes: 100 * FILE.size });
    const results = await request(Array.from({ length: 100 }, () => FILE));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 201));
    expect(together.mock.calls.map(([recordings]) => recordings.length)).toEqual([25, 25, 25, 25]);
    expect([...grants.tallies.values()]).toEqual([
      expect.objectContaining({ files: 100, bytes: 100 * FILE.size }),
    ]);
  });

  test('is taken from its beginning as far as the quota goes, though not all of them fit together', async () => {
    const { request, ledger } = await setup({ files: 30 });
    const results = await request(Array.from({ length: 50 }, () => FILE));
    expect(results.slice(0, 30).map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 201));
    const refused = results.slice(30).map(({ problem }) => problem?.code);
    expect(refused).toEqual(Array.from({ length: 20 }, () => 'quota_files_exceeded'));
    expect(ledger.rows.size).toBe(30);
  });

  test('is answered as before when it is sent again with its key, and counts nothing twice', async () => {
    const { request, grants } = await setup({ files: 30 });
    const first = await request([FILE, FILE], { 'idempotency-key': 'k-1' });
    const again = await request([FILE, FILE], { 'idempotency-key': 'k-1' });
    expect(again.map(({ upload }) => upload?.id)).toEqual(first.map(({ upload }) => upload?.id));
    expect([...grants.tallies.values()]).toEqual([expect.objectContaining({ files: 2 })]);
  });

  test('is recorded one by one, side by side, where nothing is counted', async () => {
    const { request, together } = await setup();
    await request([FILE, FILE]);
    expect(together).not.toHaveBeenCalled();
  });
});
