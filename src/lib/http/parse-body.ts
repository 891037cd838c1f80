import { Refusal } from '@sluice/contract/refusals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { parseJson } from './parse-json.ts';
import { isRefusalCode, type Refusing } from './refused-as.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_FIELD_CHARACTERS = 200;

/** The part of an event that a body is read from. */
export type WithBody = Pick<APIGatewayProxyEventV2, 'body' | 'headers' | 'isBase64Encoded'>;

/**
 * The body of a JSON request, as the schema describes it. Refuses what `readBody`, `parseJson` and `check`
 * refuse.
 */
export function parseBody<Schema extends Refusing>(
  schema: Schema,
  event: WithBody,
  maxBytes?: number,
): v.InferOutput<Schema> {
  return check(schema, parseJson(readBody(event, maxBytes)));
}

/** The bytes of a JSON request. Refuses `body_missing`, `body_too_large`, `media_type_unsupported`. */
export function readBody(event: WithBody, maxBytes = MAX_BODY_BYTES): Uint8Array {
  const { body, isBase64Encoded } = event;
  if (!body) throw new Refusal('body_missing');
  if (body.length > maxBytes * (isBase64Encoded ? 4 / 3 : 1) + 4) throw new Refusal('body_too_large');
  if (mediaTypeOf(event) !== 'application/json') throw new Refusal('media_type_unsupported');
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes) throw new Refusal('body_too_large');
  return bytes;
}

/** The content type of a request's body without its parameters, in lower case. */
export function mediaTypeOf({ headers }: Pick<WithBody, 'headers'>): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
}

/**
 * A value as the schema describes it. The first issue becomes the refusal that the schema names for it, with
 * the path of the field at fault. Refuses `field_unknown`, `field_missing`, `body_malformed` and the codes
 * that the schema names.
 */
export function check<Schema extends Refusing>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw toRefusal(result.issues[0]);
}

function toRefusal(issue: v.BaseIssue<unknown>): Refusal {
  // The caller chooses the names of fields: of an unknown one, only enough is shown and logged to recognise
  // it.
  const field = v.getDotPath(issue)?.slice(0, MAX_FIELD_CHARACTERS);
  const at = field === undefined ? {} : { field };
  if (issue.type === 'strict_object' && issue.expected === 'never') return new Refusal('field_unknown', at);
  if (issue.input === undefined && field !== undefined) return new Refusal('field_missing', at);
  if (!isRefusalCode(issue.message)) throw new Error('a schema that names no refusal');
  return new Refusal(issue.message, at);
}
