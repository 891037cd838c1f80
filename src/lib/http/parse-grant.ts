import type { Owner } from '@sluice/contract/upload';
import * as v from 'valibot';
import { MAX_GRANT_SECONDS } from '../grant/grant.ts';
import type { GrantWish } from '../grant/mint.ts';
import { parseBody, type WithBody } from './parse-body.ts';
import { ContentType, Metadata } from './parse-intent.ts';
import { OwnerField } from './parse-owner.ts';
import { ReferenceField } from './reference-field.ts';
import { bodyOf, refusedAs } from './refused-as.ts';

/** How long a grant lasts where nothing else is asked for. */
export const DEFAULT_GRANT_SECONDS = 3600;
const MAX_TYPES = 20;

const AtLeastOne = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** The limits of a grant that an upload session takes, too. */
export const GRANT_LIMITS = {
  policy: v.exactOptional(refusedAs('policy_unknown', v.string())),
  maxBytes: v.exactOptional(refusedAs('session_max_bytes_invalid', AtLeastOne)),
  types: v.exactOptional(
    refusedAs('session_types_invalid', v.pipe(v.array(ContentType), v.minLength(1), v.maxLength(MAX_TYPES))),
  ),
  expiresInSeconds: v.exactOptional(
    refusedAs(
      'session_lifetime_invalid',
      v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(MAX_GRANT_SECONDS)),
    ),
  ),
};

const GrantBody = bodyOf({
  ...GRANT_LIMITS,
  uploads: v.exactOptional(refusedAs('grant_uploads_invalid', AtLeastOne)),
  bytes: v.exactOptional(refusedAs('grant_bytes_invalid', AtLeastOne)),
  metadata: v.exactOptional(Metadata),
  reference: v.exactOptional(ReferenceField),
  owner: v.exactOptional(OwnerField),
});

/**
 * The body of `POST /grants`, which may be empty: the grant then lasts an hour, within the policies' limits.
 */
export function parseGrant(event: WithBody): GrantWish & { readonly owner?: Owner } {
  const { expiresInSeconds = DEFAULT_GRANT_SECONDS, ...limits } = event.body
    ? parseBody(GrantBody, event)
    : {};
  return { expiresInSeconds, ...limits };
}
