// POST /uploads/{id}/complete: have S3 make the object of the parts of a multipart upload.

import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createLedger } from '../lib/aws/ledger.ts';
import { createMultipart } from '../lib/aws/multipart.ts';
import { createObjects } from '../lib/aws/objects.ts';
import { openStores } from '../lib/aws/open-stores.ts';
import { createStoreClient } from '../lib/aws/store-client.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseComplete } from '../lib/http/parse-complete.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { logger } from '../lib/log/logger.ts';
import { environment, readSettings, readWholeNumber } from '../lib/settings.ts';
import { type CompleteDeps, completeUpload } from '../lib/upload/multipart.ts';
import { policies } from '../policies.ts';

export function createHandler(deps: CompleteDeps & { tenantClaim: string }) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const { parts } = parseComplete(event);
    const upload = await completeUpload(deps, caller, event.pathParameters?.id ?? '', parts);
    logger.info('upload completed', { uploadId: upload.id });
    return json(200, toResource(upload));
  });
}

const settings = readSettings('LEDGER_TABLE', 'INCOMING_BUCKET', 'TENANT_CLAIM');
const connection = resolveSettings({ environment: environment() });
const stores = openStores(connection);
const s3 = createStoreClient(stores);
export const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  multipart: createMultipart(s3, settings.INCOMING_BUCKET),
  objects: createObjects(s3, { incoming: settings.INCOMING_BUCKET }),
  policies,
  now: Date.now,
  rowRetentionInSeconds: readWholeNumber('ROW_RETENTION_DAYS') * 86_400,
  tenantClaim: settings.TENANT_CLAIM,
});
