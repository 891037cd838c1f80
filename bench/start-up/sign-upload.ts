// A function that signs and keeps no record: what is left of request-upload without its ledger.
import { randomUUID } from 'node:crypto';
import { Refusal } from '@sluice/contract/refusals';
import { settleStores } from '../../src/lib/aws/settle-stores.ts';
import { createUploadSigner } from '../../src/lib/aws/signers.ts';
import { roleKeys } from '../../src/lib/aws/stores.ts';
import { entryPoint } from '../../src/lib/entry.ts';
import { httpFunction } from '../../src/lib/http/http-function.ts';
import { json } from '../../src/lib/http/json.ts';
import { parseIntent } from '../../src/lib/http/parse-intent.ts';
import { logger } from '../../src/lib/log/logger.ts';
import type { Environment } from '../../src/lib/settings.ts';
import { toKey } from '../../src/lib/upload/key.ts';
import type { Signer } from '../../src/lib/upload/request.ts';

function createHandler(deps: { sign: Signer }) {
  return httpFunction({ user: true }).handler(async (event) => {
    const { tenant } = event.caller;
    const { contentType, size, checksum } = parseIntent(event).intent;
    if (size === undefined) throw new Refusal('field_missing', { field: 'size' });
    const id = randomUUID();
    const { signature, expiresAt } = await deps.sign(
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
    return json(201, { ...signature, expiresAt: expiresAt.toISOString() });
  });
}

/** For buckets of the stack's own: without the client that fetches the keys of others. */
function sign(environment: Environment) {
  const stores = { ...settleStores(environment), keys: roleKeys(environment.connection()) };
  return createUploadSigner(stores, environment.text('INCOMING_BUCKET'));
}

export const handler = entryPoint(createHandler, { sign });
