// DELETE /uploads/{id}: abort an upload that has not arrived, delete one that was accepted.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import type { WithGrants } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { tell } from '../lib/log/deeds.ts';
import { toWho } from '../lib/log/who.ts';
import { type DeleteDeps, deleteUpload } from '../lib/upload/delete.ts';
import { grants } from '../lib/wiring/grants.ts';
import { ledger, rowRetentionInSeconds } from '../lib/wiring/ledger.ts';
import { forgetCopies, multipart, objectsIn } from '../lib/wiring/stores.ts';

export function createHandler(deps: DeleteDeps & WithGrants) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.delete' }, deps.now).handler(
    async (event) => {
      const upload = await deleteUpload(deps, event.caller, event.pathParameters?.id ?? '');
      const { id: uploadId, state } = upload;
      tell('upload ended', event, { uploadId, owner: toWho(upload), state });
      return { statusCode: 204 };
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
