// POST /uploads: record what a caller wants to upload, answer with a signature for exactly that object.
import { randomUUID } from 'node:crypto';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createPartSigner, createUploadSigner } from '../lib/aws/grants.ts';
import { lazyMultipart } from '../lib/aws/lazy-multipart.ts';
import { createLedger } from '../lib/aws/ledger.ts';
import { openStores } from '../lib/aws/open-stores.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { idempotencyKeyOf, parseIntent } from '../lib/http/parse-intent.ts';
import { toRequestedResource } from '../lib/http/upload-resource.ts';
import { logger } from '../lib/log/logger.ts';
import { environment, readSettings, readWholeNumber } from '../lib/settings.ts';
import type { PartSigner } from '../lib/upload/multipart.ts';
import { type RequestDeps, requestUpload } from '../lib/upload/request.ts';
import { policies } from '../policies.ts';

export function createHandler(
  deps: RequestDeps & { ready: () => Promise<void>; signParts: PartSigner; tenantClaim: string },
) {
  return httpFunction()
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const caller = callerOf(event, deps.tenantClaim);
      const idempotencyKey = idempotencyKeyOf(event.headers);
      const requested = await requestUpload(deps, caller, parseIntent(event), {
        correlationId: event.requestContext.requestId,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      });
      const { upload } = requested;
      logger.info('upload requested', { uploadId: upload.id, policy: upload.policy, size: upload.size });
      return json(201, toRequestedResource(requested, deps), { location: `uploads/${upload.id}` });
    });
}

const settings = readSettings('LEDGER_TABLE', 'INCOMING_BUCKET', 'TENANT_CLAIM');
const connection = resolveSettings({ environment: environment() });
const stores = openStores(connection);
export const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  ready: stores.keys.ready,
  sign: createUploadSigner(stores, settings.INCOMING_BUCKET),
  signParts: createPartSigner(stores, settings.INCOMING_BUCKET),
  multipart: lazyMultipart(stores, settings.INCOMING_BUCKET),
  policies,
  now: Date.now,
  newId: randomUUID,
  expiryGraceInSeconds: readWholeNumber('EXPIRY_GRACE_SECONDS'),
  tenantClaim: settings.TENANT_CLAIM,
});
