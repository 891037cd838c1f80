/** Why an upload was rejected. Stable: clients switch on it, docs/errors.md explains each. */
export const REJECT_REASONS = [
  'size_mismatch',
  'checksum_mismatch',
  'checksum_missing',
  'content_encoded',
  'type_unrecognised',
  'type_mismatch',
  'type_not_allowed',
  'text_malformed',
  'active_content',
  'encrypted',
  'policy_gone',
  'infected',
  'unscannable',
  'content_refused',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/**
 * The end of a verification: an expected result, recorded and never retried. `detail` is fit to show to the
 * caller.
 */
export type Verdict =
  | { readonly accepted: true; readonly servedType: string }
  | { readonly accepted: false; readonly reason: RejectReason; readonly detail: string };
