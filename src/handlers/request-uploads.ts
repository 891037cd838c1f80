// POST /uploads/batch: record what a caller wants to upload, up to a hundred files in one call, each by
// itself.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { entryPoint } from '../lib/entry.ts';
import type { WithGrants } from '../lib/http/caller.ts';
import { eachEntry } from '../lib/http/each-entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { keysAtHand } from '../lib/http/keys-at-hand.ts';
import { entryKeysOf, parseRequests } from '../lib/http/parse-batch.ts';
import { parseIntentOf, toKeyOf } from '../lib/http/parse-intent.ts';
import { toRequestedResource } from '../lib/http/upload-resource.ts';
import { tell } from '../lib/log/deeds.ts';
import { logger } from '../lib/log/logger.ts';
import { tally } from '../lib/log/tally.ts';
import { toWho } from '../lib/log/who.ts';
import { ownerFor } from '../lib/upload/access.ts';
import type { RecordTogether } from '../lib/upload/ports.ts';
import { type RequestDeps, requestUpload } from '../lib/upload/request.ts';
import type { PartSigner } from '../lib/upload/sign-parts.ts';
import { createTogether } from '../lib/upload/together.ts';
import { blocks, grants } from '../lib/wiring/grants.ts';
import { expiryGraceInSeconds, ledger, recordTogether } from '../lib/wiring/ledger.ts';
import { ownerLimits } from '../lib/wiring/limits.ts';
import { multipartWhenNeeded, partSigner, ready, uploadSigner } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

const WRITES_AT_ONCE = 25;

// Entries that are worked on side by side are ready to be recorded within some milliseconds of each other.
const GATHERED_FOR_MS = 10;

// A hundred times sixteen URLs with a role's session token would be most of the 6 MB that Lambda answers at
// most.
const FIRST_PARTS = 4;

export function createHandler(
  deps: RequestDeps &
    WithGrants & { ready: () => Promise<void>; signParts: PartSigner; recordTogether: RecordTogether },
) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.write' }, deps.now)
    .use(keysAtHand(deps.ready))
    .handler(async (event, context) => {
      const { caller } = event;
      const { requestId } = event.requestContext;
      const keyOf = entryKeysOf(event.headers);
      // Of this call alone, so that none waits for another's.
      const recordAt = createTogether(deps.ledger.record, deps.recordTogether, WRITES_AT_ONCE, () =>
        sleep(GATHERED_FOR_MS),
      );
      const results = await eachEntry(
        {
          logger,
          requestId,
          remainingMs: context.getRemainingTimeInMillis,
          atOnce: WRITES_AT_ONCE,
        },
        parseRequests(event),
        async (entry, position) => {
          const { intent, owner } = parseIntentOf(entry);
          const key = keyOf(position);
          const ledger = { ...deps.ledger, record: recordAt(position) };
          const requested = await requestUpload({ ...deps, ledger }, ownerFor(caller, owner), intent, {
            correlationId: requestId,
            ...(key !== undefined && { idempotencyKey: toKeyOf(caller, key) }),
            ...(caller.kind === 'grant' && { grant: caller.grant }),
          });
          const { id: uploadId, policy, size } = requested.upload;
          const of = toWho(requested.upload);
          tell('upload requested', event, { uploadId, owner: of, policy, size, position });
          tally('UploadsRequested');
          return { status: 201, upload: toRequestedResource(requested, deps, caller, FIRST_PARTS) };
        },
      );
      return json(200, { results });
    });
}

export const handler = entryPoint(createHandler, {
  ready,
  grants,
  ledger,
  recordTogether,
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
