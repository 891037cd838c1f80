// GET /uploads/{id}: where one of the caller's uploads stands.

import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import { readUpload } from '../lib/upload/read.ts';
import '../policies.ts'; // the deployment's own types, by whose extensions files are served
import { entryPoint } from '../lib/entry.ts';
import { ledger, tenantClaim } from '../lib/wiring.ts';

export function createHandler(deps: { ledger: Ledger; tenantClaim: string }) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    return json(200, toResource(await readUpload(deps.ledger, caller, event.pathParameters?.id ?? '')));
  });
}

export const handler = entryPoint(createHandler, {
  ledger,
  tenantClaim,
});
