// POST /grants: leave to upload for somebody who has no token of this API, within the limits that were asked
// for.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import type { Blocks } from '../lib/grant/blocks.ts';
import type { Grants } from '../lib/grant/grant.ts';
import { mintGrant } from '../lib/grant/mint.ts';
import type { GrantTokens } from '../lib/grant/token.ts';
import type { TokenKeys } from '../lib/grant/token-keys.ts';
import { toCompanionUrl, toGrantResource } from '../lib/http/grant-resource.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseGrant } from '../lib/http/parse-grant.ts';
import { tell } from '../lib/log/deeds.ts';
import { toWho } from '../lib/log/who.ts';
import { ownerFor } from '../lib/upload/access.ts';
import type { Policies } from '../lib/upload/policy.ts';
import { apiUrl } from '../lib/wiring/api-url.ts';
import { blocks, grantKeys, grants } from '../lib/wiring/grants.ts';
import { policies } from '../policies.ts';

type CreateGrantDeps = {
  grants: Pick<Grants, 'record'>;
  policies: Policies;
  grantKeys: TokenKeys<GrantTokens>;
  now: () => number;
  newId: () => string;
  apiUrl: string;
  blocks?: Blocks;
};

export function createHandler(deps: CreateGrantDeps) {
  return httpFunction({ user: true, service: 'grants' }, deps.now).handler(async (event) => {
    const { caller } = event;
    const { owner, ...wish } = parseGrant(event);
    const tokens = await deps.grantKeys.tokens();
    const { token, grant } = await mintGrant({ ...deps, tokens }, ownerFor(caller, owner), caller, wish);
    const { id: grantId, policy } = grant;
    tell('grant made', event, { grantId, owner: toWho(grant), policy });
    return json(
      201,
      { ...toGrantResource(grant), token, companionUrl: toCompanionUrl(deps.apiUrl, token) },
      { location: `grants/${grant.id}` },
    );
  });
}

export const handler = entryPoint(createHandler, {
  grants,
  policies: () => policies,
  grantKeys,
  now: () => Date.now,
  newId: () => randomUUID,
  apiUrl,
  blocks,
});
