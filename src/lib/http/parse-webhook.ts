import { EVENT_TYPES } from '@sluice/contract/event';
import { Refusal } from '@sluice/contract/refusals';
import * as v from 'valibot';
import { SIGNATURE_KINDS } from '../webhook/endpoint.ts';
import type { EndpointWish } from '../webhook/manage.ts';
import { parseBody, type WithBody } from './parse-body.ts';
import { parsePage } from './parse-page.ts';
import { bodyOf, refusedAs } from './refused-as.ts';

/** Some of these words, at least one, and none of them twice. */
function someOf<const Word extends string>(
  refusal: 'webhook_types_invalid' | 'webhook_signatures_invalid',
  words: readonly Word[],
) {
  return v.exactOptional(
    refusedAs(
      refusal,
      v.pipe(
        v.array(v.picklist(words)),
        v.minLength(1),
        v.check((values) => new Set(values).size === values.length),
      ),
    ),
  );
}

const Wish = bodyOf({
  url: refusedAs('webhook_url_invalid', v.string()),
  types: someOf('webhook_types_invalid', EVENT_TYPES),
  signatures: someOf('webhook_signatures_invalid', SIGNATURE_KINDS),
});

const Rotation = bodyOf({
  version: refusedAs('webhook_version_wrong', v.pipe(v.number(), v.integer(), v.minValue(0))),
});

const Redelivery = bodyOf({
  event: refusedAs('event_id_invalid', v.pipe(v.string(), v.minLength(1), v.maxLength(255))),
});

/**
 * The endpoint that a body asks for: of all types and with both signatures, unless it says otherwise. Refuses
 * `webhook_url_invalid`, `webhook_types_invalid`, `webhook_signatures_invalid`, and what `parseBody` refuses.
 */
export function parseWebhook(event: WithBody): EndpointWish {
  const { url, types = EVENT_TYPES, signatures = SIGNATURE_KINDS } = parseBody(Wish, event);
  return { url, types, signatures };
}

/** The version of the secret that is to be replaced. Refuses `webhook_version_wrong`. */
export function parseRotation(event: WithBody): number {
  return parseBody(Rotation, event).version;
}

/** The id of the event that is to be delivered again. Refuses `event_id_invalid`. */
export function parseRedelivery(event: WithBody): string {
  return parseBody(Redelivery, event).event;
}

/** The page of a listing of deliveries. Refuses `limit_invalid` and `cursor_invalid`. */
export function parseDeliveryPage(query: Readonly<Record<string, string | undefined>> | undefined) {
  const { limit, cursor } = parsePage({ limit: query?.limit, cursor: query?.cursor });
  return { limit, ...(cursor !== undefined && { cursor }) };
}

const SCOPE = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The tenant that an open route is asked about; undefined for all. Refuses `route_not_found`. */
export function parseTenant(text: string | undefined): string | undefined {
  if (text === undefined || SCOPE.test(text)) return text;
  throw new Refusal('route_not_found');
}
