// Requests for scans, through the function: what is reported, what comes again, and what is said in the log.
import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHandler } from '../../../src/handlers/scan-with-clamav.ts';
import type { Clamd } from '../../../src/lib/clamav/clamd.ts';
import { ClamdFailed } from '../../../src/lib/clamav/faults.ts';
import { SCANNABLE_BYTES } from '../../../src/lib/clamav/limits.ts';
import type { Judgement } from '../../../src/lib/clamav/parse-reply.ts';
import { ObjectChanged } from '../../../src/lib/upload/faults.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { scanRequest } from '../../fakes/scan-request.ts';
import { context, readEvent, variantsOf } from '../events/world.ts';

afterEach(() => void vi.restoreAllMocks());

type Given = {
  /**
   * what clamd says of the file with this name; clean when absent, for ever when it is a promise without end
   */
  readonly judgements?: Readonly<Record<string, Judgement | Error | 'never'>>;
  readonly ping?: () => Promise<void>;
  readonly report?: (result: ScanResult) => Promise<void>;
  readonly remainingMs?: number;
};

/** clamd judges by names, which the content carries. */
function setup({ judgements = {}, ping = async () => {}, report, remainingMs = 900_000 }: Given = {}) {
  const lines = captureLog();
  const reported: ScanResult[] = [];
  const seen = { atOnce: 0, most: 0 };
  const clamd: Clamd = {
    ping,
    version: async () => 'ClamAV of a test',
    async scan(content, _, signal) {
      seen.atOnce += 1;
      seen.most = Math.max(seen.most, seen.atOnce);
      try {
        let name = '';
        for await (const bytes of content) name += Buffer.from(bytes).toString();
        await new Promise((resolve) => setImmediate(resolve));
        const judgement = judgements[name] ?? { outcome: 'clean' };
        if (judgement === 'never') {
          return await new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          });
        }
        if (judgement instanceof Error) throw judgement;
        return judgement;
      } finally {
        seen.atOnce -= 1;
      }
    },
  };
  const handler = createHandler({
    clamd,
    open: ({ filename }) => ({
      stream: async function* () {
        yield Buffer.from(filename);
      },
    }),
    report: report ?? (async (result) => void reported.push(result)),
    pause: async (_, signal) => signal.throwIfAborted(),
  });
  const run = (records: readonly Sent[]) =>
    handler(toEvent(records), { ...context, getRemainingTimeInMillis: () => remainingMs });
  const told = () => lines.flatMap(({ message }) => (message === undefined ? [] : [message]));
  const counted = () => lines.flatMap((line) => ('_aws' in line ? [line.ScanFaults].flat().length : []));
  return { run, handler, reported, told, counted, lines, seen };
}

type Sent = { readonly request: Partial<ScanRequest> | string; readonly receives?: number };

function toEvent(records: readonly Sent[]): SQSEvent {
  const [template] = readEvent('scan-with-clamav.picture.json').Records;
  return {
    Records: records.map(({ request, receives = 1 }, index) => ({
      ...template,
      messageId: `message-${index}`,
      body: typeof request === 'string' ? request : JSON.stringify({ ...scanRequest, ...request }),
      attributes: { ...template.attributes, ApproximateReceiveCount: String(receives) },
    })),
  };
}

function failures(...indexes: readonly number[]) {
  return { batchItemFailures: indexes.map((index) => ({ itemIdentifier: `message-${index}` })) };
}

test.each(variantsOf('scan-with-clamav'))('scan-with-clamav.%s', async (variant) => {
  const { handler, reported, told } = setup();
  const event = readEvent(`scan-with-clamav.${variant}.json`);
  expect(await handler(event, { ...context, getRemainingTimeInMillis: () => 900_000 })).toEqual(failures());
  const { uploadId, versionId, etag } = JSON.parse(event.Records[0].body);
  expect(reported).toMatchObject([{ scanner: 'clamav', outcome: 'clean', uploadId, versionId, etag }]);
  expect(told()).toEqual(['file scanned']);
});

