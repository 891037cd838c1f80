// DELETE /uploads/{id}: abort an upload that has not arrived, delete one that was accepted.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { logger } from '../lib/log/logger.ts';
import { type DeleteDeps, deleteUpload } from '../lib/upload/delete.ts';
import {
  forgetCopies,
  ledger,
  multipart,
  objectsIn,
  rowRetentionInSeconds,
  tenantClaim,
} from '../lib/wiring.ts';

export function createHandler(deps: DeleteDeps & { tenantClaim: string }) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const upload = await deleteUpload(deps, caller, event.pathParameters?.id ?? '');
    logger.info('upload ended by its owner', { uploadId: upload.id, state: upload.state });
    return { statusCode: 204 };
  });
}

export const handler = entryPoint(createHandler, {
  ledger,
  objects: objectsIn('incoming', 'store'),
  multipart,
  forgetCopies,
  now: () => Date.now,
  newId: () => randomUUID,
  rowRetentionInSeconds,
  tenantClaim,
});
