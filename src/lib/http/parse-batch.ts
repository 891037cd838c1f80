import { BATCH_MAX_UPLOADS } from '@sluice/contract/batch';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { MAX_REQUEST_BODY_BYTES } from './bounded-body.ts';
import { check, readBody, type WithBody } from './parse-body.ts';
import { idempotencyKeyOf } from './parse-intent.ts';
import { readJson } from './parse-json.ts';
import { bodyOf, refusedAs } from './refused-as.ts';

/** A hundred entries with all the metadata that one may have are a third of it. */
const MAX_REQUESTS_BODY_BYTES = MAX_REQUEST_BODY_BYTES;

function listOf<const Entry extends v.GenericSchema>(entry: Entry) {
  return refusedAs('batch_invalid', v.pipe(v.array(entry), v.minLength(1), v.maxLength(BATCH_MAX_UPLOADS)));
}

// What is wrong with an entry is for that entry's own answer to say, so nothing is said of them here.
const RequestsBody = bodyOf({ uploads: listOf(v.unknown()) });

const IdsBody = bodyOf({ ids: listOf(v.string()) });

/**
 * The entries of `POST /uploads/batch`, each to be parsed by itself. Refuses `batch_invalid` and what is
 * wrong with the body around them.
 */
export function parseRequests(event: WithBody): readonly unknown[] {
  return check(RequestsBody, readJson(readBody(event, MAX_REQUESTS_BODY_BYTES))).uploads;
}

/** The ids that a call is about. One that is no id is no mistake: there is no such upload. */
export function parseIds(event: WithBody): readonly string[] {
  return check(IdsBody, readJson(readBody(event))).ids;
}

/**
 * The idempotency key of each entry: that of the call, a dot and its position, counted from 0. So one entry
 * can be requested again by itself. Refuses `idempotency_key_invalid`.
 */
export function entryKeysOf(
  headers: APIGatewayProxyEventV2['headers'],
): (position: number) => string | undefined {
  const key = idempotencyKeyOf(headers, `.${BATCH_MAX_UPLOADS - 1}`.length);
  return (position) => (key === undefined ? undefined : `${key}.${position}`);
}
