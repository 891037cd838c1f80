import { type Caller, SCOPES } from '@sluice/contract/caller';
import { REFUSALS, type RefusalCode } from '@sluice/contract/refusals';
import { isName } from './claims.ts';

/** A caller, and until when its token is good: milliseconds since the epoch. */
export type Known = { readonly caller: Caller; readonly expiresAt: number };

/**
 * What the authorizer hands to functions: flat texts and numbers, as API Gateway passes them on. A token that
 * is not good becomes the refusal that the function makes of it: API Gateway would answer all of them with
 * 403, and clients log in again after a 401.
 */
export type CallContext = Readonly<Record<string, string | number>>;

export function toContext({ caller, expiresAt }: Known): CallContext {
  switch (caller.kind) {
    case 'user':
      return { kind: 'user', tenant: caller.tenant, subject: caller.subject, expiresAt };
    case 'grant':
      return {
        kind: 'grant',
        tenant: caller.tenant,
        subject: caller.subject,
        grant: caller.grantId,
        expiresAt,
      };
    case 'service':
      return {
        kind: 'service',
        client: caller.client,
        scopes: caller.scopes.join(' '),
        ...(caller.tenant !== undefined && { tenant: caller.tenant }),
        expiresAt,
      };
  }
}

/**
 * The reverse of toContext: who calls, or why nobody does. What no authorizer of ours wrote is
 * `token_invalid`, so that a route that was left without it lets nobody in.
 */
export function parseContext(context: unknown): Known | { readonly refused: RefusalCode } {
  if (typeof context !== 'object' || context === null) return { refused: 'token_invalid' };
  const { kind, tenant, subject, client, scopes, grant, expiresAt, refused }: CallContext = { ...context };
  if (refused !== undefined) return { refused: isRefusal(refused) ? refused : 'token_invalid' };
  const until = { expiresAt: Number(expiresAt) };
  if (!Number.isFinite(until.expiresAt)) return { refused: 'token_invalid' };
  if (kind === 'user' && isName(tenant) && isName(subject)) {
    return { caller: { kind, tenant, subject }, ...until };
  }
  if (kind === 'grant' && isName(tenant) && isName(subject) && isName(grant)) {
    return { caller: { kind, tenant, subject, grantId: grant }, ...until };
  }
  if (kind === 'service' && isName(client) && typeof scopes === 'string') {
    const words = scopes.split(' ');
    const service = { kind, client, scopes: SCOPES.filter((scope) => words.includes(scope)) } as const;
    // Whoever reads the caller takes one without a tenant for one that acts for all.
    if (tenant === undefined && service.scopes.includes('tenants')) return { caller: service, ...until };
    if (isName(tenant)) return { caller: { ...service, tenant }, ...until };
  }
  return { refused: 'token_invalid' };
}

function isRefusal(code: string | number): code is RefusalCode {
  return Object.hasOwn(REFUSALS, code);
}
