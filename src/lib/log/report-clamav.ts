import type { ScanRequest, ScanResult } from '@sluice/contract/scan';
import { logger } from './logger.ts';
import { count } from './metrics.ts';
import { ofScan } from './of-message.ts';

/** Tells what ClamAV said of a file. */
export function reportJudgement(request: ScanRequest, result: ScanResult, ms: number): void {
  const { versionId, size, contentType, attempt } = request;
  const { outcome, threats, detail } = result;
  const line = {
    ...ofScan(request),
    versionId,
    size,
    contentType,
    attempt,
    outcome,
    threats,
    detail,
    ms,
  };
  if (outcome === 'failed') logger.error('file not scanned, and said to be', line);
  else logger.info('file scanned', line);
  if (outcome === 'failed') count('ScanFaults');
}
