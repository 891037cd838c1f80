import { type Caller, SCOPES, type Scope } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import { toTenant } from '../upload/tenant.ts';

/** What a token says, once its signature, issuer and times have been verified. */
export type Claims = Readonly<Record<string, unknown>>;

/** The scopes of the stack's own pool stand behind the name of their resource server (infra/callers.yml). */
const PREFIX = 'sluice/';

/** Whose tokens are taken, by the claims that tell users' from services'. */
export type Audiences =
  /** the stack's own pool: users log in with one client of it, services have clients of their own */
  | { readonly kind: 'pool'; readonly userClient: string }
  /** an issuer of the team's; without `service` it has no services */
  | { readonly kind: 'issuer'; readonly user: string; readonly service?: string };

/**
 * Who calls with a token: a user or a service, and never what could be both. Undefined where the token is for
 * somebody else. Refuses `tenant_missing`.
 */
export function toCaller(claims: Claims, audiences: Audiences, tenantClaim: string): Caller | undefined {
  const kind = audiences.kind === 'pool' ? kindInPool(claims, audiences) : kindByAudience(claims, audiences);
  if (kind === 'user') {
    return {
      kind,
      tenant: toTenant(nameIn(claims, tenantClaim)),
      subject: nameIn(claims, 'sub'),
    };
  }
  if (kind === 'service') {
    const client = nameIn(claims, ['client_id', 'azp', 'sub'].find((name) => isName(claims[name])) ?? 'sub');
    const scopes = scopesIn(claims);
    if (scopes.includes('tenants')) return { kind, client, scopes };
    // `sub` is the service itself, and no tenant has its name.
    if (tenantClaim === 'sub') throw new Refusal('tenant_missing');
    return { kind, client, scopes, tenant: toTenant(nameIn(claims, tenantClaim)) };
  }
  return undefined;
}

/**
 * Cognito gives an access token no `aud`. One that a client got for itself has the client as `sub`, where
 * those of people have an id that no client has. Other clients than ours may be services, too: they have what
 * scopes the team gave them, each behind our prefix.
 */
function kindInPool(claims: Claims, { userClient }: { readonly userClient: string }) {
  if (audiencesOf(claims).includes(userClient)) return 'user';
  const { aud, client_id: client, sub, token_use: use } = claims;
  const isForItself = aud === undefined && use === 'access' && client !== undefined && client === sub;
  return isForItself && textsIn(claims.scope).some((scope) => scope.startsWith(PREFIX))
    ? 'service'
    : undefined;
}

function kindByAudience(
  claims: Claims,
  { user, service }: { readonly user: string; readonly service?: string },
) {
  const audiences = audiencesOf(claims);
  const isUser = audiences.includes(user);
  const isService = service !== undefined && audiences.includes(service);
  if (isUser && isService) return undefined;
  if (isUser) return 'user';
  return isService ? 'service' : undefined;
}

/** `aud`, or where a token has none, `client_id`: as API Gateway's own authorizer for tokens reads them. */
function audiencesOf({ aud, client_id: client }: Claims): readonly unknown[] {
  if (aud === undefined) return [client];
  return Array.isArray(aud) ? aud : [aud];
}

/** By `scope`, as RFC 8693 has it, or by the lists that other issuers write. */
function scopesIn({ scope, scp, permissions }: Claims): readonly Scope[] {
  const named = [scope, scp, permissions]
    .flatMap(textsIn)
    .map((name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name));
  return SCOPES.filter((known) => named.includes(known));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ');
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Beyond this, a key of the ledger would be longer than DynamoDB allows. */
const MAX_NAME_BYTES = 1_024;

/** Whether a text can name a tenant or a subject. */
export function isName(value: unknown): value is string {
  // Half a surrogate pair has no UTF-8: hashed or stored, all callers with one would be the same.
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.isWellFormed() &&
    Buffer.byteLength(value) <= MAX_NAME_BYTES
  );
}

function nameIn(claims: Claims, claim: string): string {
  const value = claims[claim];
  // API Gateway's own authorizer passed whole numbers on as text, and tenants have such names.
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (!isName(text)) throw new Refusal('tenant_missing');
  return text;
}
