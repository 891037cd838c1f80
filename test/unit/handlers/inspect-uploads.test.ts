import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, expect, test, vi } from 'vitest';
import { createHandler } from '../../../src/handlers/inspect-uploads.ts';
import { ObjectChanged } from '../../../src/lib/upload/faults.ts';
import { every } from '../../../src/lib/wiring/interval.ts';
import { policies } from '../../../src/policies.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { context, readEvent } from '../events/world.ts';

afterEach(() => void vi.restoreAllMocks());

const EVENT: SQSEvent = readEvent('inspect-uploads.picture.json');
const [RECORD] = EVENT.Records;
const REQUEST: ScanRequest = JSON.parse(RECORD?.body ?? '');
const CSV = Buffer.from('a,b\n=1,2\n');
// What hangs has begun before.
const SPEAKS =
  "import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ ask: 'more', id: 0, bytes: 0 });";
const HANGS = new URL(`data:text/javascript,${encodeURIComponent(`${SPEAKS}for (;;);`)}`);
const WAITS = new URL(`data:text/javascript,${encodeURIComponent('setInterval(() => {}, 1000);')}`);

/** A batch of requests, each with some changes. */
function batch(...requests: readonly Partial<ScanRequest>[]): SQSEvent {
  const Records = requests.map((changes, index) => ({
    ...RECORD,
    messageId: String(index),
    body: JSON.stringify({
      ...REQUEST,
      contentType: 'text/csv',
      policy: 'data',
      size: CSV.length,
      ...changes,
    }),
  }));
  return { Records } as SQSEvent;
}

function setup(changes: { code?: URL; fault?: Error; remainingMs?: number; reportFault?: Error } = {}) {
  const lines = captureLog();
  const results: ScanResult[] = [];
  const opened: ScanRequest[] = [];
  const { code, fault, remainingMs = 900_000, reportFault } = changes;
  const handler = createHandler({
    open: (request) => {
      opened.push(request);
      return {
        read: async ({ start, length }) => {
          if (fault) throw fault;
          return CSV.subarray(start, start + length);
        },
        async *stream(start = 0, end = CSV.length) {
          if (fault) throw fault;
          yield CSV.subarray(start, end);
        },
      };
    },
    report: async (result) => {
      if (reportFault) throw reportFault;
      results.push(result);
    },
    policies,
    thread: {
      maxResidentBytes: Number.POSITIVE_INFINITY,
      maxHeapMegabytes: 64,
      stallMs: code ? 300 : 20_000,
      every: every(),
      now: () => performance.now(),
      ...(code && { code }),
    },
  });
  const run = (event: SQSEvent) =>
    handler(event, { ...context, getRemainingTimeInMillis: () => remainingMs });
  return { run, results, opened, lines };
}

const OBJECT = {
  schema: 1,
  scanner: 'inspection',
  uploadId: REQUEST.uploadId,
  bucket: REQUEST.bucket,
  key: REQUEST.key,
  versionId: REQUEST.versionId,
  etag: REQUEST.etag,
};

test('hands in what is inside a file, for the very version that was asked about', async () => {
  const { run, results, opened, lines } = setup();
  expect(await run(batch({}))).toEqual({ batchItemFailures: [] });
  expect(results).toEqual([
    {
      ...OBJECT,
      outcome: 'clean',
      inspection: { encoding: 'utf-8', 'csv.rows': 2, 'csv.columns': 2, 'csv.formulas': 1 },
    },
  ]);
  expect(opened).toEqual([expect.objectContaining({ versionId: REQUEST.versionId, etag: REQUEST.etag })]);
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'upload inspected', uploadId: REQUEST.uploadId, outcome: 'clean' }),
  );
});

test('reads the event of a picture', async () => {
  const { run, results } = setup();
  await run(EVENT);
  expect(results).toEqual([
    { ...OBJECT, outcome: 'clean', inspection: { malformed: 'there is no picture in it' } },
  ]);
});

test('calls a file unsupported whose look never ends, and looks into the next one', async () => {
  const { run, results } = setup({ code: HANGS });
  expect(await run(batch({}, { attempt: 2 }))).toEqual({
    batchItemFailures: [],
  });
  expect(results.map(({ outcome, detail }) => ({ outcome, detail }))).toEqual([
    { outcome: 'unsupported', detail: 'looking into it does not come to an end' },
    { outcome: 'unsupported', detail: 'looking into it does not come to an end' },
  ]);
});

test.each([
  [1, 'failed'],
  [2, 'unsupported'],
])('says of a look that runs out of time for the %i. time: %s', async (attempt, outcome) => {
  const { run, results } = setup({ code: WAITS, remainingMs: 10_100 });
  await run(batch({ attempt }));
  expect(results).toEqual([
    { ...OBJECT, outcome, detail: 'looking into it takes longer than there is time' },
  ]);
});

test('says that it could not look into an object that is gone', async () => {
  const { run, results } = setup({ fault: new ObjectChanged('being scanned') });
  await run(batch({}));
  expect(results).toEqual([{ ...OBJECT, outcome: 'failed', detail: 'the object is not there as it was' }]);
});

test.each([
  ['the store fails', { fault: new Error('away') }],
  ['the result cannot be handed in', { reportFault: new Error('away') }],
])('gives a message back when %s', async (_, changes) => {
  const { run, results } = setup(changes);
  expect(await run(batch({}))).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
  expect(results).toEqual([]);
});

test('gives back what it has no time left for', async () => {
  const { run, opened } = setup({ remainingMs: 5_000 });
  expect(await run(batch({}))).toEqual({ batchItemFailures: [{ itemIdentifier: '0' }] });
  expect(opened).toEqual([]);
});

test('gives back the second message of a batch when little time is left, and looks into the first', async () => {
  const { run, results } = setup({ remainingMs: 60_000 });
  expect(await run(batch({}, {}))).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  expect(results).toHaveLength(1);
});

test('drops a message that says nothing, with a line in the log', async () => {
  const { run, lines } = setup();
  const [record] = batch({}).Records;
  const event = { Records: [{ ...record, body: '{}' }] } as SQSEvent;
  expect(await run(event)).toEqual({ batchItemFailures: [] });
  expect(lines).toContainEqual(expect.objectContaining({ message: 'upload not inspected' }));
});
