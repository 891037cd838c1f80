// GET /grants/{id}: what is left of a grant.

import { entryPoint } from '../lib/entry.ts';
import type { Grants } from '../lib/grant/grant.ts';
import { readGrant } from '../lib/grant/read.ts';
import { toGrantResource } from '../lib/http/grant-resource.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { grants } from '../lib/wiring/grants.ts';

export function createHandler(deps: { grants: Pick<Grants, 'read'> }) {
  return httpFunction({ user: true, grant: 'by-token', service: 'grants' }).handler(async (event) =>
    json(200, toGrantResource(await readGrant(deps.grants, event.caller, event.pathParameters?.id ?? ''))),
  );
}

export const handler = entryPoint(createHandler, { grants });
