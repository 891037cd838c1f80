import { Refusal } from '@sluice/contract/refusals';
import type { Owner } from '@sluice/contract/upload';

/** Owners and tenants that an operator has blocked. */
export type Blocks = {
  /** Whether this owner is blocked, or everybody of their tenant; as it is now. */
  has(owner: Owner): Promise<boolean>;
};

/** The same, for operators. Without a subject, everybody of the tenant is meant. Safe to repeat. */
export type BlockList = {
  add(whose: Blocked, blockedAt: number): Promise<void>;
  remove(whose: Blocked): Promise<void>;
  /** Whether exactly this one is blocked. */
  holds(whose: Blocked): Promise<boolean>;
};

export type Blocked = { readonly tenant: string; readonly subject?: string };

/**
 * Refuses, as `owner_blocked`, what would give a blocked owner something new: an upload, a grant, a session.
 * Whoever calls for them is refused, too.
 */
export async function refuseBlocked(blocks: Blocks | undefined, owner: Owner): Promise<void> {
  if (await blocks?.has(owner)) throw new Refusal('owner_blocked');
}
