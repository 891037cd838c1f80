import type { Scanner, ScanResult } from '@sluice/contract/scan';

/** Hands in what a scanner says. A repeat is harmless. */
export type ReportScan = (result: ScanResult) => Promise<void>;

/** A policy demands a scanner that the deployment does not have. */
export class NoSuchScanner extends Error {
  override readonly name = 'NoSuchScanner';
  constructor(scanner: Scanner) {
    super(`the scanner ${scanner} is not configured: see docs/scanning.md`);
  }
}
