// POST /uploads: record what a caller wants to upload, answer with a signature for exactly that object.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import type { WithGrants } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { idempotencyKeyOf, parseIntent, toKeyOf } from '../lib/http/parse-intent.ts';
import { toRequestedResource } from '../lib/http/upload-resource.ts';
import { tell } from '../lib/log/deeds.ts';
import { tally } from '../lib/log/tally.ts';
import { toWho } from '../lib/log/who.ts';
import { ownerFor } from '../lib/upload/access.ts';
import { type RequestDeps, requestUpload } from '../lib/upload/request.ts';
import type { PartSigner } from '../lib/upload/sign-parts.ts';
import { blocks, grants } from '../lib/wiring/grants.ts';
import { expiryGraceInSeconds, ledger } from '../lib/wiring/ledger.ts';
import { ownerLimits } from '../lib/wiring/limits.ts';
import { multipartWhenNeeded, partSigner, ready, uploadSigner } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

export function createHandler(
  deps: RequestDeps & WithGrants & { ready: () => Promise<void>; signParts: PartSigner },
) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.write' }, deps.now)
    .use(keysAtHand(deps.ready))
    .handler(async (event) => {
      const { caller } = event;
      const idempotencyKey = idempotencyKeyOf(event.headers);
      const { intent, owner } = parseIntent(event);
      const requested = await requestUpload(deps, ownerFor(caller, owner), intent, {
        correlationId: event.requestContext.requestId,
        ...(idempotencyKey !== undefined && { idempotencyKey: toKeyOf(caller, idempotencyKey) }),
        ...(caller.kind === 'grant' && { grant: caller.grant }),
      });
      const { upload } = requested;
      const { id: uploadId, policy, size } = upload;
      tell('upload requested', event, { uploadId, owner: toWho(upload), policy, size });
      tally('UploadsRequested');
      return json(201, toRequestedResource(requested, deps, caller), { location: `uploads/${upload.id}` });
    });
}

export const handler = entryPoint(createHandler, {
  ready,
  grants,
  ledger,
  sign: uploadSigner,
  signParts: partSigner,
  multipart: multipartWhenNeeded,
  policies: () => policies,
  now: () => Date.now,
  newId: () => randomUUID,
  expiryGraceInSeconds,
  limits: ownerLimits,
  blocks,
});
