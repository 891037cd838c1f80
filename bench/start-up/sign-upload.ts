// A function that signs and keeps no record: what is left of request-upload without its ledger.
import { randomUUID } from 'node:crypto';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { Refusal } from '@sluice/contract/refusals';
import { createUploadSigner } from '../../src/lib/aws/grants.ts';
import { settleStores } from '../../src/lib/aws/settle-stores.ts';
import { roleKeys } from '../../src/lib/aws/stores.ts';
import { callerOf } from '../../src/lib/http/caller.ts';
import { httpFunction } from '../../src/lib/http/http-function.ts';
import { json } from '../../src/lib/http/json.ts';
import { parseIntent } from '../../src/lib/http/parse-intent.ts';
import { logger } from '../../src/lib/log/logger.ts';
import { environment, readSettings } from '../../src/lib/settings.ts';
import { toKey } from '../../src/lib/upload/key.ts';

const settings = readSettings('INCOMING_BUCKET', 'TENANT_CLAIM');
const connection = resolveSettings({ environment: environment() });
const stores = { ...settleStores(connection, undefined), keys: roleKeys(connection) };
const sign = createUploadSigner(stores, settings.INCOMING_BUCKET);

export const handler = httpFunction().handler(async (event) => {
  const { tenant } = callerOf(event, settings.TENANT_CLAIM);
  const { contentType, size, checksum } = parseIntent(event);
  if (size === undefined) throw new Refusal('field_missing', { field: 'size' });
  const id = randomUUID();
  const { grant, expiresAt } = await sign(
    {
      transport: 'put',
      key: toKey(tenant, id),
      contentType,
      length: { min: size, max: size },
      ...(checksum && { checksum }),
    },
    900,
    new Date(),
  );
  logger.info('upload granted', { uploadId: id });
  return json(201, { ...grant, expiresAt: expiresAt.toISOString() });
});
