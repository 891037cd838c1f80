import { UsageError } from '../complaint.ts';
import type { Options } from '../options.ts';

/** Whose uploads are meant, by commands of an owner or a tenant. */
export const OWNER_OPTIONS = {
  tenant: { type: 'string', value: 'name', help: 'whose: all of this tenant, by its key-safe name' },
  owner: { type: 'string', value: 'sub', help: 'whose: of this owner alone, by the sub of their tokens' },
} as const satisfies Options;

/** A tenant, or one owner of it. Without a tenant, every owner is one of their own. Throws UsageError. */
export function requireOwner({
  tenant,
  owner,
}: {
  readonly tenant?: string | undefined;
  readonly owner?: string | undefined;
}): { readonly tenant: string; readonly subject?: string } {
  if (tenant !== undefined) return { tenant, ...(owner !== undefined && { subject: owner }) };
  if (owner !== undefined) return { tenant: owner, subject: owner };
  throw new UsageError('Whose? Name --tenant, --owner, or both.');
}
