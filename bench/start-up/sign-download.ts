// A function that signs and keeps no record: what is left of download-upload without its ledger, with a body
// to check.

import * as v from 'valibot';
import { settleStores } from '../../src/lib/aws/settle-stores.ts';
import { createDownloadSigner } from '../../src/lib/aws/signers.ts';
import { roleKeys } from '../../src/lib/aws/stores.ts';
import { entryPoint } from '../../src/lib/entry.ts';
import { httpFunction } from '../../src/lib/http/http-function.ts';
import { json } from '../../src/lib/http/json.ts';
import { parseBody } from '../../src/lib/http/parse-body.ts';
import { bodyOf, refusedAs } from '../../src/lib/http/refused-as.ts';
import { logger } from '../../src/lib/log/logger.ts';
import type { Environment } from '../../src/lib/settings.ts';
import { DOWNLOAD_EXPIRES_IN_SECONDS, type DownloadSigner } from '../../src/lib/upload/address.ts';
import { toKey } from '../../src/lib/upload/key.ts';

const Wanted = bodyOf({ id: refusedAs('upload_not_found', v.pipe(v.string(), v.uuid())) });

type Deps = { sign: DownloadSigner };

function createHandler(deps: Deps) {
  return httpFunction({ user: true }).handler(async (event) => {
    const { tenant } = event.caller;
    const { id } = parseBody(Wanted, event);
    const { url, expiresAt } = await deps.sign({
      method: 'GET',
      key: toKey(tenant, id),
      expiresInSeconds: DOWNLOAD_EXPIRES_IN_SECONDS,
      signedAt: new Date(),
    });
    logger.info('download granted', { uploadId: id });
    return json(200, { url, expiresAt: expiresAt.toISOString() });
  });
}

/** For buckets of the stack's own: without the client that fetches the keys of others. */
function sign(environment: Environment) {
  const stores = { ...settleStores(environment), keys: roleKeys(environment.connection()) };
  return createDownloadSigner(stores, environment.text('STORE_BUCKET'));
}

export const handler = entryPoint(createHandler, { sign });
