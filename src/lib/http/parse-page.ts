import { Refusal } from '@sluice/contract/refusals';
import { STATES, type State } from '@sluice/contract/state';
import { isReference } from './reference.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

type Page = {
  readonly limit: number;
  readonly state?: State;
  readonly reference?: string;
  readonly cursor?: string;
};

/**
 * The page of a listing that a query asks for. A parameter without a value is refused, not ignored: otherwise
 * a client that lost its cursor would begin the list again for ever. Refuses `state_filter_invalid`,
 * `reference_filter_invalid`, `limit_invalid`, `cursor_invalid`.
 */
export function parsePage(query: Readonly<Record<string, string | undefined>> = {}): Page {
  const { state: named, reference, limit: text, cursor } = query;
  const state = STATES.find((known) => known === named);
  if (named !== undefined && state === undefined) {
    throw new Refusal('state_filter_invalid', { field: 'state' });
  }
  if (reference !== undefined && !isReference(reference)) {
    throw new Refusal('reference_filter_invalid', { field: 'reference' });
  }
  const limit = parseLimit(text);
  if (cursor === '') throw new Refusal('cursor_invalid', { field: 'cursor' });
  return {
    limit,
    ...(state && { state }),
    ...(reference !== undefined && { reference }),
    ...(cursor !== undefined && { cursor }),
  };
}

/** Whether a listing is of the tenant, and not of the caller's own. Refuses `scope_invalid`. */
export function isOfTenant({ scope = 'own' }: Readonly<Record<string, string | undefined>> = {}): boolean {
  if (scope !== 'own' && scope !== 'tenant') throw new Refusal('scope_invalid', { field: 'scope' });
  return scope === 'tenant';
}

/** How many a page of a list holds at most; 50 if the query does not say. Refuses `limit_invalid`. */
export function parseLimit(text: string = String(DEFAULT_LIMIT)): number {
  // Number() alone would accept 0x64, 1e2 and blanks.
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) throw new Refusal('limit_invalid', { field: 'limit' });
  return limit;
}
