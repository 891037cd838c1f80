import * as v from 'valibot';
import { parseBody, type WithBody } from '../http/parse-body.ts';
import { ContentType } from '../http/parse-intent.ts';
import { bodyOf, refusedAs } from '../http/refused-as.ts';
import type { SessionWish } from './begin.ts';
import { MAX_SESSION_SECONDS } from './session.ts';

const DEFAULT_SECONDS = 3600;
const MAX_TYPES = 20;

const SessionBody = bodyOf({
  policy: v.exactOptional(refusedAs('policy_unknown', v.string())),
  maxBytes: v.exactOptional(
    refusedAs('session_max_bytes_invalid', v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  ),
  types: v.exactOptional(
    refusedAs('session_types_invalid', v.pipe(v.array(ContentType), v.minLength(1), v.maxLength(MAX_TYPES))),
  ),
  expiresInSeconds: v.exactOptional(
    refusedAs(
      'session_lifetime_invalid',
      v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(MAX_SESSION_SECONDS)),
    ),
  ),
});

/**
 * The body of `POST /uppy-sessions`, which may be empty: the session then lasts an hour, within the policies'
 * own limits.
 */
export function parseSessionWish(event: WithBody): SessionWish {
  const { expiresInSeconds = DEFAULT_SECONDS, ...limits } = event.body ? parseBody(SessionBody, event) : {};
  return { expiresInSeconds, ...limits };
}
