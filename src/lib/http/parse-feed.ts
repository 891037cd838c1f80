import type { Service } from '@sluice/contract/caller';
import { EVENT_TYPES, type EventType } from '@sluice/contract/event';
import { Refusal } from '@sluice/contract/refusals';
import { isName } from '../caller/claims.ts';
import { type FeedCursor, parseFeedCursor } from '../event/cursor.ts';
import type { FeedFilter } from '../event/ports.ts';
import { actsFor } from '../upload/access.ts';
import { parseLimit } from './parse-page.ts';
import { toServedTenant } from './parse-whose.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** What a call of `GET /events` asks for. */
export type FeedRequest = FeedFilter & {
  readonly limit: number;
  /** where to begin: at a cursor, at a time (milliseconds since the epoch), or at the oldest event */
  readonly from: FeedCursor | { readonly since: number } | undefined;
};

/**
 * What a query asks of the feed. A parameter without a value is refused, as of every list. Refuses
 * `cursor_invalid`, `since_invalid`, `event_type_unknown`, `limit_invalid`, `owner_filter_invalid`,
 * `tenant_not_served`.
 */
export function parseFeed(query: Query = {}, caller: Service): FeedRequest {
  const tenant = tenantOf(query, caller);
  const types = typesOf(query.type);
  return {
    from: startOf(query),
    limit: parseLimit(query.limit),
    ...(types && { types }),
    ...(tenant !== undefined && { tenant }),
  };
}

function startOf({ after, since }: Query): FeedRequest['from'] {
  if (since !== undefined) {
    const time = toTime(since);
    if (time === undefined || after !== undefined) throw new Refusal('since_invalid', { field: 'since' });
    return { since: time };
  }
  if (after === undefined) return undefined;
  const cursor = parseFeedCursor(after);
  if (cursor === undefined) throw new Refusal('cursor_invalid', { field: 'after' });
  return cursor;
}

// Date.parse alone would take `1`, and read times without a zone by that of the machine.
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function toTime(text: string): number | undefined {
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return time >= 0 ? time : undefined;
}

/** A query that repeats a name reaches us with its values in one text, with commas between. */
function typesOf(text: string | undefined): readonly EventType[] | undefined {
  if (text === undefined) return undefined;
  return [...new Set(text.split(','))].map((named) => {
    const type = EVENT_TYPES.find((known) => known === named);
    if (type === undefined) throw new Refusal('event_type_unknown', { field: 'type' });
    return type;
  });
}

/** Undefined for all tenants. */
function tenantOf({ tenant }: Query, caller: Service): string | undefined {
  if (tenant === undefined) return caller.tenant;
  if (!isName(tenant)) throw new Refusal('owner_filter_invalid', { field: 'tenant' });
  const name = toServedTenant(tenant);
  if (!actsFor(caller, name)) throw new Refusal('tenant_not_served', { field: 'tenant' });
  return name;
}
