// On a schedule: expire what never came, announce again what S3's notification was lost for, finish removals.
import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createSQSClient } from '@sluice/connection/clients/sqs';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { createAnnounce } from '../lib/aws/announce.ts';
import { createLedger } from '../lib/aws/ledger.ts';
import { createMultipart } from '../lib/aws/multipart.ts';
import { createObjects } from '../lib/aws/objects.ts';
import { openStores } from '../lib/aws/open-stores.ts';
import { createStoreClient } from '../lib/aws/store-client.ts';
import { logInvocation } from '../lib/log/log-invocation.ts';
import { logger } from '../lib/log/logger.ts';
import { metrics } from '../lib/log/metrics.ts';
import { reportUnreadable } from '../lib/log/report-unreadable.ts';
import { environment, readSettings, readWholeNumber } from '../lib/settings.ts';
import { type SweepDeps, sweep } from '../lib/upload/sweep.ts';
import { policies } from '../policies.ts';

// Nothing new is begun this close to the deadline; the next run goes on.
const RESERVE_MS = 5_000;

export function createHandler(deps: SweepDeps) {
  return middy<EventBridgeEvent<'Scheduled Event', unknown>, void, Error, Context>()
    .use(logInvocation())
    .handler(async (_event, context) => {
      const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - RESERVE_MS));
      const swept = await sweep(deps, signal, {
        onFailure: (upload, error) => {
          logger.error('row not swept', { uploadId: upload.id, error: error as Error });
          metrics.add('SweepFailures');
        },
        onUnreadable: reportUnreadable,
        onMissing: ({ id }) => logger.error('accepted object missing', { uploadId: id }),
      });
      logger.info('sweep done', swept);
      metrics.add('UploadsExpired', swept.expired);
      metrics.add('LostArrivals', swept.announced);
      metrics.add('UploadsRestored', swept.restored);
      metrics.add('AcceptedMissing', swept.missing);
      metrics.publish();
    });
}

const settings = readSettings(
  'LEDGER_TABLE',
  'INCOMING_BUCKET',
  'STORE_BUCKET',
  'QUARANTINE_BUCKET',
  'ARRIVALS_QUEUE_URL',
);
const connection = resolveSettings({ environment: environment() });
const stores = openStores(connection);
const s3 = createStoreClient(stores);
export const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  objects: createObjects(s3, {
    incoming: settings.INCOMING_BUCKET,
    store: settings.STORE_BUCKET,
    quarantine: settings.QUARANTINE_BUCKET,
  }),
  multipart: createMultipart(s3, settings.INCOMING_BUCKET),
  announce: createAnnounce(
    createSQSClient(connection),
    settings.ARRIVALS_QUEUE_URL,
    settings.INCOMING_BUCKET,
  ),
  policies,
  now: Date.now,
  newId: randomUUID,
  rowRetentionInSeconds: readWholeNumber('ROW_RETENTION_DAYS') * 86_400,
});
