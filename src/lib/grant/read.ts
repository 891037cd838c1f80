import type { Caller } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import type { Grants, UploadGrant } from './grant.ts';

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
