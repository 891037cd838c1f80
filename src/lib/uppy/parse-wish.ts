import type { RefusalCode } from '@sluice/contract/refusals';
import * as v from 'valibot';
import { parseBody, type WithBody } from '../http/parse-body.ts';
import { ContentType } from '../http/parse-intent.ts';
import type { SessionWish } from './begin.ts';
import { MAX_SESSION_SECONDS } from './session.ts';

const DEFAULT_SECONDS = 3600;
const MAX_TYPES = 20;

function code(name: RefusalCode) {
  return name;
}

const SessionBody = v.strictObject(
  {
    policy: v.exactOptional(v.string(code('policy_unknown'))),
    maxBytes: v.exactOptional(
      v.pipe(
        v.number(code('session_max_bytes_invalid')),
        v.safeInteger(code('session_max_bytes_invalid')),
        v.minValue(1, code('session_max_bytes_invalid')),
      ),
    ),
    types: v.exactOptional(
      v.pipe(
        v.array(ContentType, code('session_types_invalid')),
        v.minLength(1, code('session_types_invalid')),
        v.maxLength(MAX_TYPES, code('session_types_invalid')),
      ),
    ),
    expiresInSeconds: v.exactOptional(
      v.pipe(
        v.number(code('session_lifetime_invalid')),
        v.integer(code('session_lifetime_invalid')),
        v.minValue(60, code('session_lifetime_invalid')),
        v.maxValue(MAX_SESSION_SECONDS, code('session_lifetime_invalid')),
      ),
    ),
  },
  code('body_malformed'),
);

/** The body of `POST /uppy-sessions`, which may be empty: then the session lasts an hour, within the policies' own limits. */
export function parseSessionWish(event: WithBody): SessionWish {
  const { expiresInSeconds = DEFAULT_SECONDS, ...limits } = event.body ? parseBody(SessionBody, event) : {};
  return { expiresInSeconds, ...limits };
}
