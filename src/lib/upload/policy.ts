import type { ContentType } from '@sluice/contract/content-types';
import type { Encoding } from '@sluice/contract/encoding';

/**
 * One policy: what may be uploaded under it. The team edits src/policies.ts, nothing else.
 * `Own` names the types of its own, so that a policy with any other does not compile.
 */
export type Policy<Own extends string = string> = {
  /** one line for people */
  readonly title: string;
  /** the content types it takes; only those that can be held against the bytes compile (see type-table.ts) */
  readonly types: readonly (ContentType | Own)[];
  /**
   * the encodings that its texts may have beside UTF-8, of which a text is served with its own (see encoding.ts); none
   * when absent. JSON is UTF-8 in any case.
   */
  readonly encodings?: readonly Encoding[];
  readonly minBytes: number;
  readonly maxBytes: number;
  /** whether the client must declare a checksum */
  readonly checksum: 'optional' | 'required';
  readonly urlExpiresInSeconds: number;
  /** what becomes of Office files with a password, in which nobody can look for macros; refused when absent */
  readonly encryptedOffice?: 'refused' | 'taken';
  /** the metadata keys a client may send; any key when absent */
  readonly metadataKeys?: readonly string[];
};

/** How many bytes an object may have under a policy, both ends included. A declaration may set a tighter limit, never a wider one. */
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
