/** How many files and bytes somebody may have. What is absent has no limit. */
export type QuotaLimits = { readonly files?: number; readonly bytes?: number };

/** What one owner, and all owners of a tenant together, may have of the files of a policy. */
export type QuotaRules = { readonly owner?: QuotaLimits; readonly tenant?: QuotaLimits };

/**
 * What an upload is counted in: all files of its owner or its tenant, those of its policy alone, and what its
 * owner has requested and not finished.
 */
export const COUNTERS = ['owner', 'tenant', 'owner-policy', 'tenant-policy', 'unfinished'] as const;

export type Counter = (typeof COUNTERS)[number];
