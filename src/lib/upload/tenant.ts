import { createHash } from 'node:crypto';

const PLAIN = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HASHED = 'h-';

/**
 * The key-safe name of a tenant. A plain claim is used unchanged; any other is hashed, so that no two tenants
 * share a name and no name can lead into another tenant's keys. A claim has to be well formed: SHA-256 is of
 * its UTF-8.
 */
export function toTenant(claim: string): string {
  return PLAIN.test(claim) && !claim.startsWith(HASHED)
    ? claim
    : HASHED + createHash('sha256').update(claim).digest('hex').slice(0, 40);
}
