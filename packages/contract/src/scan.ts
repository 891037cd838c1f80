/** What can judge whether a file does harm, or look inside it. A policy names those that it demands. */
export const SCANNERS = ['inspection', 'clamav', 'guardduty', 'function'] as const;

export type Scanner = (typeof SCANNERS)[number];

/**
 * What a scanner says of a file. `unsupported`: it cannot look into this one, now or later. `failed`: it
 * could not say this time, and is asked again.
 */
export const SCAN_OUTCOMES = ['clean', 'infected', 'unsupported', 'failed'] as const;

export type ScanOutcome = (typeof SCAN_OUTCOMES)[number];

/** What inspection found in a file, by name: small enough to stand in a row and in an event. */
export type Inspection = Readonly<Record<string, boolean | number | string | readonly string[]>>;

/** The very object that is judged: a result counts for this one alone. */
export type ScannedObject = {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  /** absent where the bucket keeps no versions */
  readonly versionId?: string;
  /** without quotes */
  readonly etag: string;
};

/** What a scanner has said of the object that an upload is judged by, as the ledger keeps it. */
export type Scan = {
  readonly outcome: ScanOutcome;
  /** of the object that was judged: a result counts for no other */
  readonly etag: string;
  readonly versionId?: string;
  /** when it was recorded: milliseconds since the epoch */
  readonly at: number;
  /** how often the scanner was asked about this object until it said this */
  readonly attempt: number;
  readonly threats?: readonly string[];
  readonly detail?: string;
};

/** By scanner: absent is one that has said nothing yet. */
export type Scans = { readonly [Name in Scanner]?: Scan };

/** Asks a scanner for its judgement of one object. */
export type ScanRequest = ScannedObject & {
  readonly schema: 1;
  readonly scanner: Scanner;
  /** bytes */
  readonly size: number;
  /** the declared type, which the first bytes have shown */
  readonly contentType: string;
  readonly filename: string;
  readonly policy: string;
  /** 1 for the first time that this scanner is asked about this object */
  readonly attempt: number;
  /** of the request for the upload: carried through every log line */
  readonly correlationId: string;
};

/** What a scanner answers. It may come late, and more than once. */
export type ScanResult = ScannedObject & {
  readonly schema: 1;
  readonly scanner: Scanner;
  /** of the request that this answers; absent where the scanner is not told */
  readonly attempt?: number;
  readonly outcome: ScanOutcome;
  /** what was found in an infected file, by the scanner's own names; at most ten */
  readonly threats?: readonly string[];
  /** for people: why a file is unsupported, or a scan failed */
  readonly detail?: string;
  /** what inspection found */
  readonly inspection?: Inspection;
};
