import type { Caller } from '@sluice/contract/caller';
import { normaliseContentType, toDeclaredType } from '@sluice/contract/content-types';
import { Refusal } from '@sluice/contract/refusals';
import { type Owner, READERS, TRANSPORTS } from '@sluice/contract/upload';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import type { Intent } from '../upload/intent.ts';
import { checksumField } from './checksum-field.ts';
import { check, parseBody } from './parse-body.ts';
import { requireCarriable } from './parse-json.ts';
import { OwnerField } from './parse-owner.ts';
import { ReferenceField } from './reference-field.ts';
import { bodyOf, code, isPlainObject, refusedAs } from './refused-as.ts';

const MAX_METADATA_BYTES = 2048;

const MAX_CONTENT_TYPE_CHARACTERS = 255;

// RFC 9110, section 8.3.1, and a little more: browsers write `video/webm;codecs=vp9,opus` without the quotes
// that a comma needs. Blanks are allowed in one place only, so that matching is linear in the length of the
// text.
const MEDIA_TYPE =
  /^[a-z0-9][\w.+-]*\/[a-z0-9][\w.+-]*[\t ]*(?:;[\t ]*(?:[\w!#$&^.+-]+=(?:"[^"\\\p{Cc}]*"|[^\s";]+)[\t ]*)?)*$/iu;

/** `type/subtype`, with parameters or without, by the one name that Sluice uses for it. */
export const ContentType = refusedAs(
  'content_type_invalid',
  v.pipe(
    v.string(),
    v.maxLength(MAX_CONTENT_TYPE_CHARACTERS),
    v.regex(MEDIA_TYPE),
    v.transform(normaliseContentType),
  ),
);

const RESERVED_KEY = /^(sluice-|x-amz-|aws:)/i;
const PROTOTYPE_KEYS = ['__proto__', 'constructor', 'prototype'];

export const Metadata = refusedAs(
  'metadata_invalid',
  v.pipe(
    v.custom<Record<string, unknown>>(isPlainObject),
    // valibot drops keys that could reach a prototype instead of refusing them.
    v.check(
      (metadata) => !PROTOTYPE_KEYS.some((key) => Object.hasOwn(metadata, key)),
      code('metadata_key_reserved'),
    ),
    v.record(
      v.pipe(
        v.string(),
        v.check((key) => !RESERVED_KEY.test(key), code('metadata_key_reserved')),
        v.regex(/^[\w.-]{1,128}$/),
      ),
      v.string(),
    ),
    v.check(
      (metadata) =>
        Object.entries(metadata).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0) <=
        MAX_METADATA_BYTES,
      code('metadata_too_large'),
    ),
  ),
);

/** Who may read a file. */
export const ReadersField = refusedAs('readers_invalid', v.picklist(READERS));

const IntentBody = bodyOf({
  filename: refusedAs('filename_invalid', v.string()),
  contentType: ContentType,
  size: refusedAs('size_invalid', v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  checksum: v.exactOptional(checksumField('checksum_invalid')),
  policy: v.exactOptional(refusedAs('policy_unknown', v.string())),
  metadata: v.exactOptional(Metadata),
  transport: v.exactOptional(refusedAs('transport_invalid', v.picklist(TRANSPORTS))),
  readers: v.exactOptional(ReadersField),
  owner: v.exactOptional(OwnerField),
  reference: v.exactOptional(ReferenceField),
});

/** What is asked for, and whose it is to be if a service asks for it. */
export type Asked = { readonly intent: Intent; readonly owner?: Owner };

/** The body of `POST /uploads`. Refuses what is wrong with it, and names the field. */
export function parseIntent(
  event: Pick<APIGatewayProxyEventV2, 'body' | 'headers' | 'isBase64Encoded'>,
): Asked {
  return toAsked(parseBody(IntentBody, event));
}

/** The same of a body that has been read, as it is one of a list. */
export function parseIntentOf(value: unknown): Asked {
  requireCarriable(value);
  return toAsked(check(IntentBody, value));
}

function toAsked({ metadata = {}, owner, ...intent }: v.InferOutput<typeof IntentBody>): Asked {
  return {
    intent: { ...intent, contentType: toDeclaredType(intent), metadata },
    ...(owner && { owner }),
  };
}

/**
 * The key by which a caller's repeated request is known: each user, service and grant has keys of its own, so
 * that none gets what another began. A blank is in no key that is sent.
 */
export function toKeyOf(caller: Caller, key: string): string {
  switch (caller.kind) {
    case 'user':
      return key;
    case 'service':
      return `service ${caller.client} ${key}`;
    case 'grant':
      return `grant ${caller.grantId} ${key}`;
  }
}

const MAX_KEY_CHARACTERS = 255;

/**
 * The `Idempotency-Key` header, if there is one. Refuses `idempotency_key_invalid`.
 * @param reserved how many characters are added to it later
 */
export function idempotencyKeyOf(
  headers: APIGatewayProxyEventV2['headers'],
  reserved = 0,
): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY_CHARACTERS - reserved) {
    throw new Refusal('idempotency_key_invalid', { field: 'Idempotency-Key' });
  }
  return key;
}
