// DELETE /grants/{id}: end a grant at once.

import { entryPoint } from '../lib/entry.ts';
import type { Grants } from '../lib/grant/grant.ts';
import { readGrant } from '../lib/grant/read.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { tell } from '../lib/log/deeds.ts';
import { toWho } from '../lib/log/who.ts';
import { grants } from '../lib/wiring/grants.ts';

export function createHandler(deps: { grants: Pick<Grants, 'read' | 'revoke'>; now: () => number }) {
  return httpFunction({ user: true, service: 'grants' }, deps.now).handler(async (event) => {
    const grant = await readGrant(deps.grants, event.caller, event.pathParameters?.id ?? '');
    await deps.grants.revoke(grant.id, deps.now());
    tell('grant revoked', event, { grantId: grant.id, owner: toWho(grant) });
    return { statusCode: 204 };
  });
}

export const handler = entryPoint(createHandler, { grants, now: () => Date.now });
