import type { Caller, Grantee } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { Grants, UploadGrant } from './grant.ts';
import type { GrantTokens } from './token.ts';
import type { TokenKeys } from './token-keys.ts';

// A grant's id goes into the ledger's keys and addresses.
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A grant that a caller may see: a person's own that they made themself, a service's tenant's, and whoever
 * has a grant that one. Any other, an unknown one and a malformed id are all refused as `grant_not_found`.
 */
export async function readGrant(
  grants: Pick<Grants, 'read'>,
  caller: Caller,
  id: string,
): Promise<UploadGrant> {
  const grant = ID.test(id) ? await grants.read(id) : undefined;
  if (grant === undefined || !maySee(caller, grant)) throw new Refusal('grant_not_found');
  return grant;
}

function maySee(caller: Caller, { id, tenant, subject, createdBy }: UploadGrant): boolean {
  switch (caller.kind) {
    case 'user':
      return caller.tenant === tenant && caller.subject === subject && createdBy.kind === 'user';
    case 'service':
      return caller.tenant === undefined ? caller.scopes.includes('tenants') : caller.tenant === tenant;
    case 'grant':
      return caller.grantId === id;
  }
}

/**
 * The grant of a token that was found good. Refuses `session_invalid` if there is none: without its row, a
 * token is worth nothing, whoever has the key.
 */
export async function readGrantOf(
  grants: Pick<Grants, 'read'>,
  { grantId }: { readonly grantId: string },
): Promise<UploadGrant> {
  const grant = ID.test(grantId) ? await grants.read(grantId) : undefined;
  if (grant === undefined) throw new Refusal('session_invalid');
  return grant;
}

/** Whoever has a grant, with its row as it is now. */
export type Granted = Grantee & { readonly grant: UploadGrant };

/** A grant as a caller. */
export function toGrantee(grant: UploadGrant): Granted {
  return { kind: 'grant', tenant: grant.tenant, subject: grant.subject, grantId: grant.id, grant };
}

/**
 * When nothing may be signed any more for a caller: milliseconds since the epoch; undefined without a grant.
 */
export function endOf(caller: Caller | Granted): number | undefined {
  return 'grant' in caller ? caller.grant.expiresAt : undefined;
}

/** Reads the token of a grant: whose it is, and until when it is good. */
export type GrantReader = (
  token: string,
) => Promise<{ readonly caller: Grantee; readonly expiresAt: number }>;

/**
 * Reads a grant's token for the authorizer, whose answer is kept for minutes: that a grant was revoked in the
 * meantime is for each function to see. Refuses `token_invalid` and `token_expired`, as for every token in a
 * header.
 */
export function createGrantReader({
  keys,
  grants,
  now,
}: {
  readonly keys: TokenKeys<GrantTokens>;
  readonly grants: Pick<Grants, 'read'>;
  readonly now: () => number;
}): GrantReader {
  return async (token) => {
    try {
      const { grantId, expiresAt } = (await keys.tokens(token)).read(token, now());
      const { tenant, subject } = await readGrantOf(grants, { grantId });
      return { caller: { kind: 'grant', tenant, subject, grantId }, expiresAt };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.code === 'session_expired' ? 'token_expired' : 'token_invalid', {
        detail: error.message,
      });
    }
  };
}
