// GET /uploads/{id}: where an upload stands that is within the caller's reach.

import type { WithGrants } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { toResource } from '../lib/http/upload-resource.ts';
import { readUpload } from '../lib/upload/access.ts';
import type { Ledger } from '../lib/upload/ports.ts';
import '../policies.ts'; // the deployment's own types, by whose extensions files are served
import { entryPoint } from '../lib/entry.ts';
import { grants } from '../lib/wiring/grants.ts';
import { ledger } from '../lib/wiring/ledger.ts';

export function createHandler(deps: WithGrants & { ledger: Ledger }) {
  return httpFunction({ user: true, grant: deps.grants, service: 'uploads.read' }).handler(async (event) => {
    const { caller, pathParameters } = event;
    const upload = await readUpload(deps.ledger, caller, pathParameters?.id ?? '', 'see');
    return json(200, toResource(upload, caller));
  });
}

export const handler = entryPoint(createHandler, {
  grants,
  ledger,
});
