// SQS → here: have clamd judge each file that a policy wants scanned by it, and hand in what it says.
import { setTimeout as delay } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Clamd } from '../lib/clamav/clamd.ts';
import { ClamdFailed } from '../lib/clamav/faults.ts';
import { type JudgeDeps, judge, toFailed } from '../lib/clamav/judge.ts';
import { SCANNABLE_BYTES } from '../lib/clamav/limits.ts';
import { untilReady } from '../lib/clamav/ready.ts';
import { createRoom } from '../lib/clamav/room.ts';
import { entryPoint } from '../lib/entry.ts';
import { createDeadline } from '../lib/intake/deadline.ts';
import { logger } from '../lib/log/logger.ts';
import { count, publishCounts } from '../lib/log/metrics.ts';
import { ofMessage, ofScan } from '../lib/log/of-message.ts';
import { reportJudgement } from '../lib/log/report-clamav.ts';
import { parseScanRequest } from '../lib/scan/parse-request.ts';
import type { ReportScan } from '../lib/scan/ports.ts';
import { clamd } from '../lib/wiring/clamd.ts';
import { scannedObjects } from '../lib/wiring/scanned-objects.ts';
import { reportScan } from '../lib/wiring/scans.ts';

type Deps = Pick<JudgeDeps, 'open' | 'pause'> & {
  readonly clamd: Clamd;
  readonly report: ReportScan;
};

// For the last result, and the answer which messages failed.
const RESERVE_MS = 10_000;
// A message that fails comes again when it is visible again, a quarter of an hour after its receipt. The
// third time that is reported, so that the row counts it, and does not wait for the sweep.
const LAST_RECEIVE = 3;

export function createHandler(deps: Deps) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async ({ Records }, context) => {
      using deadline = createDeadline(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
      const { signal } = deadline;
      const room = createRoom(SCANNABLE_BYTES);
      // All at once: clamd lets in as many as it has threads for.
      const ready = untilReady(deps, signal);
      ready.catch(() => {}); // told to each message
      const failed = await Promise.all(
        Records.map(async (record) => {
          try {
            await work({ ...deps, room }, record, ready, signal);
            return [];
          } catch (error) {
            logger.error('file not scanned', {
              messageId: record.messageId,
              ...ofMessage(record.body),
              error: error as Error,
            });
            count('ScanFaults');
            return [record.messageId];
          }
        }),
      );
      publishCounts();
      return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

type Work = JudgeDeps & Pick<Deps, 'report'>;

/** What cannot be read throws each time, until it is a dead letter: no request of ours looks like it. */
async function work(deps: Work, record: SQSRecord, ready: Promise<void>, signal: AbortSignal): Promise<void> {
  const request = parseScanRequest(record.body);
  const began = performance.now();
  const result = await judgeOrFail(deps, request, record, ready, signal);
  await deps.report(result);
  reportJudgement(request, result, Math.round(performance.now() - began));
}

async function judgeOrFail(
  deps: Work,
  request: ScanRequest,
  { attributes }: SQSRecord,
  ready: Promise<void>,
  signal: AbortSignal,
): Promise<ScanResult> {
  try {
    await ready;
    return await judge(deps, request, signal);
  } catch (error) {
    if (error instanceof ClamdFailed) return toFailed(request, error.message);
    if (Number(attributes.ApproximateReceiveCount) < LAST_RECEIVE) throw error;
    logger.error('file not scanned', { ...ofScan(request), error: error as Error });
    return toFailed(
      request,
      signal.aborted ? 'There was too little time to scan it.' : 'The object could not be read.',
    );
  }
}

export const handler = entryPoint(createHandler, {
  clamd,
  open: scannedObjects,
  report: reportScan,
  pause: () => (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }),
});
