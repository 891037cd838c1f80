// S3 → SQS → here: verify every arrival, then accept it into the store or reject it into quarantine.
import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { classify } from '@sluice/connection/classify';
import type { SocketCounts } from '@sluice/connection/pool';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { entryPoint } from '../lib/entry.ts';
import { type BatchDeps, runBatch } from '../lib/intake/batch.ts';
import type { Queue } from '../lib/intake/hold.ts';
import { toMessages } from '../lib/intake/messages.ts';
import { logger } from '../lib/log/logger.ts';
import { publishBatch, reportFailure, reportForeign, reportOutcome } from '../lib/log/report-arrivals.ts';
import { Busy, Superseded } from '../lib/upload/faults.ts';
import { type VerifyDeps, verify } from '../lib/upload/verify.ts';
import { announce, arrivalsQueue } from '../lib/wiring/arrivals.ts';
import { every } from '../lib/wiring/interval.ts';
import { ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { scanners } from '../lib/wiring/scans.ts';
import { incomingBucket, objectsIn, sockets } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

type Deps = VerifyDeps &
  Pick<BatchDeps, 'every' | 'random'> & {
    incomingBucket: string;
    sockets: () => SocketCounts;
    queue: Queue;
  };

// Shorter than the messages are hidden (hold.ts), so that whoever gets a dead worker's message finds its
// lease over.
const LEASE_MS = 20_000;
// By which S3 and DynamoDB ask for fewer calls.
const THROTTLES: readonly string[] = ['throttled', 'service-unavailable'];

export function createHandler(deps: Deps) {
  return middy<unknown, SQSBatchResponse, Error, Context>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (event, context) => {
      const { messages, isQueued } = toMessages(event);
      const before = deps.sockets();
      const failed = await runBatch(
        {
          remainingMs: () => context.getRemainingTimeInMillis(),
          ...(isQueued && { queue: deps.queue }),
          every: deps.every,
          random: deps.random,
          isThrottle: (error) => THROTTLES.includes(classify(error).code),
          isBusy: (error) => error instanceof Busy || error instanceof Superseded,
          work: async (arrival, signal, keep) => {
            const { bucket, key, versionId } = arrival;
            // The objects of another bucket are not ours to touch.
            if (bucket !== deps.incomingBucket) return reportForeign(bucket);
            const arrived = { key, ...(versionId !== undefined && { versionId }) };
            reportOutcome(arrival, await verify(deps, arrived, LEASE_MS, signal, keep), deps.now());
          },
          onLapse: (error) => logger.warn('arrivals not held', { error }),
          onFailure: reportFailure,
        },
        messages,
      );
      publishBatch(before, deps.sockets());
      if (!isQueued && failed.length > 0) throw new Error(`${failed.length} arrivals failed`);
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

export const handler = entryPoint(createHandler, {
  ledger,
  objects: objectsIn('incoming', 'store', 'quarantine'),
  announce,
  scanners,
  queue: arrivalsQueue,
  every,
  random: () => Math.random,
  policies: () => policies,
  now: () => Date.now,
  newId: () => randomUUID,
  rowRetentionInSeconds,
  incomingBucket,
  sockets,
});
