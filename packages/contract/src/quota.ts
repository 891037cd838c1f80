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

/** What is in a counter, what it may hold, and what is left of that; a limit that there is not is absent. */
export type CounterUsage = {
  readonly files: number;
  /** absent where only files are counted */
  readonly bytes?: number;
  readonly limits: QuotaLimits;
  readonly left: QuotaLimits;
};

/** What an owner or a tenant has, as the API tells it. What is not counted is absent. */
export type Usage = {
  readonly tenant: string;
  /** absent of a tenant as a whole */
  readonly subject?: string;
  /** of all policies together */
  readonly all?: CounterUsage;
  /** of the policies that have a quota of their own, by their names */
  readonly policies: Readonly<Record<string, CounterUsage>>;
  /** uploads that were requested and have not ended; only of an owner */
  readonly unfinished?: CounterUsage;
};
