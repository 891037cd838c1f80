import type { ScanResult } from '@sluice/contract/scan';
import type { Upload } from '@sluice/contract/upload';
import { logger } from './logger.ts';
import { count } from './metrics.ts';

const METRICS = {
  clean: 'ScansClean',
  infected: 'ScansInfected',
  unsupported: 'ScansUnsupported',
  failed: 'ScansFailed',
} as const satisfies Record<ScanResult['outcome'], string>;

/** Tells what came of a result: one line, one metric, and one more for an upload that is held or recalled. */
export function reportScan(
  result: ScanResult,
  { kind, upload }: { readonly kind: string; readonly upload?: Upload },
): void {
  const { scanner, uploadId, key, outcome, attempt, threats, detail } = result;
  count(kind === 'ignored' ? 'ScansIgnored' : METRICS[outcome]);
  if (kind === 'held') count('UploadsHeld');
  if (kind === 'recalled') count('UploadsRecalled');
  const line = {
    uploadId,
    key: upload?.key ?? key,
    correlation_id: upload?.correlationId,
    policy: upload?.policy,
    scanner,
    outcome,
    attempt,
    threats,
    detail,
    state: upload?.state,
  };
  if (kind === 'held' || kind === 'recalled') logger.warn(`upload ${kind}`, line);
  else logger.info(`scan ${kind}`, line);
}

/** Tells of a result for an object in a bucket that is not ours. */
export function reportForeign({ bucket, scanner }: ScanResult): void {
  logger.warn('scan of a bucket that is not ours', { bucket, scanner });
  count('ScansIgnored');
}
