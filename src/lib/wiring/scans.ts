import { SCANNERS } from '@sluice/contract/scan';
import { createAskScanners, createReportScan, type ScannerQueues } from '../aws/scan-queues.ts';
import type { Environment } from '../settings.ts';
import type { Scanners } from '../upload/ports.ts';
import { sqs } from './clients.ts';
import { incomingBucket } from './stores.ts';

/** The queues of the scanners that the deployment has, by variables that are empty for the others. */
export function scannerQueues(environment: Environment): ScannerQueues {
  return Object.fromEntries(
    SCANNERS.flatMap((scanner) => {
      const url = environment.optional(`${scanner.toUpperCase()}_QUEUE_URL`);
      return url === undefined ? [] : [[scanner, url] as const];
    }),
  );
}

/** The scanners of the deployment. */
export function scanners(environment: Environment): Scanners {
  const queues = scannerQueues(environment);
  const speed = environment.wholeNumber('SCAN_RETRY_SPEED');
  return {
    configured: new Set(SCANNERS.filter((scanner) => queues[scanner] !== undefined)),
    ask: createAskScanners(environment.once(sqs), queues, speed),
    bucket: incomingBucket(environment),
  };
}

/** Hands in what a scanner says. */
export function reportScan(environment: Environment) {
  return createReportScan(environment.once(sqs), environment.text('SCAN_RESULTS_QUEUE_URL'));
}
