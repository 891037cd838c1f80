import type { Encoding } from './encoding.ts';
import type { QuotaRules } from './quota.ts';
import type { Scanner } from './scan.ts';
import type { Readers } from './upload.ts';

/** Who may read the files of a policy. */
export type ReaderRules = {
  /** what a client may ask for, and an owner may change it to */
  readonly allowed: readonly Readers[];
  /** what an upload gets that asks for nothing; one of the allowed */
  readonly default: Readers;
  /**
   * whether everybody of a tenant finds those files of it that they may read in their own listing; only by
   * their ids when absent
   */
  readonly listed?: boolean;
};

/**
 * What may be found inside a file, and how much of it. Whatever goes beyond a limit is rejected, by its
 * numbers.
 */
export type InspectionRules = {
  /** the facts for which a file is rejected, such as `macros` or `archive.executables`; none when absent */
  readonly reject?: readonly string[];
  /** tighter limits than the built-in ones, by their names */
  readonly limits?: Readonly<Record<string, number>>;
};

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
  /** only the owner when absent */
  readonly readers?: ReaderRules;
  /**
   * whether what merely shows (pictures, sound, film, PDF) may open in the browser, and not only be saved; no
   * when absent
   */
  readonly inline?: boolean;
  /** how long an address to read a file at is valid; five minutes when absent */
  readonly downloadExpiresInSeconds?: number;
  /**
   * what an owner and a tenant may have of its files, beside what holds for all files; no limit when absent
   */
  readonly quota?: QuotaRules;
  /** who has to find a file clean before it is accepted; nobody when absent */
  readonly scanners?: readonly Scanner[];
  /** what becomes of a file into which a scanner cannot look; rejected when absent */
  readonly unscannable?: 'rejected' | 'accepted';
  /** what the scanner `inspection` may find */
  readonly inspection?: InspectionRules;
};
