/**
 * The most bytes of a file that are sent to clamd, which cannot look into 2 GiB or more. The same as
 * StreamMaxLength, MaxFileSize and MaxScanSize in containers/clamav/clamd.conf, where it says why these three
 * are equal.
 */
export const SCANNABLE_BYTES = 2000 * 1024 ** 2;

/** How long clamd may take. */
export type ClamdPatience = {
  /** until it is connected */
  readonly connectMs: number;
  /** until it takes more of a file's bytes, or answers a question that is not about a file */
  readonly stallMs: number;
  /** from the last byte to the verdict: longer than MaxScanTime in clamd.conf */
  readonly verdictMs: number;
};

/** What a clamd with our own clamd.conf needs at most. */
export const CLAMD_PATIENCE: ClamdPatience = { connectMs: 5_000, stallMs: 30_000, verdictMs: 630_000 };
