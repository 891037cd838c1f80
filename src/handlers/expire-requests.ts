// On a schedule: expire what never came, announce again what S3's notification was lost for, finish removals.
import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { count, metrics, setSeconds } from '../lib/log/metrics.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import { ofFailed } from '../lib/log/who.ts';
import { type SweepDeps, sweep } from '../lib/upload/sweep.ts';
import { announce } from '../lib/wiring/arrivals.ts';
import { ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { scanners } from '../lib/wiring/scans.ts';
import { forgetCopies, multipart, objectsIn } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

// Nothing new is begun this close to the deadline; the next run goes on.
const RESERVE_MS = 5_000;

export function createHandler(deps: SweepDeps) {
  return middy<EventBridgeEvent<'Scheduled Event', unknown>, void, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (_event, context) => {
      const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
      const began = deps.now();
      let backlog = 0;
      let oldestDueAt = began;
      const swept = await sweep(deps, signal, {
        onDue: (uploads) => {
          backlog += uploads.length;
          for (const { dueAt = began } of uploads) oldestDueAt = Math.min(oldestDueAt, dueAt);
        },
        onFailure: (upload, error) => {
          logger.error('row not swept', { ...ofFailed(upload), error });
          count('SweepFailures');
        },
        onUnreadable: reportUnreadable,
        onMissing: (upload) => logger.error('accepted object missing', ofFailed(upload)),
      });
      logger.info('sweep done', swept);
      count('DueBacklog', backlog);
      setSeconds('OldestDueSeconds', Math.round((began - oldestDueAt) / 1000));
      count('UploadsExpired', swept.expired);
      count('LostArrivals', swept.announced);
      count('ScannersAskedAgain', swept.asked);
      count('UploadsHeld', swept.held);
      count('UploadsRestored', swept.restored);
      count('AcceptedMissing', swept.missing);
      metrics.publishStoredMetrics();
    });
}

export const handler = entryPoint(createHandler, {
  ledger,
  objects: objectsIn('incoming', 'store', 'quarantine'),
  multipart,
  forgetCopies,
  announce,
  scanners,
  policies: () => policies,
  now: () => Date.now,
  newId: () => randomUUID,
  rowRetentionInSeconds,
});
