import type { GrantWish } from '../grant/mint.ts';
import { parseBody, type WithBody } from '../http/parse-body.ts';
import { DEFAULT_GRANT_SECONDS, GRANT_LIMITS } from '../http/parse-grant.ts';
import { bodyOf } from '../http/refused-as.ts';

const SessionBody = bodyOf(GRANT_LIMITS);

/**
 * The body of `POST /uppy-sessions`, which may be empty: the session then lasts an hour, within the policies'
 * own limits.
 */
export function parseSessionWish(event: WithBody): GrantWish {
  const { expiresInSeconds = DEFAULT_GRANT_SECONDS, ...limits } = event.body
    ? parseBody(SessionBody, event)
    : {};
  return { expiresInSeconds, ...limits };
}
