// POST /uppy-sessions: a short-lived token that lets Uppy upload as the caller, within the limits that were
// asked for.

import { entryPoint } from '../lib/entry.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { logger } from '../lib/log/logger.ts';
import type { Policies } from '../lib/upload/policy.ts';
import { beginSession } from '../lib/uppy/begin.ts';
import { parseSessionWish } from '../lib/uppy/parse-wish.ts';
import type { SessionKeys } from '../lib/uppy/session-keys.ts';
import { apiUrl, sessionKeys } from '../lib/wiring.ts';
import { policies } from '../policies.ts';

type SessionDeps = {
  policies: Policies;
  keys: SessionKeys;
  now: () => number;
  apiUrl: string;
};

export function createHandler(deps: SessionDeps) {
  return httpFunction({ user: true }, deps.now).handler(async (event) => {
    const wish = parseSessionWish(event);
    const tokens = await deps.keys.tokens();
    const { token, expiresAt } = beginSession({ ...deps, tokens }, event.caller, wish);
    logger.info('upload session begun', { policy: wish.policy, expiresAt: expiresAt.toISOString() });
    const companionUrl = `${deps.apiUrl}/uppy/${token}`;
    return json(201, { token, companionUrl, expiresAt: expiresAt.toISOString() });
  });
}

export const handler = entryPoint(createHandler, {
  policies: () => policies,
  keys: sessionKeys,
  now: () => Date.now,
  apiUrl,
});
