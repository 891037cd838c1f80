// /uppy/{token}/s3/… and /s3/…: what Uppy's S3 plugin asks of a Companion server.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import { openFunction } from '../lib/http/http-function.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { logger } from '../lib/log/logger.ts';
import { parseUppyCall } from '../lib/uppy/parse-call.ts';
import { COMPANION_PROBLEM, uppyResponse } from '../lib/uppy/respond.ts';
import { serveUppy, type UppyDeps } from '../lib/uppy/serve.ts';
import { type SessionSource, sessionOf } from '../lib/uppy/session-of.ts';
import { apiUrl } from '../lib/wiring/api-url.ts';
import { blocks, grantKeys, grants, sessionKeys } from '../lib/wiring/grants.ts';
import { expiryGraceInSeconds, ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { ownerLimits } from '../lib/wiring/limits.ts';
import {
  incomingBucket,
  multipart,
  objectsIn,
  partSigner,
  ready,
  uploadSigner,
} from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

export function createHandler(
  deps: UppyDeps & SessionSource & { ready: () => Promise<void>; bucket: string; apiUrl: string },
) {
  // Some of its routes have the authorizer, the others a session's token: sessionOf refuses who has neither.
  return openFunction(COMPANION_PROBLEM)
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const session = await sessionOf(event, deps);
      const call = parseUppyCall(event);
      const answer = await serveUppy(deps, session, call, event.requestContext.requestId);
      if ('upload' in answer) logger.info(`uppy: ${call.kind}`, { uploadId: answer.upload.id });
      return uppyResponse(event, answer, { ...deps, now: deps.now() });
    });
}

export const handler = entryPoint(createHandler, {
  ready,
  ledger,
  sign: uploadSigner,
  signParts: partSigner,
  multipart,
  objects: objectsIn('incoming'),
  grants,
  grantKeys,
  keys: sessionKeys,
  policies: () => policies,
  now: () => Date.now,
  newId: () => randomUUID,
  expiryGraceInSeconds,
  limits: ownerLimits,
  rowRetentionInSeconds,
  bucket: incomingBucket,
  apiUrl,
  blocks,
});
