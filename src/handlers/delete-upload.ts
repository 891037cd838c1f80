// DELETE /uploads/{id}: abort an upload that has not arrived, delete one that was accepted.

import { randomUUID } from 'node:crypto';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createLedger } from '../lib/aws/ledger.ts';
import { createMultipart } from '../lib/aws/multipart.ts';
import { createObjects } from '../lib/aws/objects.ts';
import { openStores } from '../lib/aws/open-stores.ts';
import { createStoreClient } from '../lib/aws/store-client.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { logger } from '../lib/log/logger.ts';
import { environment, readSettings, readWholeNumber } from '../lib/settings.ts';
import { type DeleteDeps, deleteUpload } from '../lib/upload/delete.ts';

export function createHandler(deps: DeleteDeps & { tenantClaim: string }) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const upload = await deleteUpload(deps, caller, event.pathParameters?.id ?? '');
    logger.info('upload ended by its owner', { uploadId: upload.id, state: upload.state });
    return { statusCode: 204 };
  });
}

const settings = readSettings('LEDGER_TABLE', 'INCOMING_BUCKET', 'STORE_BUCKET', 'TENANT_CLAIM');
const connection = resolveSettings({ environment: environment() });
const stores = openStores(connection);
const s3 = createStoreClient(stores);
export const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  objects: createObjects(s3, {
    incoming: settings.INCOMING_BUCKET,
    store: settings.STORE_BUCKET,
  }),
  multipart: createMultipart(s3, settings.INCOMING_BUCKET),
  now: Date.now,
  newId: randomUUID,
  rowRetentionInSeconds: readWholeNumber('ROW_RETENTION_DAYS') * 86_400,
  tenantClaim: settings.TENANT_CLAIM,
});
