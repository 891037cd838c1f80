import type { Encoding } from './encoding.ts';

/**
 * What a policy demands of a file besides its type, as `src/policies.ts` writes it and `GET /policies` tells
 * it.
 */
export type PolicyRules = {
  /** one line for people */
  readonly title: string;
  /**
   * the encodings that its texts may have beside UTF-8, of which a text is served with its own (see
   * encoding.ts); none when absent. JSON is UTF-8 in any case.
   */
  readonly encodings?: readonly Encoding[];
  readonly minBytes: number;
  readonly maxBytes: number;
  /** whether the client must declare a checksum */
  readonly checksum: 'optional' | 'required';
  readonly urlExpiresInSeconds: number;
  /**
   * what becomes of Office files with a password, in which nobody can look for macros; refused when absent
   */
  readonly encryptedOffice?: 'refused' | 'taken';
  /** the metadata keys a client may send; any key when absent */
  readonly metadataKeys?: readonly string[];
};
