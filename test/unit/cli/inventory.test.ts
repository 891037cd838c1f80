import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AdminCall, ReportPart } from '@sluice/contract/admin';
import type { Upload } from '@sluice/contract/upload';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import { mockClient } from 'aws-sdk-client-mock';
import { openKeyFiles } from 'sluice/admin/inventory/key-files';
import { afterEach, describe, expect, test } from 'vitest';
import { parseCall } from '../../../src/lib/admin/parse-call.ts';
import { BadCall } from '../../../src/lib/admin/walk.ts';
import type { Place } from '../../../src/lib/upload/ports.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { getObject } from '../../fakes/get-object.ts';
import { type Entry, makeReport } from '../../fakes/inventory-report.ts';
import { createAdminWorld, HOUR, NOW } from '../admin/world.ts';
import { serve } from '../connection/servers/server.ts';
import { openShell, readLines } from './shell.ts';

const lambda = mockClient(LambdaClient);
const sts = mockClient(STSClient);
const MADE_AT = NOW - 24 * HOUR;
const OLD = NOW - 30 * HOUR;

afterEach(() => {
  lambda.reset();
  sts.reset();
});

/** A deployment in memory whose function is invoked, and an S3 that has reports. */
async function setup() {
  const shell = await openShell();
  const world = await createAdminWorld();
  const objects = new Map<string, Buffer>();
  const parts: ReportPart[] = [];
  const server = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const bytes = objects.get(decodeURIComponent(path.replace('/reports-bucket/', '')));
    if (bytes === undefined) return response.writeHead(404).end();
    const [status, body, headers] = getObject(bytes, request.headers);
    response.writeHead(status, headers);
    return request.method === 'HEAD' ? response.end() : response.end(body);
  });
  sts.on(GetCallerIdentityCommand).rejects(new Error('AccessDenied'));
  lambda.on(InvokeCommand).callsFake(async ({ Payload }) => {
    const call = parseCall(JSON.parse(String(Payload))) as Extract<AdminCall, { command: 'reconcile' }>;
    if (call.report) parts.push(call.report);
    const answer = await world.ask(call, 3).catch((error: unknown) => {
      if (!(error instanceof BadCall)) throw error;
      return { error: { code: 'call_invalid', message: error.message } };
    });
    return { Payload: Uint8ArrayBlobAdapter.fromString(JSON.stringify(answer)) };
  });
  const add = async (changes: Partial<Upload>, ...places: readonly Place[]): Promise<Upload> => {
    const upload = aRequest({ dueAt: NOW + HOUR, ...changes });
    await world.ledger.record(upload);
    for (const place of places) put(place, upload.key);
    return upload;
  };
  const put = (place: Place, key: string, modifiedAt = OLD) => {
    world.objects.places[place].set(key, { bytes: Buffer.from('abc'), modifiedAt });
  };
  /** Publishes a report: of what the bucket has now, or of what is said. */
  const publish = (bucket: Place | string, more: Partial<Parameters<typeof makeReport>[0]> = {}) => {
    const there = bucket in world.objects.places ? world.objects.places[bucket as Place] : new Map();
    const entries: Entry[] = [...there].map(([key, { bytes }]) => ({ key, size: bytes.length }));
    const report = makeReport({ bucket, madeAt: MADE_AT, entries, ...more });
    for (const [key, bytes] of report.objects) objects.set(key, bytes);
    return `s3://reports-bucket/${report.manifest}`;
  };
  const reconcile = (reports: readonly string[], ...more: readonly string[]) =>
    shell.sluice(
      [
        'admin',
        'reconcile',
        ...reports.flatMap((report) => ['--inventory', report]),
        '--stage',
        'prod',
        ...more,
      ],
      {
        env: {
          AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'secret',
          AWS_REGION: 'eu-central-1',
          AWS_ENDPOINT_URL_S3: server.url,
        },
      },
    );
  const countsOf = ({ out }: { readonly out: string }) =>
    (readLines(out).at(-1) as { counts: object }).counts;
  return {
    ...world,
    parts,
    objectsOfReports: objects,
    add,
    put,
    publish,
    reconcile,
    countsOf,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await shell[Symbol.asyncDispose]();
    },
  };
}

async function setupTroubled() {
  const world = await setup();
  const { add, put } = world;
  const found = {
    fine: await add({ state: 'accepted', settledAt: OLD }, 'store'),
    waiting: await add({}, 'incoming'),
    missing: await add({ state: 'accepted', settledAt: OLD }),
    stray: await add({ state: 'deleted' }, 'store'),
    newer: await add({ state: 'accepted', settledAt: NOW - HOUR }),
    neverDue: await add({}),
    other: await add({ state: 'accepted', settledAt: OLD, evidence: { etag: 'e', size: 4 } }, 'store'),
    orphan: `acme/${randomUUID()}`,
  };
  const { dueAt, ...undue } = found.neverDue;
  world.ledger.rows.set(undue.id, { upload: undue });
  put('store', found.orphan);
  put('quarantine', 'unrequested/a b+c');
  return { ...world, found };
}

