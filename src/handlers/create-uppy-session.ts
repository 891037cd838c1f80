// POST /uppy-sessions: a grant for Uppy to upload as the caller, within the limits that were asked for.
import { randomUUID } from 'node:crypto';
import { entryPoint } from '../lib/entry.ts';
import type { Blocks } from '../lib/grant/blocks.ts';
import type { Grants } from '../lib/grant/grant.ts';
import { mintGrant } from '../lib/grant/mint.ts';
import type { GrantTokens } from '../lib/grant/token.ts';
import type { TokenKeys } from '../lib/grant/token-keys.ts';
import { toCompanionUrl } from '../lib/http/grant-resource.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { tell } from '../lib/log/deeds.ts';
import { toWho } from '../lib/log/who.ts';
import type { Policies } from '../lib/upload/policy.ts';
import { parseSessionWish } from '../lib/uppy/parse-wish.ts';
import { apiUrl } from '../lib/wiring/api-url.ts';
import { blocks, grantKeys, grants } from '../lib/wiring/grants.ts';
import { policies } from '../policies.ts';

type SessionDeps = {
  grants: Pick<Grants, 'record'>;
  policies: Policies;
  grantKeys: TokenKeys<GrantTokens>;
  now: () => number;
  newId: () => string;
  apiUrl: string;
  blocks?: Blocks;
};

export function createHandler(deps: SessionDeps) {
  return httpFunction({ user: true }, deps.now).handler(async (event) => {
    const { caller } = event;
    const wish = parseSessionWish(event);
    const tokens = await deps.grantKeys.tokens();
    const { token, grant } = await mintGrant({ ...deps, tokens }, caller, caller, wish);
    const { id: grantId, policy } = grant;
    tell('grant made', event, { grantId, owner: toWho(grant), policy });
    const expiresAt = new Date(grant.expiresAt).toISOString();
    return json(201, { token, companionUrl: toCompanionUrl(deps.apiUrl, token), expiresAt });
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
