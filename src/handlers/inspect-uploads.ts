// SQS → here: look into each file that a policy wants inspected, and hand in what was found.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { ScannedBytes } from '../lib/aws/scanned-object.ts';
import { entryPoint } from '../lib/entry.ts';
import { toLimits } from '../lib/inspect/judge.ts';
import { inspectInThread, type ThreadDeps } from '../lib/inspect/thread.ts';
import { type Look, toScanResult } from '../lib/inspect/to-result.ts';
import { createDeadline } from '../lib/intake/deadline.ts';
import { logger } from '../lib/log/logger.ts';
import { count, publishCounts } from '../lib/log/metrics.ts';
import { ofMessage, ofScan } from '../lib/log/of-message.ts';
import { UnreadableRequest } from '../lib/scan/faults.ts';
import { parseScanRequest } from '../lib/scan/parse-request.ts';
import type { ReportScan } from '../lib/scan/ports.ts';
import { ObjectChanged } from '../lib/upload/faults.ts';
import type { Policies } from '../lib/upload/policy.ts';
import { every } from '../lib/wiring/interval.ts';
import { scannedObjects } from '../lib/wiring/scanned-objects.ts';
import { reportScan } from '../lib/wiring/scans.ts';
import { policies } from '../policies.ts';

type Deps = {
  readonly open: (object: ScanRequest, signal: AbortSignal) => ScannedBytes;
  readonly report: ReportScan;
  readonly policies: Policies;
  readonly thread: ThreadDeps;
};

const MEBIBYTE = 1024 ** 2;
// For the answer, and for a thread that has to be ended.
const RESERVE_MS = 10_000;
// Whoever has less than this left gives the message back: with so little time, a file of some size would seem
// to take too long, and would not be looked into for good.
const FIRST_OR_MS = 5 * 60_000;

const THREAD: Omit<ThreadDeps, 'every'> = {
  // The function has 1,769 MB: a whole CPU.
  maxResidentBytes: 1_200 * MEBIBYTE,
  maxHeapMegabytes: 512,
  stallMs: 30_000,
  now: () => performance.now(),
};

export function createHandler(deps: Deps) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async ({ Records }, context) => {
      const failed: string[] = [];
      // One after the other: the memory of a process is that of all its threads.
      for (const [index, { messageId, body }] of Records.entries()) {
        const ms = context.getRemainingTimeInMillis() - RESERVE_MS;
        if (ms <= 0 || (index > 0 && ms < FIRST_OR_MS)) {
          failed.push(messageId);
          continue;
        }
        try {
          await work(deps, body, ms);
        } catch (error) {
          logger.error('upload not inspected', { messageId, ...ofMessage(body), error: error as Error });
          count('InspectionFaults');
          // A message that says nothing says nothing the next time, either. The row knows what is to be done.
          if (!(error instanceof UnreadableRequest)) failed.push(messageId);
        }
      }
      publishCounts();
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

async function work(deps: Deps, body: string, ms: number): Promise<void> {
  const request = parseScanRequest(body);
  using deadline = createDeadline(ms);
  const result = toScanResult(request, await look(deps, request, deadline.signal));
  await deps.report(result);
  logResult(request, result);
}

async function look(deps: Deps, request: ScanRequest, signal: AbortSignal): Promise<Look> {
  const { size, contentType, filename, policy } = request;
  // Ends the reading with the look, however that ended.
  const over = new AbortController();
  try {
    const bytes = deps.open(request, AbortSignal.any([signal, over.signal]));
    const looked = await inspectInThread(
      deps.thread,
      { size, type: contentType, name: filename, ...bytes },
      toLimits(deps.policies[policy]?.inspection),
      signal,
    );
    if ('cause' in looked) logger.warn('inspector failed', { ...ofScan(request), cause: looked.cause });
    return looked;
  } catch (error) {
    if (signal.aborted) return { ended: 'time' };
    if (error instanceof ObjectChanged) return { ended: 'changed' };
    throw error;
  } finally {
    over.abort();
  }
}

function logResult(request: ScanRequest, { outcome, detail, inspection }: ScanResult): void {
  const { size, contentType, attempt } = request;
  logger.info('upload inspected', {
    ...ofScan(request),
    size,
    contentType,
    attempt,
    outcome,
    detail,
    inspection,
  });
}

export const handler = entryPoint(createHandler, {
  open: scannedObjects,
  report: reportScan,
  policies: () => policies,
  thread: () => ({ ...THREAD, every: every() }),
});
