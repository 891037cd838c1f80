import { leftOf } from '../grant/check.ts';
import type { UploadGrant } from '../grant/grant.ts';

/** A grant as whoever made it sees it: without its token, which is told once. Times are ISO 8601. */
export function toGrantResource(grant: UploadGrant) {
  const { tenant, subject, revokedAt, takenUploads, takenBytes } = grant;
  return {
    id: grant.id,
    owner: { tenant, subject },
    policy: grant.policy,
    types: grant.types,
    maxBytes: grant.maxBytes,
    uploads: grant.uploads,
    bytes: grant.bytes,
    metadata: grant.metadata,
    reference: grant.reference,
    createdAt: new Date(grant.createdAt).toISOString(),
    expiresAt: new Date(grant.expiresAt).toISOString(),
    revokedAt: revokedAt === undefined ? undefined : new Date(revokedAt).toISOString(),
    taken: { uploads: takenUploads, bytes: takenBytes },
    left: leftOf(grant),
  };
}

/** What Uppy is given as the address of its Companion server. */
export function toCompanionUrl(apiUrl: string, token: string): string {
  return `${apiUrl}/uppy/${token}`;
}
