import { normaliseContentType } from '@sluice/contract/content-types';
import { Refusal } from '@sluice/contract/refusals';
import { toExactSize } from '@sluice/contract/size-text';
import type { Declaration, Upload } from '@sluice/contract/upload';
import type { GrantLimits, UploadGrant } from './grant.ts';

// All that a grant allows and refuses is decided here, by its row. The ledger holds the count and the bytes
// in the same write as the upload's row, and asks here for the reason where they do not hold.

/** Refuses what has ended: `grant_revoked`, `session_expired`. */
export function refuseEnded(grant: Pick<UploadGrant, 'revokedAt' | 'expiresAt'>, now: number): void {
  if (grant.revokedAt !== undefined) throw new Refusal('grant_revoked');
  if (now >= grant.expiresAt) throw new Refusal('session_expired');
}

/** What a check needs to know of a grant. */
export type GrantTerms = GrantLimits &
  Pick<UploadGrant, 'metadata' | 'expiresAt' | 'revokedAt' | 'takenUploads' | 'takenBytes'>;

/** Refuses what goes beyond the count and the bytes: `grant_uploads_used_up`, `grant_bytes_used_up`. */
export function refuseUsedUp(grant: GrantTerms, bytes: number): void {
  const { uploads, bytes: left } = leftOf(grant);
  if (uploads !== undefined && uploads < 1) {
    throw new Refusal('grant_uploads_used_up', {
      detail: `The grant is for ${grant.uploads} ${grant.uploads === 1 ? 'file' : 'files'}, and none is left.`,
    });
  }
  if (left !== undefined && bytes > left) {
    throw new Refusal('grant_bytes_used_up', {
      field: 'size',
      detail: `The file may have up to ${toExactSize(bytes)}, and the grant has ${toExactSize(left)} left.`,
    });
  }
}

type Wish = Declaration & { readonly policy?: string };

/**
 * What a client wants to upload, as its grant has it: with the grant's policy, metadata and limits. Where no
 * size is declared, the file may have as many bytes as the grant has left. Refuses `policy_not_granted`,
 * `type_not_allowed`, and what refuseEnded refuses.
 */
export function toGranted<W extends Wish>(grant: GrantTerms, wish: W, now: number): W {
  refuseEnded(grant, now);
  const policy = grant.policy ?? wish.policy;
  if (wish.policy !== undefined && wish.policy !== policy) {
    throw new Refusal('policy_not_granted', { field: 'policy', detail: `The grant is for ${policy}.` });
  }
  const type = normaliseContentType(wish.contentType);
  if (grant.types?.includes(type) === false) {
    throw new Refusal('type_not_allowed', {
      field: 'contentType',
      detail: `The grant takes ${grant.types.join(', ')}, not ${type}.`,
    });
  }
  const { bytes } = leftOf(grant);
  if (wish.size === undefined) refuseUsedUp(grant, 1);
  const most = [wish.maxBytes, grant.maxBytes, wish.size === undefined ? bytes : undefined].filter(
    (limit) => limit !== undefined,
  );
  return {
    ...wish,
    ...(policy !== undefined && { policy }),
    ...(most.length > 0 && { maxBytes: Math.min(...most) }),
    metadata: { ...wish.metadata, ...grant.metadata },
  };
}

/** What is left of a grant; a limit that it does not have is absent. */
export function leftOf({ uploads, bytes, takenUploads, takenBytes }: GrantTerms): {
  readonly uploads?: number;
  readonly bytes?: number;
} {
  return {
    ...(uploads !== undefined && { uploads: Math.max(0, uploads - takenUploads) }),
    ...(bytes !== undefined && { bytes: Math.max(0, bytes - takenBytes) }),
  };
}

/** True for an upload that was made under a grant, for the owner that the grant is for. */
export function isUnder(grant: UploadGrant, { tenant, subject, grantId }: Upload): boolean {
  return grantId === grant.id && tenant === grant.tenant && subject === grant.subject;
}
