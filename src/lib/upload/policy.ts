import type { ContentType } from '@sluice/contract/content-types';
import type { PolicyRules } from '@sluice/contract/policy-rules';

/**
 * One policy: what may be uploaded under it. The team edits src/policies.ts, nothing else.
 * `Own` is the union of the team's own types, so that a policy with any other does not compile.
 */
export type Policy<Own extends string = string> = PolicyRules & {
  /** the content types it takes; only those that can be held against the bytes compile (see type-table.ts) */
  readonly types: readonly (ContentType | Own)[];
};

/**
 * How many bytes an object may have under a policy, both ends included. A declaration may set a tighter
 * limit, never a wider one.
 */
export function sizeLimits(
  { minBytes, maxBytes }: Policy,
  declared: { readonly maxBytes?: number },
): { readonly min: number; readonly max: number } {
  return {
    min: minBytes,
    max: Math.min(maxBytes, declared.maxBytes ?? maxBytes),
  };
}

export type Policies<Own extends string = string> = Readonly<Record<string, Policy<Own>>>;
