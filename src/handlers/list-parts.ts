// GET /uploads/{id}/parts: what has arrived of a multipart upload, so that it can go on where it broke off.

import { entryPoint } from '../lib/entry.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { listParts, readOpenMultipart } from '../lib/upload/multipart.ts';
import type { Ledger, Multipart } from '../lib/upload/ports.ts';
import { ledger, multipart, tenantClaim } from '../lib/wiring.ts';

type ListPartsDeps = { ledger: Ledger; multipart: Pick<Multipart, 'list'>; tenantClaim: string };

export function createHandler(deps: ListPartsDeps) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const upload = await readOpenMultipart(deps.ledger, caller, event.pathParameters?.id ?? '');
    const parts = await listParts(deps, upload);
    const { partSize, partCount } = upload.multipart.plan ?? {};
    return json(200, { partSize, partCount, parts });
  });
}

export const handler = entryPoint(createHandler, {
  ledger,
  multipart,
  tenantClaim,
});
