// A function that signs and keeps no record: what is left of download-upload without its ledger, with a body to check.

import { resolveSettings } from '@sluice/connection/settings/resolve';
import * as v from 'valibot';
import { createDownloadSigner } from '../../src/lib/aws/grants.ts';
import { settleStores } from '../../src/lib/aws/settle-stores.ts';
import { roleKeys } from '../../src/lib/aws/stores.ts';
import { callerOf } from '../../src/lib/http/caller.ts';
import { httpFunction } from '../../src/lib/http/http-function.ts';
import { json } from '../../src/lib/http/json.ts';
import { parseBody } from '../../src/lib/http/parse-body.ts';
import { bodyOf, refusedAs } from '../../src/lib/http/refused-as.ts';
import { logger } from '../../src/lib/log/logger.ts';
import { environment, readSettings } from '../../src/lib/settings.ts';
import { toKey } from '../../src/lib/upload/key.ts';

const Wanted = bodyOf({ id: refusedAs('upload_not_found', v.pipe(v.string(), v.uuid())) });

const settings = readSettings('STORE_BUCKET', 'TENANT_CLAIM');
const connection = resolveSettings({ environment: environment() });
const stores = { ...settleStores(connection, undefined), keys: roleKeys(connection) };
const sign = createDownloadSigner(stores, settings.STORE_BUCKET);

export const handler = httpFunction().handler(async (event) => {
  const { tenant } = callerOf(event, settings.TENANT_CLAIM);
  const { id } = parseBody(Wanted, event);
  const { url, expiresAt } = await sign(toKey(tenant, id), new Date());
  logger.info('download granted', { uploadId: id });
  return json(200, { url, expiresAt: expiresAt.toISOString() });
});