const FOUND = {
  'not verified': 1,
  'in order': 2,
  contradicts: 1,
  orphan: 1,
  'wrong size': 1,
  'file missing': 1,
  'row in order': 4,
  recent: 1,
  overdue: 1,
};

describe('reconcile by reports of S3 Inventory', () => {
  test('finds what a listing finds, both ways, and changes nothing unasked', async () => {
    await using world = await setupTroubled();
    const reports = [world.publish('store'), world.publish('quarantine'), world.publish('incoming')];
    const before = structuredClone([...world.ledger.rows]);
    const { code, out, err } = await world.reconcile(reports, '--json');
    expect([code, world.countsOf({ out })]).toEqual([0, FOUND]);
    expect(readLines(out)).toContainEqual(
      expect.objectContaining({ id: world.found.missing.id, outcome: 'file missing' }),
    );
    expect(err).toContain('store: store as of 2026-11-19T09:15:00.000Z, 1 files');
    await world.reconcile(reports, '--repair', '--missing', 'end', '--orphans', 'set-aside', '--dry-run');
    expect([...world.ledger.rows]).toEqual(before);
    expect(world.announced).toEqual([]);
  });

  test('mends what a repair mends', async () => {
    await using world = await setupTroubled();
    const reports = [world.publish('incoming'), world.publish('store')];
    const { out } = await world.reconcile(reports, '--repair', '--missing', 'end');
    expect(out).toContain('1 file missing');
    expect(world.announced).toEqual([world.found.waiting.key]);
    expect(world.state(world.found.missing.id)).toBe('deleted');
    expect(world.state(world.found.newer.id)).toBe('accepted');
    expect(world.ledger.rows.get(world.found.stray.id)?.upload.dueAt).toBe(NOW);
    expect(world.ledger.rows.get(world.found.neverDue.id)?.upload.dueAt).toBe(NOW);
  });

  test('neither removes nor announces nor ends anything because an old report says so', async () => {
    await using world = await setup();
    const gone = await world.add({});
    const brought = await world.add({ state: 'accepted', settledAt: OLD }, 'store');
    const orphan = `acme/${randomUUID()}`;
    world.put('store', orphan);
    world.objects.places.store.set(orphan, {
      bytes: Buffer.from('abc'),
      headers: {
        contentType: 'image/png',
        contentDisposition: 'x',
        metadata: { 'upload-id': orphan.slice(5) },
      },
      modifiedAt: NOW - 1_000,
    });
    const reports = [
      world.publish('incoming', { entries: [{ key: gone.key, size: 3 }] }),
      world.publish('store', {
        entries: [
          { key: orphan, size: 3 },
          { key: `acme/${randomUUID()}`, size: 3 },
        ],
      }),
    ];
    const asked = ['--repair', '--missing', 'end', '--orphans', 'set-aside', '--json'] as const;
    const { out } = await world.reconcile(reports, ...asked);
    expect(world.countsOf({ out })).toEqual({ 'changed since': 2, recent: 1, 'row in order': 2 });
    expect(world.announced).toEqual([]);
    expect(world.state(brought.id)).toBe('accepted');
    expect(world.objects.places.store.has(orphan)).toBe(true);
  });

  test('reads current versions alone from a report of all versions', async () => {
    await using world = await setup();
    const { key } = await world.add({ state: 'accepted', settledAt: OLD }, 'store');
    const entries = [
      { key, size: 3 },
      { key, size: 9, isLatest: false },
      { key: `acme/${randomUUID()}`, size: 0, isMarker: true },
    ];
    const { out } = await world.reconcile(
      [world.publish('store', { entries, isOfVersions: true })],
      '--json',
    );
    expect(world.countsOf({ out })).toEqual({ 'in order': 1, 'row in order': 1 });
  });

  test('says that rows are not compared without the report of the store', async () => {
    await using world = await setup();
    await world.add({ state: 'accepted' });
    const { out } = await world.reconcile([
      world.publish('quarantine', { entries: [{ key: 'x', size: 1 }] }),
    ]);
    expect(out).toBe('1 in order.\nThe rows were not compared: that takes the report of the store.\n');
  });

  test('sends thousands of objects in parts, and goes on where it was stopped', async () => {
    await using world = await setup();
    const lost = await world.add({ state: 'accepted', settledAt: OLD });
    const kept = await world.add({ state: 'accepted', settledAt: OLD }, 'store');
    const entries = Array.from({ length: 21_000 }, (_, n) => ({ key: `somebody/elses-${n}`, size: 1 }));
    const report = world.publish('store', {
      entries: [...entries, { key: kept.key, size: 3 }],
      filesOf: 4_000,
    });
    const file = 'reports/store/sluice/data/20000.csv.gz';
    const bytes = world.objectsOfReports.get(file) ?? Buffer.of();
    world.objectsOfReports.delete(file);
    const stopped = await world.reconcile([report], '--json');
    expect(stopped.code).toBe(3);
    expect(stopped.err).toContain('--resume store:20000');
    world.objectsOfReports.set(file, bytes);
    world.parts.length = 0;

    const { out } = await world.reconcile([report], '--json', '--resume', 'store:20000');
    expect(world.countsOf({ out })).toEqual({
      'changed since': 1_000,
      'in order': 1,
      'file missing': 1,
      'row in order': 1,
    });
    expect(out).toContain(lost.id);
    const sizes = world.parts.flatMap((part) => (part.kind === 'objects' ? [part.objects.length] : []));
    expect(new Set(sizes)).toEqual(new Set([0, 1_001]));
    const rows = await world.reconcile([report], '--json', '--resume', 'rows:0');
    expect(world.countsOf(rows)).toEqual({ 'file missing': 1, 'row in order': 1 });
  });

  test.each([
    ['another format', { fileFormat: 'Parquet' }, 'in the format Parquet, and CSV is all that is read'],
    ['no size', { fileSchema: 'Bucket, Key' }, 'the report has no Size'],
    [
      'versions of no order',
      { fileSchema: 'Bucket, Key, VersionId, Size' },
      'has no IsLatest, IsDeleteMarker',
    ],
    ['no time', { creationTimestamp: 'soon' }, 'does not say when it was made'],
    ['no files', { files: undefined }, 'no manifest of S3 Inventory'],
    ['a file without a checksum', { files: [{ key: 'x' }] }, 'no key, or no MD5checksum'],
    ['other columns than its files', { fileSchema: 'Bucket, Key, Size' }, 'a line of 5 fields'],
    [
      'a bucket that is not listed',
      { sourceBucket: 'quarantine' },
      'lists store, and its manifest quarantine',
    ],
    ['a bucket of nobody', { sourceBucket: 'someone' }, 'someone is no bucket of this deployment'],
  ])('refuses a manifest with %s', async (_what, changes, said) => {
    await using world = await setup();
    const report = world.publish('store', { entries: [{ key: 'a', size: 1 }], changes });
    const { code, err } = await world.reconcile([report]);
    expect([code, err]).toEqual([said.includes('deployment') ? 2 : 3, expect.stringContaining(said)]);
  });

  test.each([
    ['the manifest', 'manifest.json', 'manifest.checksum differs'],
    ['a file', '0.csv.gz', 'its MD5 differs'],
  ])('refuses a report of which %s was changed', async (_what, ending, said) => {
    await using world = await setup();
    const report = world.publish('store', { entries: [{ key: 'a', size: 1 }] });
    const other = makeReport({ bucket: 'store', madeAt: MADE_AT + 1, entries: [{ key: 'b', size: 1 }] });
    for (const [key, bytes] of other.objects)
      if (key.endsWith(ending)) world.objectsOfReports.set(key, bytes);
    const { code, err } = await world.reconcile([report]);
    expect([code, err]).toEqual([3, expect.stringContaining(said)]);
  });

  test('refuses a file that cannot be unpacked', async () => {
    await using world = await setup();
    const report = world.publish('store', { entries: [{ key: 'a', size: 1 }] });
    world.objectsOfReports.set('reports/store/sluice/data/0.csv.gz', Buffer.from('no gzip'));
    const { code, err } = await world.reconcile([report]);
    expect([code, err]).toEqual([3, expect.stringContaining('cannot be unpacked')]);
  });

  test.each([
    [['s3://reports-bucket/x'], 'takes the address of a manifest'],
    [['s3://reports-bucket/none/manifest.json'], 'none/manifest.json'],
  ])('refuses the address %j', async (reports, said) => {
    await using world = await setup();
    const { code, err } = await world.reconcile(reports);
    expect([code !== 0, err]).toEqual([true, expect.stringContaining(said)]);
  });

  test('refuses two reports of one bucket, and a place that no such call said', async () => {
    await using world = await setup();
    const report = world.publish('store');
    expect((await world.reconcile([report, report])).err).toContain('two reports of store');
    expect((await world.reconcile([report], '--resume', 'store:acme/1')).err).toContain('--resume takes');
  });

  test('a listing of more than a million objects stops, and says how to go on', async () => {
    await using world = await setup();
    lambda.on(InvokeCommand).resolves({
      Payload: Uint8ArrayBlobAdapter.fromString(
        JSON.stringify({ counts: { 'in order': 1_000_000 }, items: [], cursor: 'store:acme/1' }),
      ),
    });
    const { code, err } = await world.reconcile([]);
    expect(code).toBe(3);
    expect(err).toContain('1000000 objects were listed, and there are more.');
    expect(err).toMatch(/--inventory.*\n?.*--resume store:acme\/1/);
  });
});

test('keys are kept on disk, and those of the second set beyond the first are found', async () => {
  await using keys = await openKeyFiles();
  const both = Array.from({ length: 60_000 }, () => `acme/${randomUUID()}`);
  for (const key of both) {
    keys.add('report', key);
    keys.add('ledger', key);
  }
  // An object of another tenant with the id of this upload is not its file.
  const lost = ['acme/00000000-0000-4000-8000-000000000001', 'acme/no-id-at-all'];
  keys.add('report', 'umbra/00000000-0000-4000-8000-000000000001');
  for (const key of lost) keys.add('ledger', key);
  const missing: string[] = [];
  for await (const key of keys.missing()) missing.push(key);
  expect(missing.toSorted()).toEqual(lost);
});
