// S3 → SQS → here: verify every arrival, then accept it into the store or reject it into quarantine.
import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import { classify } from '@sluice/connection/classify';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createSQSClient } from '@sluice/connection/clients/sqs';
import { readSockets } from '@sluice/connection/clients/wire';
import type { SocketCounts } from '@sluice/connection/pool';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { createAnnounce } from '../lib/aws/announce.ts';
import { createArrivalsQueue } from '../lib/aws/arrivals-queue.ts';
import { createLedger } from '../lib/aws/ledger.ts';
import { createObjects } from '../lib/aws/objects.ts';
import { openStores } from '../lib/aws/open-stores.ts';
import { createStoreClient } from '../lib/aws/store-client.ts';
import { runBatch } from '../lib/intake/batch.ts';
import type { Queue } from '../lib/intake/hold.ts';
import { toMessages } from '../lib/intake/messages.ts';
import { logInvocation } from '../lib/log/log-invocation.ts';
import { logger } from '../lib/log/logger.ts';
import { metrics } from '../lib/log/metrics.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import { environment, readSettings, readWholeNumber } from '../lib/settings.ts';
import { Busy, Superseded, UnreadableRow } from '../lib/upload/faults.ts';
import { type Outcome, type VerifyDeps, verify } from '../lib/upload/verify.ts';
import { policies } from '../policies.ts';

type Deps = VerifyDeps & {
  incomingBucket: string;
  sockets: () => SocketCounts;
  queue: Queue;
  every: (ms: number, run: () => void) => () => void;
  random: () => number;
};

// Shorter than the messages are hidden (hold.ts), so that whoever gets a dead worker's message finds its lease over.
const LEASE_MS = 20_000;
// By which S3 and DynamoDB ask for fewer calls.
const THROTTLES: readonly string[] = ['throttled', 'service-unavailable'];

export function createHandler(deps: Deps) {
  return middy<unknown, SQSBatchResponse, Error, Context>()
    .use(logInvocation())
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
          work: async ({ bucket, key, versionId }, signal, keep) => {
            if (bucket !== deps.incomingBucket) {
              // Somebody wired another bucket to our queue: its objects are not ours to touch.
              logger.warn('arrival in a bucket that is not ours', { bucket });
              metrics.add('ForeignArrivals');
              return;
            }
            const arrived = { key, ...(versionId !== undefined && { versionId }) };
            report(key, await verify(deps, arrived, LEASE_MS, signal, keep), deps.now());
          },
          onLapse: (error) => logger.warn('arrivals not held', { error: error as Error }),
          onFailure: (message, error, fate) => {
            const { code, retryable } = classify(error);
            logger.error('arrival not verified', {
              messageId: message.id,
              code,
              retryable,
              receiveCount: message.receiveCount,
              ...fate,
              error: error as Error,
            });
            metrics.add('ArrivalFailures');
            if ('isBuried' in fate) metrics.add('MalformedArrivals');
            if (error instanceof UnreadableRow) reportUnreadable(error);
          },
        },
        messages,
      );
      // Of a batch of nothing but test events and removals there is nothing to tell.
      if (!metrics.isEmpty()) {
        // Many opened and few reused is what a slow worker often suffers from.
        const { opened, reused, waiting } = deps.sockets();
        metrics.add('SocketsOpened', opened - before.opened);
        metrics.add('SocketsReused', reused - before.reused);
        metrics.add('CallsWaitingForASocket', waiting);
        metrics.publish();
      }
      if (!isQueued && failed.length > 0) throw new Error(`${failed.length} arrivals failed`);
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

const METRICS = {
  accepted: 'UploadsAccepted',
  rejected: 'UploadsRejected',
  leftover: 'LeftoversRemoved',
  unfinished: 'CopiesUnfinished',
  unrequested: 'UnrequestedArrivals',
  gone: 'ArrivalsGone',
} as const satisfies Record<Outcome['kind'], string>;

function report(key: string, outcome: Outcome, now: number): void {
  metrics.add(METRICS[outcome.kind]);
  if (!('upload' in outcome)) {
    logger.warn(`arrival ${outcome.kind}`, { key });
    return;
  }
  const { id, correlationId, policy, size, reason, createdAt } = outcome.upload;
  logger.info(`upload ${outcome.kind}`, {
    uploadId: id,
    correlation_id: correlationId,
    policy,
    size,
    reason,
    sinceRequestMs: now - createdAt,
  });
}

const settings = readSettings(
  'LEDGER_TABLE',
  'INCOMING_BUCKET',
  'STORE_BUCKET',
  'QUARANTINE_BUCKET',
  'ARRIVALS_QUEUE_URL',
  'ARRIVALS_DEAD_LETTER_QUEUE_URL',
);
const connection = resolveSettings({ environment: environment() });
const stores = openStores(connection);
const s3 = createStoreClient(stores);
const sqs = createSQSClient(connection);
export const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  objects: createObjects(s3, {
    incoming: settings.INCOMING_BUCKET,
    store: settings.STORE_BUCKET,
    quarantine: settings.QUARANTINE_BUCKET,
  }),
  announce: createAnnounce(sqs, settings.ARRIVALS_QUEUE_URL, settings.INCOMING_BUCKET),
  queue: createArrivalsQueue(sqs, {
    arrivals: settings.ARRIVALS_QUEUE_URL,
    deadLetters: settings.ARRIVALS_DEAD_LETTER_QUEUE_URL,
  }),
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
  random: Math.random,
  policies,
  now: Date.now,
  newId: randomUUID,
  rowRetentionInSeconds: readWholeNumber('ROW_RETENTION_DAYS') * 86_400,
  incomingBucket: settings.INCOMING_BUCKET,
  sockets: () => readSockets(s3),
});
