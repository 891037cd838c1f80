import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { REFUSALS, Refusal, type RefusalCode } from '../refusals.ts';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * The body of a JSON request, as the schema describes it. A schema's messages are refusal codes: the first issue
 * becomes the refusal, with the path of the field at fault.
 * Refuses `body_missing`, `body_too_large`, `media_type_unsupported`, `body_malformed`, `field_unknown`, `field_missing`
 * and the codes that the schema names.
 */
export const parseBody = <Schema extends v.GenericSchema>(
  schema: Schema,
  event: Pick<APIGatewayProxyEventV2, 'body' | 'headers' | 'isBase64Encoded'>,
): v.InferOutput<Schema> => {
  const { body, isBase64Encoded, headers } = event;
  if (!body) throw new Refusal('body_missing');
  if (body.length > MAX_BODY_BYTES * (isBase64Encoded ? 4 / 3 : 1) + 4) throw new Refusal('body_too_large');
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw new Refusal('media_type_unsupported');
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new Refusal('body_too_large');

  const result = v.safeParse(schema, parseJson(bytes), { abortEarly: true });
  if (result.success) return result.output;
  throw toRefusal(result.issues[0]);
};

const parseJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the body: it is not for the log, nor for the answer.
    throw new Refusal('body_malformed');
  }
};

const toRefusal = (issue: v.BaseIssue<unknown>): Refusal => {
  const field = v.getDotPath(issue) ?? undefined;
  const at = field === undefined ? {} : { field };
  if (issue.type === 'strict_object' && issue.expected === 'never') return new Refusal('field_unknown', at);
  if (issue.input === undefined && field !== undefined) return new Refusal('field_missing', at);
  return isRefusalCode(issue.message) ? new Refusal(issue.message, at) : new Refusal('body_malformed', at);
};

const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(REFUSALS, text);
