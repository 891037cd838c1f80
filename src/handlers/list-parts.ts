// GET /uploads/{id}/parts: what has arrived of a multipart upload, so that it can go on where it broke off.

import { entryPoint } from '../lib/entry.ts';
import type { WithGrants } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { listParts, readOpenMultipart } from '../lib/upload/multipart.ts';
import type { Ledger, Multipart } from '../lib/upload/ports.ts';
import { grants } from '../lib/wiring/grants.ts';
import { ledger } from '../lib/wiring/ledger.ts';
import { multipart } from '../lib/wiring/stores.ts';

type ListPartsDeps = WithGrants & { ledger: Ledger; multipart: Pick<Multipart, 'list'> };

export function createHandler(deps: ListPartsDeps) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.write' }).handler(async (event) => {
    const upload = await readOpenMultipart(deps.ledger, event.caller, event.pathParameters?.id ?? '');
    const parts = await listParts(deps, upload);
    const { partSize, partCount } = upload.multipart.plan ?? {};
    return json(200, { partSize, partCount, parts });
  });
}

export const handler = entryPoint(createHandler, {
  grants,
  ledger,
  multipart,
});
