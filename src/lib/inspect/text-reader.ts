import type { Findings } from './file.ts';

/** Reads a text's bytes as they come, in UTF-8, and says what they were. */
export type TextReader = {
  /** false once nothing more can be said */
  readonly read: (chunk: Buffer) => boolean;
  /** the facts, after the last chunk; `isCut` if the text ended at a flaw of its encoding */
  readonly end: (isCut: boolean) => Findings['facts'];
};
