// SQS → here: what a scanner said is written down. Once all have, the upload is verified again, and has its
// verdict.
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { count, publishCounts } from '../lib/log/metrics.ts';
import { ofMessage } from '../lib/log/of-message.ts';
import { reportForeign, reportScan } from '../lib/log/report-scans.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import { parseScanResult } from '../lib/scan/parse-result.ts';
import { UnreadableRow } from '../lib/upload/faults.ts';
import { type RecallDeps, takeRescan } from '../lib/upload/recall.ts';
import { type ScanDeps, takeResult } from '../lib/upload/scan.ts';
import { announce } from '../lib/wiring/arrivals.ts';
import { ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { scanners } from '../lib/wiring/scans.ts';
import { forgetCopies, incomingBucket, objectsIn, storeBucket } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

type Deps = ScanDeps & RecallDeps & { readonly incomingBucket: string; readonly storeBucket: string };

// What a recall copies is cut off by then; the sweep goes on.
const RESERVE_MS = 5_000;

export function createHandler(deps: Deps) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async ({ Records }, context) => {
      const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
      const failed = await Promise.all(
        Records.map(async ({ messageId, body }) => {
          try {
            await take(deps, body, signal);
            return [];
          } catch (error) {
            logger.error('scan not recorded', { messageId, ...ofMessage(body), error: error as Error });
            count('ScansNotRecorded');
            if (error instanceof UnreadableRow) reportUnreadable(error);
            return [{ itemIdentifier: messageId }];
          }
        }),
      );
      publishCounts();
      return { batchItemFailures: failed.flat() };
    });
}

async function take(deps: Deps, body: string, signal: AbortSignal): Promise<void> {
  const result = parseScanResult(body);
  if (result.bucket === deps.incomingBucket) return reportScan(result, await takeResult(deps, result));
  if (result.bucket === deps.storeBucket) return reportScan(result, await takeRescan(deps, result, signal));
  reportForeign(result);
}

export const handler = entryPoint(createHandler, {
  ledger,
  objects: objectsIn('incoming', 'store', 'quarantine'),
  scanners,
  announce,
  forgetCopies,
  policies: () => policies,
  now: () => Date.now,
  rowRetentionInSeconds,
  incomingBucket,
  storeBucket,
});