describe('a batch', () => {
  test('is worked on at once, and each judgement is reported by itself', async () => {
    const { run, reported, seen } = setup({
      judgements: {
        bad: { outcome: 'infected', threats: ['Eicar'] },
        locked: { outcome: 'unsupported', detail: 'There is something encrypted in the file.' },
      },
    });
    const names = ['bad', 'good', 'locked'];
    expect(await run(names.map((filename) => ({ request: { filename } })))).toEqual(failures());
    expect(reported.map(({ outcome }) => outcome).toSorted()).toEqual(['clean', 'infected', 'unsupported']);
    expect(reported.find(({ outcome }) => outcome === 'infected')?.threats).toEqual(['Eicar']);
    expect(seen.most).toBe(3);
  });

  test('sends clamd no more bytes at once than its disk takes', async () => {
    const { run, reported, seen } = setup();
    const size = SCANNABLE_BYTES / 2;
    await run(Array.from({ length: 5 }, (_, index) => ({ request: { size, filename: `${index}` } })));
    expect(reported).toHaveLength(5);
    expect(seen.most).toBe(2);
  });

  test('with one message that is unreadable loses none of the others', async () => {
    const { run, reported, told, counted } = setup();
    expect(await run([{ request: '{' }, { request: {} }, { request: '{"schema":1}' }])).toEqual(
      failures(0, 2),
    );
    expect(reported).toHaveLength(1);
    expect(told().toSorted()).toEqual(['file not scanned', 'file not scanned', 'file scanned']);
    expect(counted()).toEqual([2]);
  });

  test('of which a result cannot be handed in has that message come again', async () => {
    const { run, told } = setup({ report: () => Promise.reject(new Error('the queue is away')) });
    expect(await run([{ request: {} }])).toEqual(failures(0));
    expect(told()).toEqual(['file not scanned']);
  });

  test('that comes to nothing counts nothing', async () => {
    const { run, counted } = setup();
    await run([]);
    expect(counted()).toEqual([]);
  });
});

describe('a clamd', () => {
  test('that begins is waited for', async () => {
    let asked = 0;
    const ping = async () => {
      asked += 1;
      if (asked < 10) throw new ClamdFailed('cannot be reached');
    };
    const { run, reported } = setup({ ping });
    await run([{ request: {} }, { request: {} }]);
    expect(reported.map(({ outcome }) => outcome)).toEqual(['clean', 'clean']);
  });

  test.each([
    ['that does not begin', { ping: () => Promise.reject(new ClamdFailed('cannot be reached')) }],
    ['that fails again and again', { judgements: { f: new ClamdFailed('cannot be reached') } }],
  ])('%s is reported, and the message acknowledged', async (_, given) => {
    const { run, reported, told, counted } = setup(given);
    expect(await run([{ request: { filename: 'f' } }])).toEqual(failures());
    expect(reported).toMatchObject([{ outcome: 'failed', detail: 'clamd cannot be reached' }]);
    expect(told()).toEqual(['file not scanned, and said to be']);
    expect(counted()).toEqual([1]);
  });
});

describe('an object', () => {
  test('that is gone is reported, and the message acknowledged', async () => {
    const { run, reported } = setup({ judgements: { f: new ObjectChanged('being scanned') } });
    expect(await run([{ request: { filename: 'f' } }])).toEqual(failures());
    expect(reported).toMatchObject([{ outcome: 'failed', detail: 'The object is not there as it was.' }]);
  });

  test.each([
    [1, undefined],
    [2, undefined],
    [3, 'The object could not be read.'],
    [4, 'The object could not be read.'],
  ])('that cannot be read comes again; at receipt %i it is said to be: %s', async (receives, detail) => {
    const { run, reported } = setup({ judgements: { f: new Error('SlowDown') } });
    const answer = await run([{ request: { filename: 'f' }, receives }]);
    expect(answer).toEqual(detail === undefined ? failures(0) : failures());
    expect(reported.map((result) => [result.outcome, result.detail])).toEqual(
      detail === undefined ? [] : [['failed', detail]],
    );
  });

  test.each([
    [1, []],
    [3, ['There was too little time to scan it.']],
  ])('that takes longer than there is time, at receipt %i', async (receives, details) => {
    const { run, reported } = setup({ judgements: { slow: 'never' }, remainingMs: 10_050 });
    const answer = await run([{ request: { filename: 'slow' }, receives }, { request: {} }]);
    expect(answer).toEqual(receives === 1 ? failures(0) : failures());
    expect(reported.filter(({ outcome }) => outcome === 'clean')).toHaveLength(1);
    expect(reported.filter(({ outcome }) => outcome === 'failed').map(({ detail }) => detail)).toEqual(
      details,
    );
  });
});

test('the log names the upload and the threat, and never the file', async () => {
  const { run, lines } = setup({
    judgements: { 'my secret.txt': { outcome: 'infected', threats: ['Eicar'] } },
  });
  await run([{ request: { filename: 'my secret.txt' } }]);
  const [line] = lines;
  expect(line).toMatchObject({
    message: 'file scanned',
    uploadId: scanRequest.uploadId,
    correlation_id: 'a-request',
    outcome: 'infected',
    threats: ['Eicar'],
    size: 68,
  });
  expect(JSON.stringify(lines)).not.toContain('my secret');
});
