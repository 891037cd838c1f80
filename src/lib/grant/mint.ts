import type { Service, User } from '@sluice/contract/caller';
import { Refusal } from '@sluice/contract/refusals';
import { toExactSize } from '@sluice/contract/size-text';
import type { Owner } from '@sluice/contract/upload';
import { choosePolicy } from '../upload/choose-policy.ts';
import type { Policies } from '../upload/policy.ts';
import { type Blocks, refuseBlocked } from './blocks.ts';
import type { GrantLimits, Grants, UploadGrant } from './grant.ts';
import type { GrantTokens } from './token.ts';

/** What a new grant is to allow, and for how long. */
export type GrantWish = GrantLimits & {
  readonly expiresInSeconds: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly reference?: string;
};

export type MintDeps = {
  readonly grants: Pick<Grants, 'record'>;
  readonly policies: Policies;
  readonly tokens: GrantTokens;
  readonly now: () => number;
  readonly newId: () => string;
  /** who gets no grant; nobody is blocked when absent */
  readonly blocks?: Blocks;
};

/**
 * Makes a grant, and the token that stands for it. Anybody who has the token can upload as the owner, within
 * the grant. Refuses `owner_blocked`, `policy_unknown`, `type_not_allowed`,
 * `session_max_bytes_invalid`, `metadata_key_unknown`.
 */
export async function mintGrant(
  { grants, policies, tokens, now, newId, blocks }: MintDeps,
  { tenant, subject }: Owner,
  caller: User | Service,
  { expiresInSeconds, metadata = {}, ...limits }: GrantWish,
): Promise<{ readonly grant: UploadGrant; readonly token: string }> {
  await refuseBlocked(blocks, { tenant, subject });
  refuseHopeless(policies, { ...limits, metadata });
  const createdAt = now();
  const grant: UploadGrant = {
    ...limits,
    metadata,
    id: newId(),
    tenant,
    subject,
    createdBy:
      caller.kind === 'user' ? { kind: 'user', id: caller.subject } : { kind: 'service', id: caller.client },
    createdAt,
    // Whole seconds, as in the token.
    expiresAt: (Math.floor(createdAt / 1000) + expiresInSeconds) * 1000,
    takenUploads: 0,
    takenBytes: 0,
  };
  await grants.record(grant);
  return { grant, token: tokens.issue({ grantId: grant.id, expiresAt: grant.expiresAt }) };
}

/**
 * If nothing could ever be uploaded, that is said now, and not to somebody who has already chosen a file.
 */
function refuseHopeless(
  policies: Policies,
  {
    policy: name,
    maxBytes,
    bytes,
    types = [],
    metadata,
  }: GrantLimits & { readonly metadata: Readonly<Record<string, string>> },
): void {
  for (const contentType of types) {
    choosePolicy(policies, { contentType, ...(name !== undefined && { policy: name }) });
  }
  if (name === undefined) return;
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
  if (policy === undefined) throw new Refusal('policy_unknown', { field: 'policy' });
  const detail = `The policy takes files from ${toExactSize(policy.minBytes)}.`;
  if (maxBytes !== undefined && maxBytes < policy.minBytes) {
    throw new Refusal('session_max_bytes_invalid', { field: 'maxBytes', detail });
  }
  if (bytes !== undefined && bytes < policy.minBytes) {
    throw new Refusal('grant_bytes_invalid', { field: 'bytes', detail });
  }
  const unknown = Object.keys(metadata).find((key) => policy.metadataKeys?.includes(key) === false);
  if (unknown !== undefined) throw new Refusal('metadata_key_unknown', { field: `metadata.${unknown}` });
}
