import { CHECKSUM_ALGORITHMS, isChecksumValue } from '@sluice/contract/checksum';
import { normaliseContentType, toDeclaredType } from '@sluice/contract/content-types';
import { Refusal, type RefusalCode } from '@sluice/contract/refusals';
import { TRANSPORTS } from '@sluice/contract/upload';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import type { Intent } from '../upload/request.ts';
import { parseBody } from './parse-body.ts';

const MAX_METADATA_BYTES = 2048;

// A schema's message is the code of the refusal.
function code(name: RefusalCode) {
  return name;
}

const MAX_CONTENT_TYPE_CHARACTERS = 255;

// RFC 9110, section 8.3.1, and a little more: browsers write `video/webm;codecs=vp9,opus` without the quotes that a
// comma needs. Blanks stand in one place only, so that matching is linear in the length of the text.
const MEDIA_TYPE =
  /^[a-z0-9][\w.+-]*\/[a-z0-9][\w.+-]*[\t ]*(?:;[\t ]*(?:[\w!#$&^.+-]+=(?:"[^"\\\p{Cc}]*"|[^\s";]+)[\t ]*)?)*$/iu;

/** `type/subtype`, with parameters or without, by the one name that Sluice uses for it. */
export const ContentType = v.pipe(
  v.string(code('content_type_invalid')),
  v.maxLength(MAX_CONTENT_TYPE_CHARACTERS, code('content_type_invalid')),
  v.regex(MEDIA_TYPE, code('content_type_invalid')),
  v.transform(normaliseContentType),
);

const Size = v.pipe(
  v.number(code('size_invalid')),
  v.safeInteger(code('size_invalid')),
  v.minValue(0, code('size_invalid')),
);

const ChecksumField = v.pipe(
  v.strictObject(
    {
      algorithm: v.picklist(CHECKSUM_ALGORITHMS, code('checksum_invalid')),
      value: v.string(code('checksum_invalid')),
    },
    code('checksum_invalid'),
  ),
  v.check(({ algorithm, value }) => isChecksumValue(algorithm, value), code('checksum_invalid')),
);

// valibot takes a list for an object, and drops keys that could reach a prototype instead of refusing them.
function plainObject(message: RefusalCode) {
  return v.custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    message,
  );
}

const RESERVED_KEY = /^(sluice-|x-amz-|aws:)/i;
const PROTOTYPE_KEYS = ['__proto__', 'constructor', 'prototype'];

export const Metadata = v.pipe(
  plainObject('metadata_invalid'),
  v.check(
    (metadata) => !PROTOTYPE_KEYS.some((key) => Object.hasOwn(metadata, key)),
    code('metadata_key_reserved'),
  ),
  v.record(
    v.pipe(
      v.string(code('metadata_invalid')),
      v.check((key) => !RESERVED_KEY.test(key), code('metadata_key_reserved')),
      v.regex(/^[\w.-]{1,128}$/, code('metadata_invalid')),
    ),
    v.string(code('metadata_invalid')),
    code('metadata_invalid'),
  ),
  v.check(
    (metadata) =>
      Object.entries(metadata).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0) <=
      MAX_METADATA_BYTES,
    code('metadata_too_large'),
  ),
);

const IntentBody = v.pipe(
  plainObject('body_malformed'),
  v.strictObject(
    {
      filename: v.string(code('filename_invalid')),
      contentType: ContentType,
      size: Size,
      checksum: v.exactOptional(ChecksumField),
      policy: v.exactOptional(v.string(code('policy_unknown'))),
      metadata: v.exactOptional(Metadata),
      transport: v.exactOptional(v.picklist(TRANSPORTS, code('transport_invalid'))),
    },
    code('body_malformed'),
  ),
);

/** The body of `POST /uploads`. Refuses whatever is wrong with it, naming the field. */
export function parseIntent(
  event: Pick<APIGatewayProxyEventV2, 'body' | 'headers' | 'isBase64Encoded'>,
): Intent {
  const { metadata = {}, ...intent } = parseBody(IntentBody, event);
  return { ...intent, contentType: toDeclaredType(intent), metadata };
}

const MAX_KEY_CHARACTERS = 255;

/** The `Idempotency-Key` header, if there is one. Refuses `idempotency_key_invalid`. */
export function idempotencyKeyOf(headers: APIGatewayProxyEventV2['headers']): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY_CHARACTERS) {
    throw new Refusal('idempotency_key_invalid', { field: 'Idempotency-Key' });
  }
  return key;
}
