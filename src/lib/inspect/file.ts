import type { Inspection } from '@sluice/contract/scan';

/** A file as inspection sees it: never on disk, never whole in memory. What its calls throw is a fault. */
export type InspectedFile = {
  /** bytes */
  readonly size: number;
  /** the canonical content type that its first bytes have shown */
  readonly type: string;
  readonly name: string;
  /** exactly the requested bytes, all of which are within the file; at most PIECE_BYTES of them */
  readonly read: (range: { readonly start: number; readonly length: number }) => Promise<Uint8Array>;
  /**
   * The bytes from `start` to `end` (exclusive), in order, in chunks of whatever size they arrive in. One
   * that is lent is good until the next one is asked for, and spares memory.
   */
  readonly stream: (start?: number, end?: number, isLent?: boolean) => AsyncIterable<Uint8Array>;
};

/** The most that is read at once. */
export const PIECE_BYTES = 1024 * 1024;

/** How much of anything a file may have. What goes beyond is not looked at further, and is rejected. */
export type InspectionLimits = {
  /** files and folders of an archive, those of archives inside included */
  readonly entries: number;
  /** bytes of an archive once it is unpacked, those of archives inside included */
  readonly unpackedBytes: number;
  /** how many times larger an archive, or one of its entries, is once it is unpacked */
  readonly ratio: number;
  /** how many archives lie within each other */
  readonly depth: number;
  /** width times height times frames of a picture */
  readonly pixels: number;
  readonly frames: number;
  readonly pages: number;
};

export const INSPECTION_LIMITS: InspectionLimits = {
  entries: 100_000,
  unpackedBytes: 50 * 1024 ** 3,
  ratio: 250,
  depth: 5,
  pixels: 500_000_000,
  frames: 5_000,
  pages: 10_000,
};

/** A limit that a file exceeds, and by what: `found` is where the look inside ended. */
export type Exceeded = {
  readonly limit: keyof InspectionLimits;
  readonly found: number;
  readonly most: number;
};

/** What is inside a file. */
export type Findings = {
  readonly facts: Inspection;
  readonly exceeded?: Exceeded;
  /** why nobody can look into this file, fit to show */
  readonly unsupported?: string;
};

/** Looks into files of some types. Ends early, with what it knows, where a limit is exceeded. */
export type Inspector = (
  file: InspectedFile,
  limits: InspectionLimits,
  signal: AbortSignal,
) => Promise<Findings>;
