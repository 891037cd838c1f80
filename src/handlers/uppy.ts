// /uppy/{token}/s3/… and /s3/…: what Uppy's S3 plugin asks of a Companion server.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import { openFunction } from '../lib/http/http-function.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { type By, tell } from '../lib/log/deeds.ts';
import { logger } from '../lib/log/logger.ts';
import { tally } from '../lib/log/tally.ts';
import { ofCaller, toWho } from '../lib/log/who.ts';
import { parseKey } from '../lib/upload/key.ts';
import type { UppyCall } from '../lib/uppy/call.ts';
import { parseUppyCall } from '../lib/uppy/parse-call.ts';
import { COMPANION_PROBLEM, uppyResponse } from '../lib/uppy/respond.ts';
import { serveUppy, type UppyAnswer, type UppyDeps } from '../lib/uppy/serve.ts';
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
      logger.appendKeys(ofCaller(session.caller));
      const call = parseUppyCall(event);
      const answer = await serveUppy(deps, session, call, event.requestContext.requestId);
      tellOf({ ...event, caller: session.caller }, call, answer);
      return uppyResponse(event, answer, { ...deps, now: deps.now() });
    });
}

/** The same words as for the same deeds by the other routes. */
function tellOf(by: By, call: UppyCall, answer: UppyAnswer): void {
  if (answer.kind === 'completed') {
    tell('upload completed', by, { uploadId: answer.upload.id, owner: toWho(answer.upload) });
  } else if (call.kind === 'abort') {
    tell('upload ended', by, { uploadId: parseKey(call.named.key)?.id, state: 'aborted' });
  } else if ('upload' in answer && call.kind !== 'repeat') {
    const { id: uploadId, policy, size } = answer.upload;
    tell('upload requested', by, { uploadId, owner: toWho(answer.upload), policy, size });
    tally('UploadsRequested');
  }
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
