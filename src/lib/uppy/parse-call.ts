import { MAX_PARTS } from '@sluice/contract/part-plan';
import { Refusal } from '@sluice/contract/refusals';
import type { Declaration } from '@sluice/contract/upload';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { check, mediaTypeOf, parseBody, type WithBody } from '../http/parse-body.ts';
import { ContentType, Metadata } from '../http/parse-intent.ts';
import { ETag, MAX_PARTS_BODY_BYTES, PartNumber } from '../http/part-fields.ts';
import { looseBodyOf, refusedAs } from '../http/refused-as.ts';
import { toRoute, type UppyCall } from './call.ts';
import { toDeclaration, type UppyFile } from './file.ts';
import { parseCompletion } from './xml.ts';

const MAX_SIGNED_AT_ONCE = 1_000;

/**
 * The call of the Companion routes in an event. Uppy's base address may end in a slash.
 * Refuses what toRoute refuses, `field_missing`, `part_numbers_invalid`, and faults of a file's declaration.
 */
export function parseUppyCall(event: APIGatewayProxyEventV2): UppyCall {
  const { token, proxy = '' } = event.pathParameters ?? {};
  const path = token === undefined ? `s3/${proxy}` : proxy;
  const { kind, uploadId, partNumber } = toRoute(event.requestContext.http.method, path);
  // Not queryStringParameters, where API Gateway joins repeated parameters with commas.
  const query = new URLSearchParams(event.rawQueryString);
  const named = () => ({ uploadId, key: query.get('key') ?? missing('key') });
  switch (kind) {
    case 'params':
      return { kind, declaration: parseFile(fileInQuery(query)) };
    case 'create':
      return { kind, declaration: parseFile(fileInBody(event)) };
    case 'list':
    case 'repeat':
    case 'abort':
      return { kind, named: named() };
    case 'sign':
      return { kind, named: named(), partNumber: parsePartNumber(partNumber) };
    case 'batch':
      return { kind, named: named(), partNumbers: parsePartNumbers(query.get('partNumbers')) };
    case 'complete':
      return { kind, named: named(), parts: parseParts(event) };
  }
}

function missing(field: string): never {
  throw new Refusal('field_missing', { field, detail: `There is no ${field}.` });
}

const METADATA_NAME = /^metadata\[(.+)\]$/s;

function fileInQuery(query: URLSearchParams): UppyFile {
  return {
    filename: query.get('filename') ?? undefined,
    type: query.get('type') ?? undefined,
    metadata: Object.fromEntries(
      [...query].flatMap(([name, value]) => {
        const key = METADATA_NAME.exec(name)?.[1];
        return key === undefined ? [] : [[key, value]];
      }),
    ),
  };
}

// Not strict: versions of Uppy differ in what else they say.
const FileBody = looseBodyOf({
  filename: refusedAs('filename_invalid', v.optional(v.string())),
  type: refusedAs('content_type_invalid', v.nullish(v.string())),
  metadata: refusedAs('metadata_invalid', v.nullish(v.record(v.string(), v.unknown()))),
});

function fileInBody(event: WithBody): UppyFile {
  const { filename, type, metadata } = parseBody(FileBody, event);
  return { filename, type: type ?? undefined, metadata: metadata ?? {} };
}

const FileDeclaration = looseBodyOf({ contentType: ContentType, metadata: Metadata });

function parseFile(file: UppyFile): Declaration {
  const { filename = missing('filename'), size, ...rest } = toDeclaration(file);
  return { filename, ...check(FileDeclaration, rest), ...(size !== undefined && { size: parseSize(size) }) };
}

// A number in a body, its digits in a query.
function parseSize(told: unknown): number {
  const size = typeof told === 'string' && /^\d{1,16}$/.test(told) ? Number(told) : told;
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw new Refusal('size_invalid', {
    field: 'metadata.size',
    detail:
      'The metadata `size` is the size of the file in bytes, a whole number. Name anything else otherwise.',
  });
}

function parsePartNumber(text: string): number {
  const partNumber = Number(text);
  if (!/^\d{1,5}$/.test(text) || partNumber < 1 || partNumber > MAX_PARTS) {
    throw new Refusal('part_numbers_invalid', { detail: `Parts are numbered from 1 to ${MAX_PARTS}.` });
  }
  return partNumber;
}

function parsePartNumbers(text: string | null): readonly number[] {
  const texts = text?.split(',') ?? missing('partNumbers');
  if (texts.length > MAX_SIGNED_AT_ONCE) throw new Refusal('part_numbers_invalid');
  return texts.map(parsePartNumber);
}

const CompletionBody = looseBodyOf({
  parts: refusedAs(
    'part_numbers_invalid',
    v.pipe(v.array(v.object({ PartNumber, ETag })), v.minLength(1), v.maxLength(MAX_PARTS)),
  ),
});

function parseParts(event: WithBody): Extract<UppyCall, { kind: 'complete' }>['parts'] {
  const { parts } =
    mediaTypeOf(event) === 'application/xml'
      ? check(CompletionBody, { parts: parseCompletion(textOf(event)) })
      : parseBody(CompletionBody, event, MAX_PARTS_BODY_BYTES);
  return parts.map(({ PartNumber, ETag }) => ({ partNumber: PartNumber, etag: ETag }));
}

function textOf({ body = '', isBase64Encoded }: WithBody): string {
  if (body.length > MAX_PARTS_BODY_BYTES * 2) throw new Refusal('body_too_large');
  return isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
}
