// On a schedule: expire what never came, announce again what S3's notification was lost for, finish removals.
import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { logger } from '../lib/log/logger.ts';
import { count, metrics, setSeconds } from '../lib/log/metrics.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import { ofFailed } from '../lib/log/who.ts';
import { type SweepDeps, type SweepReport, sweep } from '../lib/upload/sweep.ts';
import { announce, countArrivals } from '../lib/wiring/arrivals.ts';
import { ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { scanners } from '../lib/wiring/scans.ts';
import { forgetCopies, multipart, objectsIn } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

// Nothing new is begun this close to the deadline; the next run goes on.
const RESERVE_MS = 20_000;
// What is still in work by then, such as a call that hangs, is left: time to log and count what was done.
const LAST_MS = 5_000;

/** The shards of this run, as the schedules name them; all for who invokes the function with nothing. */
type Event = { readonly shards?: string } | '';

export function createHandler(deps: SweepDeps) {
  return middy<Event, void, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (event, context) => {
      const until = (reserveMs: number) =>
        AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
      const shards = parseShards(event, deps.ledger.dueShards);
      const began = deps.now();
      let backlog = 0;
      let oldestDueAt = began;
      const report: SweepReport = {
        onDue: (uploads) => {
          backlog += uploads.length;
          for (const { dueAt = began } of uploads) oldestDueAt = Math.min(oldestDueAt, dueAt);
        },
        onFailure: (upload, error) => logger.error('row not swept', { ...ofFailed(upload), error }),
        onUnreadable: reportUnreadable,
        onMissing: (upload) => logger.error('accepted object missing', ofFailed(upload)),
        onShardFailure: (shard, error) => {
          logger.error('shard not swept', { shard, error });
          count('SweepFailures');
        },
      };
      const swept = await sweep(deps, until(RESERVE_MS), report, { shards, end: until(LAST_MS) });
      logger.info('sweep done', { shards: shards.join(''), ...swept });
      count('DueBacklog', backlog);
      setSeconds('OldestDueSeconds', Math.round((began - oldestDueAt) / 1000));
      count('UploadsExpired', swept.expired);
      count('LostArrivals', swept.announced + swept.deferred);
      count('ScannersAskedAgain', swept.asked);
      count('UploadsHeld', swept.held);
      count('UploadsRestored', swept.restored);
      count('AcceptedMissing', swept.missing);
      if (swept.failed > 0) count('SweepFailures', swept.failed);
      metrics.publishStoredMetrics();
    });
}

function parseShards(event: Event, all: readonly string[]): readonly string[] {
  const named = event === '' ? undefined : event.shards;
  if (named === undefined) return all;
  const shards = [...named];
  if (shards.every((shard) => all.includes(shard))) return shards;
  throw new Error(`the ledger has the shards ${all.join('')}, not "${named}"`);
}

export const handler = entryPoint(createHandler, {
  ledger,
  objects: objectsIn('incoming', 'store', 'quarantine'),
  multipart,
  forgetCopies,
  announce,
  countArrivals,
  scanners,
  policies: () => policies,
  now: () => Date.now,
  newId: () => randomUUID,
  rowRetentionInSeconds,
});
