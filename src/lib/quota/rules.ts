import type { Counter, QuotaLimits, QuotaRules } from '@sluice/contract/quota';

/** What a deployment counts, and the limits that it sets for all. */
export type QuotaSettings = {
  /** whose files are counted, though no limit be set for all: an operator may have set one for somebody */
  readonly counted: readonly ('owner' | 'tenant')[];
  readonly owner: QuotaLimits;
  readonly tenant: QuotaLimits;
  /** uploads of one owner that were requested and have not ended */
  readonly unfinished?: number;
};

/** The counters that an upload under a policy is in, with the limits set for all. */
export function countersOf(
  { counted, owner, tenant, unfinished }: QuotaSettings,
  { quota }: { readonly quota?: QuotaRules },
): readonly { readonly counter: Counter; readonly limits: QuotaLimits }[] {
  return [
    ...(isCounted('owner', counted, owner) ? [{ counter: 'owner' as const, limits: owner }] : []),
    ...(isCounted('tenant', counted, tenant) ? [{ counter: 'tenant' as const, limits: tenant }] : []),
    ...(quota?.owner === undefined ? [] : [{ counter: 'owner-policy' as const, limits: quota.owner }]),
    ...(quota?.tenant === undefined ? [] : [{ counter: 'tenant-policy' as const, limits: quota.tenant }]),
    ...(unfinished === undefined ? [] : [{ counter: 'unfinished' as const, limits: { files: unfinished } }]),
  ];
}

function isCounted(
  whose: 'owner' | 'tenant',
  counted: QuotaSettings['counted'],
  { files, bytes }: QuotaLimits,
): boolean {
  return counted.includes(whose) || files !== undefined || bytes !== undefined;
}
