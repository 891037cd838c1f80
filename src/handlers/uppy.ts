// /uppy/{token}/s3/… and /s3/…: what Uppy's S3 plugin asks of a Companion server.
import { randomUUID } from 'node:crypto';
import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createPartSigner, createUploadSigner } from '../lib/aws/grants.ts';
import { createLedger } from '../lib/aws/ledger.ts';
import { createMultipart } from '../lib/aws/multipart.ts';
import { createObjects } from '../lib/aws/objects.ts';
import { openStores } from '../lib/aws/open-stores.ts';
import { createPairReader } from '../lib/aws/secret.ts';
import { createStoreClient } from '../lib/aws/store-client.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { logger } from '../lib/log/logger.ts';
import { environment, readSettings, readWholeNumber } from '../lib/settings.ts';
import { parseUppyCall } from '../lib/uppy/parse-call.ts';
import { COMPANION_PROBLEM, uppyResponse } from '../lib/uppy/respond.ts';
import { serveUppy, type UppyDeps } from '../lib/uppy/serve.ts';
import { createSessionKeys } from '../lib/uppy/session-keys.ts';
import { type SessionSource, sessionOf, type UppyEvent } from '../lib/uppy/session-of.ts';
import { policies } from '../policies.ts';

export function createHandler(
  deps: UppyDeps & SessionSource & { ready: () => Promise<void>; bucket: string; apiUrl: string },
) {
  return httpFunction<UppyEvent>(COMPANION_PROBLEM)
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const session = await sessionOf(event, deps);
      const call = parseUppyCall(event);
      const answer = await serveUppy(deps, session, call, event.requestContext.requestId);
      if ('upload' in answer) logger.info(`uppy: ${call.kind}`, { uploadId: answer.upload.id });
      return uppyResponse(event, answer, { ...deps, now: deps.now() });
    });
}

const settings = readSettings(
  'LEDGER_TABLE',
  'INCOMING_BUCKET',
  'UPPY_KEY_SECRET',
  'API_URL',
  'TENANT_CLAIM',
);
const connection = resolveSettings({ environment: environment() });
const stores = openStores(connection);
const s3 = createStoreClient(stores);
const bucket = settings.INCOMING_BUCKET;
export const handler = createHandler({
  ledger: createLedger(createDynamoDBClient(connection), settings.LEDGER_TABLE),
  ready: stores.keys.ready,
  sign: createUploadSigner(stores, bucket),
  signParts: createPartSigner(stores, bucket),
  multipart: createMultipart(s3, bucket),
  objects: createObjects(s3, { incoming: bucket }),
  keys: createSessionKeys({
    read: createPairReader(connection, settings.UPPY_KEY_SECRET, 'the secret of the upload sessions'),
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the sessions not read', { error: error as Error }),
  }),
  policies,
  now: Date.now,
  newId: randomUUID,
  expiryGraceInSeconds: readWholeNumber('EXPIRY_GRACE_SECONDS'),
  rowRetentionInSeconds: readWholeNumber('ROW_RETENTION_DAYS') * 86_400,
  bucket,
  apiUrl: settings.API_URL,
  tenantClaim: settings.TENANT_CLAIM,
});
