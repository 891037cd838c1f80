// GET /uploads/{id}/parts: what has arrived of a multipart upload, so that it can go on where it broke off.

import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createLedger } from '../lib/aws/ledger.ts';
import { createMultipart } from '../lib/aws/multipart.ts';
import { openStores } from '../lib/aws/open-stores.ts';
import { createStoreClient } from '../lib/aws/store-client.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { environment, readSettings } from '../lib/settings.ts';
import { listParts, readOpenMultipart } from '../lib/upload/multipart.ts';
import type { Ledger, Multipart } from '../lib/upload/ports.ts';

type ListPartsDeps = { ledger: Ledger; multipart: Pick<Multipart, 'list'>; tenantClaim: string };

export function createHandler(deps: ListPartsDeps) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const upload = await readOpenMultipart(deps.ledger, caller, event.pathParameters?.id ?? '');
    const parts = await listParts(deps, upload);
    const { partSize, partCount } = upload.multipart.plan ?? {};
    return json(200, { partSize, partCount, parts });
  });
}

const settings = readSettings('LEDGER_TABLE', 'INCOMING_BUCKET', 'TENANT_CLAIM');
const connection = resolveSettings({ environment: environment() });
const stores = openStores(connection);
export const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  multipart: createMultipart(createStoreClient(stores), settings.INCOMING_BUCKET),
  tenantClaim: settings.TENANT_CLAIM,
});
