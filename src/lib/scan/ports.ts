import type { Scanner, ScanRequest, ScanResult } from '@sluice/contract/scan';

/**
 * Asks scanners, at once or after a pause of up to fifteen minutes. A repeat is harmless: it costs another
 * scan.
 * @throws NoSuchScanner before anything is sent
 */
export type SendScanRequests = (requests: readonly ScanRequest[], delaySeconds?: number) => Promise<void>;

/** Hands in what a scanner says. A repeat is harmless. */
export type ReportScan = (result: ScanResult) => Promise<void>;

/** A policy demands a scanner that the deployment does not have. */
export class NoSuchScanner extends Error {
  override readonly name = 'NoSuchScanner';
  constructor(scanner: Scanner) {
    super(`the scanner ${scanner} is not configured: see docs/scanning.md`);
  }
}
