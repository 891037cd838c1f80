/** One policy: what may be uploaded under it. The team edits src/policies.ts, nothing else. */
export type Policy = {
  /** one line for people */
  readonly title: string;
  /** the content types it takes, in lower case, without parameters */
  readonly types: readonly string[];
  readonly minBytes: number;
  readonly maxBytes: number;
  /** whether the client must declare a checksum */
  readonly checksum: 'optional' | 'required';
  readonly urlExpiresInSeconds: number;
  /** the metadata keys a client may send; any key when absent */
  readonly metadataKeys?: readonly string[];
};

export type Policies = Readonly<Record<string, Policy>>;
