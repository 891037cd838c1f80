// POST /uppy-sessions: a short-lived token that lets Uppy upload as the caller, within the limits that were asked for.
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { parseSessionWish } from '../lib/http/parse-session.ts';
import { logger } from '../lib/logger.ts';
import { readOptional, readSettings } from '../lib/settings.ts';
import type { Policies } from '../lib/upload/policy.ts';
import { beginSession } from '../lib/uppy/begin.ts';
import { createSessionTokens, type SessionTokens, toSecrets } from '../lib/uppy/session.ts';
import { policies } from '../policies.ts';

type SessionDeps = {
  policies: Policies;
  tokens: SessionTokens;
  now: () => number;
  apiUrl: string;
  tenantClaim: string;
};

export const createHandler = (deps: SessionDeps) =>
  httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const wish = parseSessionWish(event);
    const { token, expiresAt } = beginSession(deps, caller, wish);
    logger.info('upload session begun', { policy: wish.policy, expiresAt: expiresAt.toISOString() });
    const companionUrl = `${deps.apiUrl}/uppy/${token}`;
    return json(201, { token, companionUrl, expiresAt: expiresAt.toISOString() });
  });

const settings = readSettings('UPPY_KEY', 'API_URL', 'TENANT_CLAIM');
export const handler = createHandler({
  policies,
  tokens: createSessionTokens(toSecrets(settings.UPPY_KEY, readOptional('UPPY_PREVIOUS_KEY'))),
  now: Date.now,
  apiUrl: settings.API_URL,
  tenantClaim: settings.TENANT_CLAIM,
});
