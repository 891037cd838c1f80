import type { ContentType } from './content-types.ts';

/** One policy: what may be uploaded under it. The team edits src/policies.ts, nothing else. */
export type Policy = {
  /** one line for people */
  readonly title: string;
  /** the content types it takes; only those that can be held against the bytes compile (see content-types.ts) */
  readonly types: readonly ContentType[];
  readonly minBytes: number;
  readonly maxBytes: number;
  /** whether the client must declare a checksum */
  readonly checksum: 'optional' | 'required';
  readonly urlExpiresInSeconds: number;
  /** the metadata keys a client may send; any key when absent */
  readonly metadataKeys?: readonly string[];
};

export type Policies = Readonly<Record<string, Policy>>;
