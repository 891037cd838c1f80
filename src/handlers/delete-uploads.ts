// POST /uploads/batch/delete: abort or delete up to a hundred uploads in one call, each by itself.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import type { WithGrants } from '../lib/http/caller.ts';
import { eachEntry, writesAtOnce } from '../lib/http/each-entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseIds } from '../lib/http/parse-batch.ts';
import { tell } from '../lib/log/deeds.ts';
import { logger } from '../lib/log/logger.ts';
import { toWho } from '../lib/log/who.ts';
import { type DeleteDeps, deleteUpload } from '../lib/upload/delete.ts';
import { grants } from '../lib/wiring/grants.ts';
import { ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { forgetCopies, multipart, objectsIn } from '../lib/wiring/stores.ts';

const WRITES_AT_ONCE = 16;

export function createHandler(deps: DeleteDeps & WithGrants) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.delete' }, deps.now).handler(
    async (event, context) => {
      const { caller } = event;
      const { requestId } = event.requestContext;
      const results = await eachEntry(
        {
          logger,
          requestId,
          remainingMs: context.getRemainingTimeInMillis,
          atOnce: writesAtOnce(caller, WRITES_AT_ONCE),
        },
        parseIds(event),
        async (id, position) => {
          const upload = await deleteUpload(deps, caller, id);
          const { id: uploadId, state } = upload;
          tell('upload ended', event, { uploadId, owner: toWho(upload), state, position });
          return { status: 204 };
        },
      );
      return json(200, { results });
    },
  );
}

export const handler = entryPoint(createHandler, {
  grants,
  ledger,
  objects: objectsIn('incoming', 'store'),
  multipart,
  forgetCopies,
  now: () => Date.now,
  newId: () => randomUUID,
  rowRetentionInSeconds,
});
