// POST /uppy-sessions: a short-lived token that lets Uppy upload as the caller, within the limits that were asked for.

import { resolveSettings } from '@sluice/connection/settings/resolve';
import { createPairReader } from '../lib/aws/secret.ts';
import { callerOf } from '../lib/http/caller.ts';
import { httpFunction } from '../lib/http/http-function.ts';
import { json } from '../lib/http/json.ts';
import { logger } from '../lib/log/logger.ts';
import { environment, readSettings } from '../lib/settings.ts';
import type { Policies } from '../lib/upload/policy.ts';
import { beginSession } from '../lib/uppy/begin.ts';
import { parseSessionWish } from '../lib/uppy/parse-wish.ts';
import { createSessionKeys, type SessionKeys } from '../lib/uppy/session-keys.ts';
import { policies } from '../policies.ts';

type SessionDeps = {
  policies: Policies;
  keys: SessionKeys;
  now: () => number;
  apiUrl: string;
  tenantClaim: string;
};

export function createHandler(deps: SessionDeps) {
  return httpFunction().handler(async (event) => {
    const caller = callerOf(event, deps.tenantClaim);
    const wish = parseSessionWish(event);
    const tokens = await deps.keys.tokens();
    const { token, expiresAt } = beginSession({ ...deps, tokens }, caller, wish);
    logger.info('upload session begun', { policy: wish.policy, expiresAt: expiresAt.toISOString() });
    const companionUrl = `${deps.apiUrl}/uppy/${token}`;
    return json(201, { token, companionUrl, expiresAt: expiresAt.toISOString() });
  });
}

const settings = readSettings('UPPY_KEY_SECRET', 'API_URL', 'TENANT_CLAIM');
export const handler = createHandler({
  policies,
  keys: createSessionKeys({
    read: createPairReader(
      resolveSettings({ environment: environment() }),
      settings.UPPY_KEY_SECRET,
      'the secret of the upload sessions',
    ),
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the sessions not read', { error: error as Error }),
  }),
  now: Date.now,
  apiUrl: settings.API_URL,
  tenantClaim: settings.TENANT_CLAIM,
});
