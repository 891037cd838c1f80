// POST /uploads/{id}/complete: have S3 make the object of the parts of a multipart upload.

import { entryPoint } from '../lib/entry.ts';
import type { WithGrants } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseComplete } from '../lib/http/parse-complete.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { tell } from '../lib/log/deeds.ts';
import { toWho } from '../lib/log/who.ts';
import { type CompleteDeps, completeUpload } from '../lib/upload/multipart.ts';
import { grants } from '../lib/wiring/grants.ts';
import { ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { multipart, objectsIn } from '../lib/wiring/stores.ts';
import { policies } from '../policies.ts';

export function createHandler(deps: CompleteDeps & WithGrants) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.write' }, deps.now).handler(
    async (event) => {
      const { parts } = parseComplete(event);
      const upload = await completeUpload(deps, event.caller, event.pathParameters?.id ?? '', parts);
      tell('upload completed', event, { uploadId: upload.id, owner: toWho(upload) });
      return json(200, toResource(upload, event.caller));
    },
  );
}

export const handler = entryPoint(createHandler, {
  grants,
  ledger,
  multipart,
  objects: objectsIn('incoming'),
  policies: () => policies,
  now: () => Date.now,
  rowRetentionInSeconds,
});
