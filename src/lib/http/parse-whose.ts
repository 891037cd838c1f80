import type { Service, User } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import { isName } from '../caller/claims.ts';
import { actsFor } from '../upload/access.ts';
import { toTenant } from '../upload/tenant.ts';

/**
 * Whose uploads a listing is of: the caller's own, or those of the tenant that a service asks for by
 * `tenant`, or of one user of it, by `owner`. The tenant may be left out by a service that acts for only one.
 * Refuses `owner_not_allowed`, `owner_filter_invalid`, `tenant_not_served`.
 */
export function parseWhose(
  query: Readonly<Record<string, string | undefined>> = {},
  caller: User | Service,
): { readonly tenant: string; readonly subject?: string } {
  const { tenant, owner } = query;
  if (caller.kind === 'user') {
    const named = ['tenant', 'owner'].find((name) => query[name] !== undefined);
    if (named !== undefined) throw new Refusal('owner_not_allowed', { field: named });
    return { tenant: caller.tenant, subject: caller.subject };
  }
  const served = tenant === undefined ? caller.tenant : nameIn('tenant', tenant);
  if (served === undefined) throw new Refusal('owner_filter_invalid', { field: 'tenant' });
  const name = tenant === undefined ? served : toServedTenant(served);
  if (!actsFor(caller, name)) throw new Refusal('tenant_not_served', { field: 'tenant' });
  return { tenant: name, ...(owner !== undefined && { subject: nameIn('owner', owner) }) };
}

function nameIn(field: string, text: string): string {
  if (!isName(text)) throw new Refusal('owner_filter_invalid', { field });
  return text;
}

const HASHED = /^h-[0-9a-f]{40}$/;

/**
 * A tenant by what users' tokens call it, or by the name that uploads and events have for it. They differ
 * only where that is a digest (tenant.ts), and no token's tenant is one by accident.
 */
export function toServedTenant(text: string): string {
  return HASHED.test(text) ? text : toTenant(text);
}
