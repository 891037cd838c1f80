// POST /uploads/batch/status: where up to a hundred uploads stand that are within the caller's reach.

import type { WithGrants } from '../lib/http/caller.ts';
import { eachEntry } from '../lib/http/each-entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseIds } from '../lib/http/parse-batch.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { logger } from '../lib/log/logger.ts';
import { readUploads } from '../lib/upload/access.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import '../policies.ts'; // the deployment's own types, by whose extensions files are served
import { entryPoint } from '../lib/entry.ts';
import { grants } from '../lib/wiring/grants.ts';
import { ledger } from '../lib/wiring/ledger.ts';

export function createHandler(deps: WithGrants & { ledger: Pick<Ledger, 'readMany'> }) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.read' }).handler(
    async (event, context) => {
      const { caller } = event;
      const { requestId } = event.requestContext;
      const ids = parseIds(event);
      const uploadOf = await readUploads(deps.ledger, caller, ids, 'see');
      const results = await eachEntry(
        { logger, requestId, remainingMs: context.getRemainingTimeInMillis, atOnce: ids.length },
        ids,
        async (id) => ({ status: 200, upload: toResource(uploadOf(id), caller) }),
      );
      return json(200, { results });
    },
  );
}

export const handler = entryPoint(createHandler, {
  grants,
  ledger,
});
