import type { Source } from './source.ts';
import type { Flaw } from './zip-end.ts';

/** A binary file as the formats see it. */
export type Bytes = Source & {
  /** whether the prefix is all of it */
  readonly isWhole: boolean;
  /** the canonical name of the type that was declared */
  readonly declared: string;
};

/**
 * What a binary file is: the types that it can be taken for, the narrowest first, or why it is not what it
 * begins like.
 */
export type Signature =
  | { readonly types: readonly string[] }
  | (Flaw & { readonly beginsAs: string })
  /** of one of these types, and readable only with a password */
  | { readonly encrypted: readonly string[] };

/** One format. Undefined if the bytes do not begin like that format. */
export type Probe = (bytes: Bytes) => Signature | undefined | Promise<Signature | undefined>;
